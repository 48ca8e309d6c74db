import { MATRIX_BOUNDS, type MatrixCell, type MatrixDoor, type UnverifiedPart } from '@/lib/model/matrix'
import type { PointFinder } from './point-finder'
import { summariseDoor, type WeightedJudgement } from './summarise-door'

const ADDRESSES_SHOWN = 8

/** What a cell says, from the judgements of all its edges: its state by the rule of a door, and the ways out beneath it. */
export type CellSummary = Omit<MatrixCell, 'row' | 'column'>

export function summariseCell(judgements: readonly WeightedJudgement[], pointOf: PointFinder): CellSummary {
  const { state, reason, lean, confidence, counts } = summariseDoor(judgements)
  const doors = doorsOf(judgements, pointOf)
  return {
    state,
    lean,
    counts,
    doors: doors.slice(0, MATRIX_BOUNDS.doors),
    doorsTotal: doors.length,
    unverified: unverifiedOf(judgements),
    ...(reason !== undefined && { reason }),
    ...(confidence && { confidence }),
  }
}

/** By egress point, or by address where it belongs to none. Violating doors first, then the heaviest. */
function doorsOf(judgements: readonly WeightedJudgement[], pointOf: PointFinder): MatrixDoor[] {
  const doors = new Map<
    string,
    MatrixDoor & { addresses: string[]; sanctioned: number; violation: number; seen: number }
  >()
  for (const { judgement, weight } of judgements) {
    const { observedIp, state } = judgement
    if (observedIp === undefined || weight <= 0) continue
    const point = pointOf(observedIp)
    const door = point ?? observedIp
    const known = doors.get(door) ?? {
      door,
      isPoint: point !== undefined,
      addresses: [],
      sanctioned: 0,
      violation: 0,
      seen: 0,
    }
    doors.set(door, known)
    if (!known.addresses.includes(observedIp) && known.addresses.length < ADDRESSES_SHOWN)
      known.addresses.push(observedIp)
    if (state === 'sanctioned' || state === 'violation') known[state] += weight
    else known.seen += weight
  }
  const all = (door: MatrixDoor) => door.sanctioned + door.violation + door.seen
  return [...doors.values()].sort(
    (a, b) => Number(b.violation > 0) - Number(a.violation > 0) || all(b) - all(a) || (a.door < b.door ? -1 : 1),
  )
}

function unverifiedOf(judgements: readonly WeightedJudgement[]): UnverifiedPart[] {
  const parts = new Map<string, UnverifiedPart>()
  for (const { judgement, weight } of judgements) {
    if (judgement.state !== 'unverified' || weight <= 0) continue
    const { reason = 'no_nat_evidence', lean } = judgement
    const key = `${reason} ${lean}`
    parts.set(key, { reason, lean, connections: (parts.get(key)?.connections ?? 0) + weight })
  }
  return [...parts.values()].sort(
    (a, b) => b.connections - a.connections || (`${a.reason} ${a.lean}` < `${b.reason} ${b.lean}` ? -1 : 1),
  )
}
