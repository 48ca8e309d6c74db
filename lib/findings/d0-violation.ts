import { addressWords, expectedWords } from '@/lib/egress/explain'
import type { DoorSummary } from '@/lib/model/egress'
import { addShown, tellingEdges } from './count-slots'
import { byDoor, type EdgeGroup, groupsOf } from './edge-groups'
import type { ClusterDetector, Detection, EdgeFacts, Shown } from './facts'
import { byText, spoken, times } from './finding-words'
import { detection } from './make-detection'

/** As many addresses tell one cause from another. */
const MAX_CAUSE = 8

interface ViolatingEdge extends EdgeFacts {
  readonly door: DoorSummary & { readonly startupRace?: number }
  readonly violation: Shown
}

const isViolating = (edge: EdgeFacts): edge is ViolatingEdge =>
  edge.door !== undefined && edge.violation !== undefined && edge.violation.count > 0 && edge.mode !== 'observe'

/**
 * D0 over the facts of a cluster. Where every violation is the startup race of an egress gateway it is medium: the gateway's own
 * documents say that new pods leave by the pod's or the node's address until the policy is in place (formats/hubble.md §3.3).
 */
export const d0: ClusterDetector = {
  id: 'D0',
  name: 'Left by another door',
  needs: ['flows', 'nat-evidence'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byDoor).flatMap(violationOf),
}

function violationOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const violating = edges.filter(isViolating)
  const shown = addShown(violating.map(({ violation }) => violation))
  if (!shown) return []
  const addresses = [...new Set(violating.flatMap(({ door }) => door.violatingIps ?? []))]
  const expected = [...new Set(violating.flatMap(({ door }) => door.expected))]
  const isRace = violating.every(({ door }) => door.counts.violation > 0 && isOnlyRace(door))
  const right = sum(violating, ({ door }) => door.counts.sanctioned)
  const open = sum(violating, ({ door }) => door.counts.unverified + door.counts.no_rule)
  const race = isRace ? '; only new pods did, before the egress gateway took them over (startup race)' : ''
  const left = `left by ${addressWords(addresses)}${expectedWords(expected)}`
  return [
    detection({
      workload,
      target,
      severity: isRace ? 'medium' : 'critical',
      certainty: 'fact',
      title: `${spoken(workload)} → ${spoken(target)} ${left}${race}.`,
      facts: [
        `${times(shown.count, 'connection')} proven to have left by ${addressWords(addresses)}.`,
        `${right} proven to have left rightly, ${open} not verified.`,
        ...(isRace ? ['All of them began just after their pod did, and later ones left rightly.'] : []),
      ],
      disproof:
        'A conclusive record of the same connections that shows a sanctioned address, or a rule that allows this one.',
      cause: `door:${[...addresses].sort(byText).slice(0, MAX_CAUSE).join(',') || 'refused'}`,
      edgeIds: tellingEdges(violating, (edge) => edge.violation?.count ?? 0),
      shown,
    }),
  ]
}

const isOnlyRace = ({ startupRace = 0, counts }: ViolatingEdge['door']): boolean => startupRace >= counts.violation

const sum = (edges: readonly ViolatingEdge[], of: (edge: ViolatingEdge) => number): number =>
  edges.reduce((all, edge) => all + of(edge), 0)
