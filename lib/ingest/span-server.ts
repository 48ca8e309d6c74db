import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { Span } from '@/lib/model/span'
import { cleanText } from './clean-text'

/** Where a span's call goes: the identity if no workload answers to `candidate`, and the port. */
export interface SpanServer {
  readonly identity: EndpointIdentity
  readonly serverPort: number
  /** A name that may be a Service of this cluster; it is one where a workload of that name is known. */
  readonly candidate?: { readonly namespace: string; readonly name: string }
}

const HTTPS_PORT = 443
/** `svc.ns.svc` and `svc.ns.svc.cluster.local` are Services, whatever is known. */
const SERVICE_HOST = /^([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc(?:\.[a-z0-9.-]+)?$/
const SHORT_HOST = /^([a-z0-9-]{1,63})(?:\.([a-z0-9-]{1,63}))?$/
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0)$/

/**
 * The server end of the edge that a span is drawn on; undefined for calls that stay in the pod. Identities are those of
 * flows, so that a call and its connection land on one edge: an external peer is its host name in lower case.
 */
export function spanServer(span: Span): SpanServer | undefined {
  const { peer } = span
  if (!peer) return undefined
  const host = cleanText((peer.host ?? peer.name).toLowerCase().replace(/\.$/, ''))
  if (host === '' || LOOPBACK.test(host)) return undefined
  // A database that is named by its kind alone has no port that we could know.
  const serverPort = peer.port ?? (peer.namedBy === 'db' ? 0 : HTTPS_PORT)
  const service = SERVICE_HOST.exec(host)
  if (service) {
    const [, name = '', namespace = ''] = service
    return { identity: { class: 'workload', namespace, name }, serverPort }
  }
  const external = { identity: { class: 'external', namespace: '', name: host }, serverPort } as const
  const short = SHORT_HOST.exec(host)
  if (!short) return external
  const [, name = '', namespace = cleanText(span.workload.namespace)] = short
  return { ...external, candidate: { namespace, name } }
}
