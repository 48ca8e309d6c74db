import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { SpanServer } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import { cleanText } from './clean-text'

const HTTPS_PORT = 443
/** `svc.ns.svc` and `svc.ns.svc.cluster.local` are Services, whatever is known. */
const SERVICE_HOST = /^([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc(?:\.[a-z0-9.-]+)?$/
const SHORT_HOST = /^([a-z0-9-]{1,63})(?:\.([a-z0-9-]{1,63}))?$/
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|::)$/
const ADDRESS = /^[\d.]+$|:/
const CLUSTER_HOST = /\.(?:local|internal|cluster|svc|lan)$/

/**
 * The other end of the edge that a span's own names give; undefined where it names none. Identities are those of flows, so
 * that a call and its connection land on one edge: an external peer is its host name in lower case. A public host name
 * stays, whatever the socket's address is: a proxy on the way is no destination, and providers are told by host. Names that
 * only this pod can know (loopback) belong to the calling workload. formats: OTLP §3.3 step 3.
 */
export function spanServer(span: Span, client: EndpointIdentity = span.workload): SpanServer | undefined {
  if (span.queue) return queueEnd(span.queue.name, span.queue.does !== 'send')
  const { peer } = span
  if (!peer) return undefined
  const host = cleanText((peer.host ?? peer.name).toLowerCase().replace(/\.$/, ''))
  if (host === '') return undefined
  // A database that is named by its kind alone has no port that we could know.
  const serverPort = peer.port ?? (peer.namedBy === 'db' ? 0 : HTTPS_PORT)
  const isLoopback = LOOPBACK.test(host)
  const isHostless = peer.namedBy === 'db' || (isLoopback && peer.namedBy !== 'peer.service')
  if (peer.database && isHostless)
    return { identity: local('database', client, cleanText(peer.database)), serverPort: peer.port ?? 0 }
  const service = peer.namedBy === 'peer.service' ? cleanText(peer.name.toLowerCase()) : ''
  // A given name says more than an address; beside a host name, the host is what the connection shows too.
  const name = service !== '' && (isLoopback || ADDRESS.test(host)) ? service : host
  if (LOOPBACK.test(name)) return { identity: local('local', client, client.name), serverPort }
  return { ...named(name, client), serverPort, ...addressOf(span, name) }
}

/** The end of an edge through a queue: messages go to it, or come from it. */
export function queueEnd(name: string, isSource: boolean): SpanServer {
  const identity = { class: 'queue', namespace: '', name: cleanText(name) } as const
  return { identity, serverPort: 0, protocol: 'messaging', ...(isSource && { isSource }) }
}

const local = (kind: 'database' | 'local', client: EndpointIdentity, name: string): EndpointIdentity => ({
  class: kind,
  namespace: cleanText(client.namespace),
  name,
})

function named(host: string, client: EndpointIdentity): Pick<SpanServer, 'identity' | 'candidate'> {
  const service = SERVICE_HOST.exec(host)
  if (service) {
    const [, name = '', namespace = ''] = service
    return { identity: { class: 'workload', namespace, name } }
  }
  const external = { identity: { class: 'external', namespace: '', name: host } } as const
  const short = SHORT_HOST.exec(host)
  if (!short) return external
  const [, name = '', namespace = cleanText(client.namespace)] = short
  return { ...external, candidate: { namespace, name } }
}

/** The address whose holder is the callee, where the name does not say itself that it is outside. */
function addressOf({ peer }: Span, name: string): Pick<SpanServer, 'address'> {
  const isInside = ADDRESS.test(name) || SHORT_HOST.test(name) || CLUSTER_HOST.test(name) || SERVICE_HOST.test(name)
  return peer?.ip && isInside && !LOOPBACK.test(peer.ip) ? { address: peer.ip } : {}
}
