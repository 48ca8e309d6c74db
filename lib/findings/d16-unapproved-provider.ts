import { countSlots, gotThrough, passed, sumSlots, tellingEdges, total } from './count-slots'
import { byProvider, type EdgeGroup, groupOf, groupsOf, isOfProvider } from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'

/** D16: a provider that must not be reached at all was. What a policy stopped is D6: it works. */
export const d16: ClusterDetector = {
  id: 'D16',
  name: 'Unapproved provider reached',
  needs: [['addresses', 'spans']],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap((group) => reachOf(group, facts)),
  // It was approved since.
  isDisproved: (finding, facts) => {
    const edges = groupOf(facts, byProvider, finding)?.edges.filter(isOfProvider) ?? []
    return edges.length > 0 && edges.every(({ server }) => !facts.deniedProviders.has(server.provider.id))
  },
}

function reachOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const reached = edges
    .filter(isOfProvider)
    .filter((edge) => facts.deniedProviders.has(edge.server.provider.id) && sumSlots(edge, gotThrough) > 0)
  const [first] = reached
  const shown = countSlots(reached, gotThrough)
  if (!first || !shown) return []
  const isFact = reached.some((edge) => edge.server.provider.certain && sumSlots(edge, passed) > 0)
  return [
    detection({
      workload,
      target,
      severity: isFact ? 'high' : 'medium',
      certainty: isFact ? 'fact' : 'possible',
      title: `${spoken(workload)} ${isFact ? 'reaches' : 'may reach'} ${spoken(target)}, which is not an approved provider.`,
      facts: [
        `${times(total(shown), 'connection')} to ${listed(reached.map(({ server }) => server.provider.host || server.label))} got through in the last hour.`,
        ...(isFact
          ? []
          : ['The host is not an API of the provider alone, its names disagree, or only traces tell of it.']),
      ],
      disproof: 'Another name of the same address that the workload asked for, or the approval of the provider.',
      cause: `provider:${first.server.provider.id}`,
      edgeIds: tellingEdges(reached, (edge) => sumSlots(edge, gotThrough)),
      shown,
    }),
  ]
}
