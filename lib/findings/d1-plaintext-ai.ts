import { isLoopback } from './addresses'
import { isAiEndpoint, isPlainByDefault } from './ai-peers'
import { countSlots, gotThrough, sumSlots, tellingEdges, total } from './count-slots'
import { byServer, type EdgeGroup, groupsOf } from './edge-groups'
import type { ClusterDetector, Detection, EdgeFacts } from './facts'
import { byText, spoken, times } from './finding-words'
import { detection, lower } from './make-detection'
import { isPlatformNamespace } from './namespaces'

interface Plaintext {
  readonly edge: EdgeFacts
  readonly by: 'l7' | 'span' | 'port'
  readonly isFact: boolean
}

/**
 * D1: an AI endpoint is called in plaintext. HTTP that a proxy read, or a client span with http://, is a fact; a port that is plain by
 * default is possible. A mesh clears spans and ports, and spans with https:// clear ports; what a proxy
 * read is possible then; encryption between nodes lowers.
 */
export const d1: ClusterDetector = {
  id: 'D1',
  name: 'Plaintext to an AI endpoint',
  needs: [['flows', 'spans']],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byServer).flatMap(plaintextOf),
}

function plaintextOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const tls = saysTls(edges)
  const found = edges.flatMap((edge) => readEdge(edge, tls)).sort(strongestFirst)
  const [best] = found
  const shown = countSlots(
    found.map(({ edge }) => edge),
    gotThrough,
  )
  if (!best || !shown) return []
  const { client, server, serverPort, wire } = best.edge
  const isEncrypted = wire.encryptedRecords > 0
  const crosses = client.namespace !== server.namespace
  return [
    detection({
      workload,
      target,
      severity: severityOf(best, crosses, isEncrypted),
      certainty: best.isFact ? 'fact' : 'possible',
      title: `${spoken(workload)} ${best.isFact ? 'calls' : 'may call'} ${spoken(target)} in plaintext: ${reason(best)}.${
        isEncrypted ? ' Encrypted on the wire, plaintext at both ends.' : ''
      }`,
      facts: [
        `${times(total(shown), 'connection')} to port ${serverPort} in the last hour.`,
        ...(wire.httpRequests > 0
          ? [`${times(wire.httpRequests, 'HTTP request')} read by a proxy of the flow log.`]
          : []),
        ...(wire.httpSpans > 0 ? [`${times(wire.httpSpans, 'client span')} with http://.`] : []),
        ...(wire.httpsSpans > 0 ? [`${times(wire.httpsSpans, 'client span')} with https://.`] : []),
        ...(isEncrypted ? [`${times(wire.encryptedRecords, 'record')} carried by encryption between nodes.`] : []),
        ...(wire.hasMesh ? ['A mesh is at one of the ends, so mTLS is possible.'] : []),
        crosses ? 'It crosses namespaces.' : 'It stays in one namespace.',
      ],
      disproof: 'Client spans with https://, TLS seen on the wire, or a mesh that carries this port in mTLS.',
      cause: `endpoint:${server.label}`,
      edgeIds: tellingEdges(
        found.map(({ edge }) => edge),
        (edge) => sumSlots(edge, gotThrough),
      ),
      shown,
    }),
  ]
}

function readEdge(edge: EdgeFacts, isTlsByWord: boolean): Plaintext[] {
  const { client, server, serverPort, protocol, wire } = edge
  const isCaller = client.class === 'workload' || client.class === 'ingress'
  if (!isCaller || !isAiEndpoint(server) || protocol === 'udp') return []
  if (isOnOneHost(edge) || sumSlots(edge, gotThrough) === 0) return []
  const isCertain = server.ai?.certain === true
  if (wire.httpRequests > 0) return [{ edge, by: 'l7', isFact: isCertain && !isTlsByWord && !wire.hasMesh }]
  // Software in a mesh speaks plain to its own sidecar, and says so rightly.
  if (wire.hasMesh) return []
  if (wire.httpSpans > 0) return [{ edge, by: 'span', isFact: isCertain }]
  if (isTlsByWord || !isPlainByDefault(server, serverPort)) return []
  // Scrapes of metrics reach every port in the clear.
  return isPlatformNamespace(client.namespace) ? [] : [{ edge, by: 'port', isFact: false }]
}

/** Spans name the port of the Service and flows that of the pod, so they speak of whatever port of the pair. */
const saysTls = (edges: readonly EdgeFacts[]): boolean =>
  edges.some(({ wire }) => wire.httpsSpans > 0) && edges.every(({ wire }) => wire.httpSpans === 0)

/** Within one workload (one pod, as far as flows tell), or by a loopback address: nothing is on a wire. */
const isOnOneHost = ({ client, server }: EdgeFacts): boolean =>
  client.endpointId === server.endpointId || (server.ips.length > 0 && server.ips.every(isLoopback))

const STRENGTH = { l7: 0, span: 1, port: 2 } as const

const strongestFirst = (left: Plaintext, right: Plaintext): number =>
  Number(right.isFact) - Number(left.isFact) ||
  STRENGTH[left.by] - STRENGTH[right.by] ||
  byText(left.edge.edgeId, right.edge.edgeId)

function severityOf({ edge, by, isFact }: Plaintext, crosses: boolean, isEncrypted: boolean): Detection['severity'] {
  if (isEncrypted || (by === 'port' && !edge.server.ai?.certain)) return 'low'
  const severity = crosses ? 'high' : 'medium'
  return isFact ? severity : lower(severity)
}

function reason({ by, edge }: Plaintext): string {
  if (by === 'l7') return `a proxy of the flow log read HTTP on port ${edge.serverPort}`
  if (by === 'span') return 'its traces say http://'
  return `port ${edge.serverPort} of ${spoken(edge.server.ai?.by ?? 'it')} is plain by default`
}
