import { addShown, countSlots, type SlotCount, sumSlots, tellingEdges } from './count-slots'
import { byDoor, type EdgeGroup, groupsOf } from './edge-groups'
import type { ClusterDetector, Detection, DetectionCount, EdgeFacts } from './facts'
import { byText, listed, spoken, times } from './finding-words'
import { detection } from './make-detection'

/** Drops of Cilium's egress gateway: no node matches (194), or the node has no address to give (204). */
const REASONS: Readonly<Record<string, string>> = {
  NO_EGRESS_GATEWAY: 'no node of the egress gateway matches',
  DROP_NO_EGRESS_GATEWAY: 'no node of the egress gateway matches',
  NO_EGRESS_IP: 'the egress gateway has no address to give',
  DROP_NO_EGRESS_IP: 'the egress gateway has no address to give',
}
const dropped: SlotCount = (slot) => slot.dropped

/** D15: an egress gateway drops what it should carry. Enforced but broken: nothing leaves, by whatever door. */
export const d15: ClusterDetector = {
  id: 'D15',
  name: 'Egress rule broken',
  needs: ['flows'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byDoor).flatMap(breakageOf),
}

function breakageOf({ workload, target, edges }: EdgeGroup): Detection[] {
  const broken = edges.filter(isBroken)
  const shown = countOf(broken)
  if (!shown) return []
  const count = shown.kind === 'total' ? shown.count : shown.slots.reduce((sum, slot) => sum + slot.count, 0)
  const reasons = [...new Set(broken.flatMap(reasonsOf))].sort(byText)
  const expected = [...new Set(broken.flatMap(({ door }) => door?.expected ?? []))].sort(byText)
  const words = [...new Set(reasons.map((reason) => REASONS[reason] ?? reason))]
  const why = words.length > 0 ? words.join(', or ') : 'the egress gateway has no node or no address'
  return [
    detection({
      workload,
      target,
      severity: 'high',
      certainty: 'fact',
      title: `${spoken(workload)} → ${spoken(target)} is dropped at the egress gateway: ${why}.`,
      facts: [
        `${times(count, 'connection')} dropped; nothing of them left.`,
        ...(reasons.length > 0 ? [`Cilium's reason: ${listed(reasons)}.`] : []),
        ...(expected.length > 0 ? [`It must leave by ${listed(expected)}.`] : []),
      ],
      disproof: 'Connections of the same workload that leave by the egress gateway again.',
      cause: `gateway-broken:${expected.slice(0, 8).join(',') || reasons.join(',') || 'unknown'}`,
      edgeIds: tellingEdges(broken, (edge) => edge.broken?.count ?? sumSlots(edge, dropped)),
      shown,
    }),
  ]
}

const reasonsOf = ({ variants }: EdgeFacts): string[] =>
  variants.flatMap(({ outcome, dropReason }) =>
    outcome === 'dropped' && dropReason !== undefined && Object.hasOwn(REASONS, dropReason) ? [dropReason] : [],
  )

/** Judged to be, or dropped by the gateway's reasons and no other: drops are counted together, whatever their reason. */
function isBroken(edge: EdgeFacts): boolean {
  if (edge.broken) return edge.broken.count > 0
  const drops = edge.variants.filter(({ outcome }) => outcome === 'dropped')
  return drops.length > 0 && reasonsOf(edge).length === drops.length
}

/** Judged connections are on record in total; where none is judged (no provider), slots are counted. */
function countOf(broken: readonly EdgeFacts[]): DetectionCount | undefined {
  return addShown(broken.flatMap((edge) => edge.broken ?? [])) ?? countSlots(broken, dropped)
}
