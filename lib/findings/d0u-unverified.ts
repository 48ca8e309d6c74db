import { reasonWords } from '@/lib/egress/explain'
import type { DoorSummary, UnverifiedReason } from '@/lib/model/egress'
import { addShown, tellingEdges } from './count-slots'
import { byDoor, type EdgeGroup, groupOf, groupsOf } from './edge-groups'
import type { ClusterDetector, Detection, EdgeFacts, Shown } from './facts'
import { byText, spoken, times } from './finding-words'
import { detection } from './make-detection'

interface UnverifiedEdge extends EdgeFacts {
  readonly door: DoorSummary
  readonly unverified: Shown
}

const isUnverified = (edge: EdgeFacts): edge is UnverifiedEdge =>
  edge.door?.state === 'unverified' &&
  edge.unverified !== undefined &&
  edge.unverified.count > 0 &&
  edge.mode !== 'observe'

/** D0u over the facts of a cluster. Of several edges the one with a lean to violation speaks, else the one with most connections. */
export const d0u: ClusterDetector = {
  id: 'D0u',
  name: 'Unverified AI egress',
  needs: ['flows'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byDoor).flatMap(unverifiedOf),
  isDisproved: (finding, facts) => {
    const judged = groupOf(facts, byDoor, finding)?.edges.filter(({ door }) => door !== undefined) ?? []
    return judged.length > 0 && judged.every(({ door }) => door?.state === 'sanctioned' || door?.state === 'violation')
  },
}

function unverifiedOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const unverified = edges.filter(isUnverified)
  const [speaker] = [...unverified].sort(
    (left, right) =>
      Number(isAccused(right)) - Number(isAccused(left)) ||
      right.unverified.count - left.unverified.count ||
      byText(left.edgeId, right.edgeId),
  )
  const shown = addShown(unverified.map((edge) => edge.unverified))
  if (!speaker || !shown) return []
  return [
    detection({
      workload,
      target,
      severity: isAccused(speaker) ? 'low' : 'info',
      certainty: 'possible',
      title: `${spoken(workload)} → ${spoken(target)}${unverifiedWords(speaker.door)}`,
      facts: [`${times(shown.count, 'connection')} not verified.`],
      disproof: 'Evidence of the last hop, or of the provider, that shows the address by which they left.',
      cause: `unverified:${speaker.door.reason ?? 'unknown'}`,
      edgeIds: tellingEdges(unverified, (edge) => edge.unverified?.count ?? 0),
      shown,
    }),
  ]
}

const isAccused = ({ door }: UnverifiedEdge): boolean => door.lean === 'likely_violation'

function unverifiedWords({ reason, lean }: DoorSummary): string {
  const likely = lean === 'likely_violation' ? ' It is likely a violation.' : ''
  return `: by which address it leaves is not verified, ${because(reason)}.${likely}`
}

function because(reason: UnverifiedReason | 'private_endpoint' | 'internal' | undefined): string {
  if (reason === undefined || reason === 'private_endpoint' || reason === 'internal') return 'and why is not known'
  return `because ${reasonWords(reason)}`
}
