import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'

const SLOT_MS = 15_000
const MINUTE_MS = 60_000
const HOUR_MS = 3600_000

/** What a snapshot says about which coarse buckets may be believed, and which fine ones are still there. */
export interface BucketState {
  /** Starts of minutes and hours that changed since they were added up. */
  readonly changedMinutes: ReadonlySet<UnixMillis>
  readonly changedHours: ReadonlySet<UnixMillis>
  /** Rows of these grains from before are gone by retention; -Infinity where nothing is. */
  readonly floor15sMs: UnixMillis
  readonly floor1mMs: UnixMillis
}

/** Which rows a window reads: every record of it exactly once. Ranges are half-open, aligned to their grain, in time order. */
export interface BucketPlan {
  /** Hours, all rows of the 1 h table: what came in as hours, and what was added up. */
  readonly hours: readonly TimeRange[]
  /** Minutes, all rows of the 1 min table. */
  readonly minutes: readonly TimeRange[]
  readonly slots: readonly TimeRange[]
  /** Hours that are read from finer rows: of the 1 h table only what came in as hours. */
  readonly directHours: readonly TimeRange[]
  /** Minutes that are read as 15-second rows: of the 1 min table only what came in as minutes. */
  readonly directMinutes: readonly TimeRange[]
}

/** Pieces of one grain that a query reads one by one, about; more are read from the finer grain in one piece. */
const MOST_PIECES = 24

/**
 * Picks the coarsest buckets that lie in the window whole and are up to date, and stitches the rest from finer ones: both edges,
 * and what changed since it was added up. A bucket counts where it overlaps the window. Where the fine rows are gone, the
 * coarse bucket that reaches over the window's edge counts whole. Cost: the window's hours, and minutes of those not taken.
 */
export function planBuckets(window: TimeRange, state: BucketState): BucketPlan {
  const from = floorTo(window.fromMs, SLOT_MS)
  const to = ceilTo(window.toMs, SLOT_MS)
  if (to <= from) return { hours: [], minutes: [], slots: [], directHours: [], directMinutes: [] }
  const dirtyHours = new Set(state.changedHours)
  for (const minute of state.changedMinutes) dirtyHours.add(floorTo(minute, HOUR_MS))
  const byHour = split({ fromMs: from, toMs: to }, HOUR_MS, dirtyHours, state.floor1mMs, MOST_PIECES)
  const mostOfEach = Math.floor(MOST_PIECES / Math.max(1, byHour.rest.length))
  const pieces = byHour.rest.map((rest) => split(rest, MINUTE_MS, state.changedMinutes, state.floor15sMs, mostOfEach))
  const minutes = joined(pieces.flatMap((piece) => piece.taken))
  const slots = joined(pieces.flatMap((piece) => piece.rest))
  return {
    hours: byHour.taken,
    minutes,
    slots,
    directHours: widened(byHour.rest, HOUR_MS),
    directMinutes: widened(slots, MINUTE_MS),
  }
}

/**
 * The state with every bucket of the window taken as changed that a step of `stepMs`, a multiple of 15 s, is not made of: rows of a
 * coarser one cannot be told apart by steps.
 */
export function notCoarserThan(stepMs: number, window: TimeRange, state: BucketState): BucketState {
  const withAll = (changed: ReadonlySet<UnixMillis>, grainMs: number) =>
    stepMs % grainMs === 0 ? changed : new Set([...changed, ...startsIn(window, grainMs)])
  return {
    ...state,
    changedMinutes: withAll(state.changedMinutes, MINUTE_MS),
    changedHours: withAll(state.changedHours, HOUR_MS),
  }
}

function startsIn({ fromMs, toMs }: TimeRange, grainMs: number): UnixMillis[] {
  const first = Math.floor(fromMs / grainMs)
  return Array.from({ length: Math.ceil(toMs / grainMs) - first }, (_, n) => (first + n) * grainMs)
}

/** Cuts a range into buckets of `grainMs` that may be taken whole, and what is left for the finer grain. */
function split(
  range: TimeRange,
  grainMs: number,
  changed: ReadonlySet<UnixMillis>,
  finerFloorMs: UnixMillis,
  mostPieces: number,
): { taken: TimeRange[]; rest: TimeRange[] } {
  const taken: TimeRange[] = []
  const rest: TimeRange[] = []
  for (let start = floorTo(range.fromMs, grainMs); start < range.toMs; start += grainMs) {
    const end = start + grainMs
    const isWhole = start >= range.fromMs && end <= range.toMs
    const isOnlyOne = start < finerFloorMs
    if (isOnlyOne || (isWhole && !changed.has(start))) append(taken, { fromMs: start, toMs: end })
    else append(rest, { fromMs: Math.max(start, range.fromMs), toMs: Math.min(end, range.toMs) })
  }
  return taken.length > Math.max(2, mostPieces) ? inOnePiece(taken, range) : { taken, rest }
}

/** Many scattered changes: from the first to the last of them everything comes from the finer grain, so that queries stay short. */
function inOnePiece(taken: readonly TimeRange[], range: TimeRange): { taken: TimeRange[]; rest: TimeRange[] } {
  // What has no finer rows any more is at the beginning.
  const head = taken.filter(({ fromMs }) => fromMs <= range.fromMs)
  const tail = taken.filter(({ toMs }) => toMs >= range.toMs)
  return {
    taken: [...head, ...tail],
    rest: [{ fromMs: head[0]?.toMs ?? range.fromMs, toMs: tail[0]?.fromMs ?? range.toMs }],
  }
}

function append(ranges: TimeRange[], next: TimeRange): void {
  const last = ranges.at(-1)
  if (last && last.toMs === next.fromMs) ranges[ranges.length - 1] = { fromMs: last.fromMs, toMs: next.toMs }
  else ranges.push(next)
}

function joined(ranges: readonly TimeRange[]): TimeRange[] {
  const result: TimeRange[] = []
  for (const range of ranges) append(result, range)
  return result
}

/** The ranges, grown outwards to whole buckets; those that come to overlap are one. */
function widened(ranges: readonly TimeRange[], grainMs: number): TimeRange[] {
  const result: TimeRange[] = []
  for (const { fromMs, toMs } of ranges) {
    const next = { fromMs: floorTo(fromMs, grainMs), toMs: ceilTo(toMs, grainMs) }
    const last = result.at(-1)
    if (last && next.fromMs <= last.toMs)
      result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, next.toMs) }
    else result.push(next)
  }
  return result
}

const floorTo = (ms: number, grainMs: number): number => Math.floor(ms / grainMs) * grainMs
const ceilTo = (ms: number, grainMs: number): number => Math.ceil(ms / grainMs) * grainMs
