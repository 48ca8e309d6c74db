import { countSlots, type SlotCount, sumSlots, tellingEdges, total } from './count-slots'
import { byProvider, type EdgeGroup, groupsOf, isOfProvider } from './edge-groups'
import type { ClusterDetector, Detection } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'

const refused: SlotCount = (slot) => slot.refused

/**
 * D11: the provider refused the address by which a workload called (formats/nat-evidence.md, A2). In a span it is the workload's word:
 * it may accuse, so it opens this finding, and it proves no door.
 */
export const d11: ClusterDetector = {
  id: 'D11',
  name: 'Address refused by the provider',
  needs: ['spans'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap(refusalOf),
}

function refusalOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const turnedAway = edges.filter(isOfProvider).filter((edge) => sumSlots(edge, refused) > 0)
  const [first] = turnedAway
  const shown = countSlots(turnedAway, refused)
  if (!first || !shown) return []
  const seen = turnedAway.flatMap(({ door }) => door?.observedIps ?? [])
  return [
    detection({
      workload,
      target,
      severity: 'high',
      certainty: 'possible',
      title: `${spoken(target)} refuses the address by which ${spoken(workload)} calls, as its traces say; its calls fail.`,
      facts: [
        `${times(total(shown), 'call')} answered with the provider's refusal of the source address in the last hour.`,
        seen.length > 0 ? `It was seen to leave by ${listed(seen)}.` : 'By which address it leaves is not known.',
      ],
      disproof: "The provider's own log, or a gateway's, that shows these calls accepted.",
      cause: `refused:${first.server.provider.id}`,
      edgeIds: tellingEdges(turnedAway, (edge) => sumSlots(edge, refused)),
      shown,
    }),
  ]
}
