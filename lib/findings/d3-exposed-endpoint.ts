import { isAddress, isOutside } from './addresses'
import { isAiEndpoint } from './ai-peers'
import { countSlots, passed, sumSlots, tellingEdges, total } from './count-slots'
import { type EdgeGroup, groupsOf, type PairOf } from './edge-groups'
import type { ClusterDetector, Detection, EdgeFacts } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection, lower } from './make-detection'
import { isGatewayNamespace } from './namespaces'

/** Ray's dashboard: whoever reaches it submits jobs. */
const RAY = { signature: 'kuberay', port: 8265 } as const

/** One finding per endpoint, whoever of the internet called: callers are without number. */
const byEndpoint: PairOf = ({ server }) =>
  isAiEndpoint(server) ? { workload: server.label, target: 'internet' } : undefined

/** D3: an AI endpoint is reached from outside the cluster, not through a gateway. */
export const d3: ClusterDetector = {
  id: 'D3',
  name: 'AI endpoint exposed outside',
  needs: ['flows'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byEndpoint).flatMap(exposureOf),
}

function exposureOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const outside = edges.filter((edge) => comesFromOutside(edge) !== 'no')
  const shown = countSlots(outside, passed)
  const [first] = outside
  if (!first || !shown) return []
  const proven = outside.filter((edge) => comesFromOutside(edge) === 'proven' && sumSlots(edge, passed) > 0)
  const isFact = proven.length > 0 && first.server.ai?.certain === true
  const isRay = outside.some(({ server, serverPort }) => server.ai?.by === RAY.signature && serverPort === RAY.port)
  const worst = isRay ? 'critical' : 'high'
  const sources = proven.flatMap(({ client }) => addressesOf(client).filter(isOutside))
  const from = sources.length > 0 ? `, by ${listed(sources)}` : ''
  return [
    detection({
      workload,
      target,
      severity: isFact ? worst : lower(worst),
      certainty: isFact ? 'fact' : 'possible',
      title: `${spoken(workload)} ${isFact ? 'is' : 'may be'} reached from the internet${from}, not through a gateway${
        isRay ? '; port 8265 of Ray runs jobs for whoever reaches it' : ''
      }.`,
      facts: [
        `${times(total(shown), 'connection')} from outside got through in the last hour.`,
        `Ports reached: ${listed(outside.map(({ serverPort }) => String(serverPort)))}.`,
        `Known as ${spoken(first.server.ai?.by ?? 'AI software')}${first.server.ai?.certain ? '' : ', likely'}.`,
        ...(proven.length === 0 ? ['The flow log tells no address of the caller: it may be a private one.'] : []),
      ],
      disproof: 'The callers are private addresses, health checks of a load balancer, or a gateway that authenticates.',
      cause: `endpoint:${workload}`,
      edgeIds: tellingEdges(outside, (edge) => sumSlots(edge, passed)),
      shown,
    }),
  ]
}

/**
 * Calls of pods, nodes and ingress controllers are from inside. Where the source tells no address (`pub` of Calico holds private
 * ranges too) the caller is possibly outside. An endpoint in a gateway's namespace is the front door itself.
 */
function comesFromOutside({ client, server }: EdgeFacts): 'proven' | 'possible' | 'no' {
  if (client.class !== 'external' && client.class !== 'internet') return 'no'
  if (isGatewayNamespace(server.namespace)) return 'no'
  const addresses = addressesOf(client)
  if (addresses.length === 0) return 'possible'
  return addresses.some(isOutside) ? 'proven' : 'no'
}

const addressesOf = ({ ips, name }: EdgeFacts['client']): readonly string[] =>
  ips.length === 0 && isAddress(name) ? [name] : ips
