import type { FindingTally } from '@/lib/model/finding'
import type { UnixMillis } from '@/lib/model/units'
import { type DetectionCount, LOOK_BACK_MS, SLOT_MS } from './facts'

/**
 * Slots are kept one by one for twice as long as detectors look back: until then a late record, or a replica that looks a little
 * later, can still tell more of one. Then they are only added up.
 */
export const KEPT_SLOTS_MS = 2 * LOOK_BACK_MS

const NOTHING: FindingTally = { before: 0, base: 0, foldedMs: 0, slots: [] }

/** The count of a finding that begins now. `before`: what earlier findings of the same key counted, which a total still holds. */
export function beginTally(shown: DetectionCount, before: number, nowMs: UnixMillis): FindingTally {
  return addToTally({ ...NOTHING, before: shown.kind === 'total' ? before : 0 }, shown, nowMs)
}

/**
 * Takes what a detection counts into a tally. Of each slot the most that anybody saw counts, so looking again, in any order and on any
 * replica, adds nothing. A total is kept by the finding's own count (`countOf`).
 */
export function addToTally(tally: FindingTally, shown: DetectionCount, nowMs: UnixMillis): FindingTally {
  if (shown.kind === 'total') return tally
  const slots = new Map(tally.slots.map(({ startMs, count }) => [startMs, count]))
  for (const { startMs, count } of shown.slots)
    if (startMs >= tally.foldedMs) slots.set(startMs, Math.max(slots.get(startMs) ?? 0, count))
  const foldedMs = Math.max(tally.foldedMs, Math.floor((nowMs - KEPT_SLOTS_MS) / SLOT_MS) * SLOT_MS)
  const sorted = [...slots].map(([startMs, count]) => ({ startMs, count })).sort((a, b) => a.startMs - b.startMs)
  const gone = sorted.filter(({ startMs }) => startMs < foldedMs)
  return {
    ...tally,
    base: tally.base + sum(gone),
    foldedMs,
    slots: sorted.filter(({ startMs }) => startMs >= foldedMs),
  }
}

/** What a finding counts in all, with what a detection shows now. Never less than it counted before. */
export function countOf(tally: FindingTally, shown: DetectionCount, known: number): number {
  const count = shown.kind === 'total' ? shown.count - tally.before : tally.base + sum(tally.slots)
  return Math.max(known, count)
}

const sum = (slots: FindingTally['slots']): number => slots.reduce((all, { count }) => all + count, 0)
