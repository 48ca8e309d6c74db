import { collapsed, countSlots, denied, passed, sumSlots, tellingEdges, total } from './count-slots'
import { isByNewWorkload, isFirstUse } from './d5-first-seen-provider'
import { byProvider, type EdgeGroup, groupsOf, isOfProvider } from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection } from './facts'
import { spoken, times } from './finding-words'
import { detection } from './make-detection'

/** Denied in this many quarters of the last hour: somebody keeps trying. */
const REPEATS = 3

/** D6: a policy stopped calls to a provider. Good news; medium only where it goes on, or where the provider is a new one. */
export const d6: ClusterDetector = {
  id: 'D6',
  name: 'Denied egress to a provider',
  needs: ['flows', 'addresses'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap((group) => denialOf(group, facts)),
}

function denialOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const stopped = edges.filter(isOfProvider).filter((edge) => sumSlots(edge, denied) > 0)
  const [first] = stopped
  const attempts = countSlots(stopped, denied)
  if (!first || !attempts) return []
  const isRepeated = attempts.slots.length >= REPEATS
  const isNewcomer = isFirstUse(edges, facts) && !isByNewWorkload(edges, facts)
  const through = edges.reduce((sum, edge) => sum + sumSlots(edge, passed), 0)
  const isFact = stopped.some(({ server }) => server.provider.certain)
  const more = isRepeated ? ', and it keeps trying' : isNewcomer ? ', which it never called before' : ''
  return [
    detection({
      workload,
      target,
      severity: isRepeated || isNewcomer ? 'medium' : 'info',
      certainty: isFact ? 'fact' : 'possible',
      title: `A policy stopped ${spoken(workload)} from ${isFact ? 'reaching' : 'possibly reaching'} ${spoken(target)}${more}.`,
      facts: [
        `${times(total(attempts), 'denied attempt')} in ${times(attempts.slots.length, 'quarter')} of the last hour.`,
        through > 0
          ? `${times(through, 'connection')} to the provider got through all the same.`
          : 'Nothing got through.',
      ],
      disproof: 'Flow records of the same connections that were allowed.',
      cause: `provider:${first.server.provider.id}`,
      edgeIds: tellingEdges(stopped, (edge) => sumSlots(edge, denied)),
      shown: collapsed(attempts),
    }),
  ]
}
