import { countSlots, gotThrough, sumSlots, tellingEdges, total } from './count-slots'
import { byProvider, type EdgeGroup, groupsOf, isOfProvider, type ProviderEdge } from './edge-groups'
import type { ClusterDetector, Detection } from './facts'
import { byText, bytesWords, spoken, times } from './finding-words'
import { detection } from './make-detection'

/** Fewer bytes sent per connection than this are a request without a body and its redirect, not a model call. */
const REDIRECT_BYTES = 2_000
/** Hosts to which keys and prompts are sent. Pages, downloads and what they load carry neither. */
const KEY_ROLES: ReadonlySet<string> = new Set(['inference', 'control', 'data', 'telemetry', 'hub'])

interface Plaintext {
  readonly edge: ProviderEdge
  readonly by: 'l7' | 'span' | 'port'
  readonly severity: Detection['severity']
  readonly isFact: boolean
}

/** D2: a provider is called in plaintext, so its key and the prompts are open to everybody on the way. */
export const d2: ClusterDetector = {
  id: 'D2',
  name: 'Plaintext to a provider',
  needs: [['addresses', 'spans']],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap(plaintextOf),
}

function plaintextOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const found = edges.filter(isOfProvider).flatMap(readEdge).sort(worstFirst)
  const [best] = found
  const shown = countSlots(
    found.map(({ edge }) => edge),
    gotThrough,
  )
  if (!best || !shown) return []
  const { wire, serverPort, server } = best.edge
  const sent = best.edge.slots.reduce((sum, slot) => sum + slot.bytesSent, 0)
  return [
    detection({
      workload,
      target,
      severity: best.severity,
      certainty: best.isFact ? 'fact' : 'possible',
      title: `${spoken(workload)} ${best.isFact ? 'calls' : 'may call'} ${spoken(target)} in plaintext, ${reason(best)}.`,
      facts: [
        `${times(total(shown), 'connection')} to ${spoken(server.provider.host || server.label)}, port ${serverPort}, got through in the last hour.`,
        ...(sent > 0 ? [`${bytesWords(sent)} sent.`] : []),
        ...(wire.httpRequests > 0
          ? [`${times(wire.httpRequests, 'HTTP request')} read by a proxy of the flow log.`]
          : []),
        ...(wire.httpSpans > 0 ? [`${times(wire.httpSpans, 'client span')} with http://.`] : []),
      ],
      disproof: 'Only redirects to https:// on this port, or a sidecar or egress gateway that adds TLS on the way.',
      cause: `plaintext:${server.provider.id}`,
      edgeIds: tellingEdges(
        found.map(({ edge }) => edge),
        (edge) => sumSlots(edge, gotThrough),
      ),
      shown,
    }),
  ]
}

function readEdge(edge: ProviderEdge): Plaintext[] {
  const { server, serverPort, protocol, wire } = edge
  if (!KEY_ROLES.has(server.provider.role) || protocol === 'udp') return []
  const through = sumSlots(edge, gotThrough)
  if (through === 0) return []
  const isTlsPort = serverPort === 443
  const isCertain = server.provider.certain
  // HTTP read on 443 is TLS that the proxy itself ended; a span's http:// to 443 is a sidecar's work to be.
  if (wire.httpRequests > 0 && !isTlsPort)
    return [{ edge, by: 'l7', isFact: isCertain, severity: isCertain ? 'critical' : 'high' }]
  if (wire.httpSpans > 0) {
    const isFact = isCertain && !isTlsPort && !wire.hasMesh
    return [{ edge, by: 'span', isFact, severity: isFact ? 'critical' : 'medium' }]
  }
  if (serverPort !== 80) return []
  return [{ edge, by: 'port', isFact: false, severity: isRedirect(edge, through) ? 'low' : 'medium' }]
}

/** Port 80 with hardly a byte: most likely a redirect to https. Where bytes are not counted nobody can say. */
function isRedirect({ slots }: ProviderEdge, through: number): boolean {
  const sent = slots.reduce((sum, slot) => sum + slot.bytesSent, 0)
  return sent > 0 && sent / through < REDIRECT_BYTES
}

const ORDER = { critical: 0, high: 1, medium: 2, low: 3, info: 4 } as const

const worstFirst = (left: Plaintext, right: Plaintext): number =>
  ORDER[left.severity] - ORDER[right.severity] || byText(left.edge.edgeId, right.edge.edgeId)

function reason({ by, edge, severity }: Plaintext): string {
  if (by === 'l7') return `key and prompts readable: a proxy of the flow log read HTTP on port ${edge.serverPort}`
  if (by === 'span') return 'key and prompts readable: its traces say http://'
  return severity === 'low' ? 'or only be redirected: port 80, and few bytes' : 'since it uses port 80'
}
