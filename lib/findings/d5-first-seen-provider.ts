import { isAddress } from './addresses'
import { workloadsOf } from './ai-peers'
import { countSlots, gotThrough, passed, sumSlots, tellingEdges, total } from './count-slots'
import { byProvider, type EdgeGroup, groupsOf, isOfProvider, type ProviderEdge } from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection, EdgeFacts } from './facts'
import { listed, spoken, times } from './finding-words'
import { firstToProviderMs, HOUR_MS, hasLearned, isNew } from './learning'
import { detection } from './make-detection'

/** Hosts that are the vendor's, and no use of the provider. */
const BYSTANDERS: ReadonlySet<string> = new Set(['ui', 'cdn', 'app'])

/** D5: a workload reaches a provider that it never reached before. */
export const d5: ClusterDetector = {
  id: 'D5',
  name: 'First-seen provider',
  needs: [['addresses', 'spans']],
  isLearning: true,
  detect: (facts) =>
    hasLearned(facts) ? groupsOf(facts, byProvider).flatMap((group) => newcomerOf(group, facts)) : [],
}

function newcomerOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const used = edges.filter(isUse)
  const [first] = used
  const shown = countSlots(used, gotThrough)
  if (!first || !shown || !isFirstUse(edges, facts)) return []
  const isNewWorkload = isByNewWorkload(edges, facts)
  const isDenied = facts.deniedProviders.has(first.server.provider.id)
  const isFact = used.some((edge) => edge.server.provider.certain && sumSlots(edge, passed) > 0)
  const subject = isNewWorkload ? `${spoken(workload)}, a new workload,` : spoken(workload)
  return [
    detection({
      workload,
      target,
      severity: isDenied ? 'medium' : isNewWorkload ? 'info' : 'low',
      certainty: isFact ? 'fact' : 'possible',
      title: `${subject} ${isFact ? 'reaches' : 'possibly reaches'} ${spoken(target)} for the first time.`,
      facts: [
        `${times(total(shown), 'connection')} in the last hour, none in the days before.`,
        `Hosts: ${listed(used.map(({ server }) => server.provider.host || server.label))}.`,
        ...(isNewWorkload ? ['The workload itself was first seen within the same hour.'] : []),
        ...(isDenied ? ['The provider is not approved.'] : []),
      ],
      disproof: 'An earlier call of the workload to this provider, from before the flow log began or by another name.',
      cause: `provider:${first.server.provider.id}`,
      edgeIds: tellingEdges(used, (edge) => sumSlots(edge, gotThrough)),
      shown,
    }),
  ]
}

const isUse = (edge: EdgeFacts): edge is ProviderEdge =>
  isOfProvider(edge) &&
  edge.client.class === 'workload' &&
  !BYSTANDERS.has(edge.server.provider.role) &&
  sumSlots(edge, gotThrough) > 0

/** The workload itself was first seen within the hour before its first call: then all that it calls is new. */
export function isByNewWorkload(edges: readonly EdgeFacts[], facts: ClusterFacts): boolean {
  const since = workloadsOf(facts).get(edges[0]?.client.endpointId ?? '')?.firstEverMs
  return since !== undefined && firstToProviderMs(edges) - since < HOUR_MS
}

/**
 * True where no edge to the provider is older than the look-back. A server known by its address alone has a new edge per address,
 * which is no news by itself.
 */
export function isFirstUse(edges: readonly EdgeFacts[], facts: ClusterFacts): boolean {
  if (!hasLearned(facts) || !isNew(facts, firstToProviderMs(edges))) return false
  return edges.some(({ server, providerFirstEverMs }) => providerFirstEverMs !== undefined || !isAddress(server.name))
}
