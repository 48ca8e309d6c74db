import type { TimeRange } from '@/lib/model/time-range'
import type { FrameGrid } from '@/lib/model/timeline'
import type { UnixMillis } from '@/lib/model/units'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Lengths of a frame: each holds whole buckets of the grain that it is read at, and a person can say it. */
const STEPS_MS: readonly number[] = [
  15_000,
  30_000,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28].map((days) => days * DAY_MS),
]

/** From when on rows of each grain are kept; -Infinity where nothing is gone. */
export interface OldestRows {
  readonly slots: UnixMillis
  readonly minutes: UnixMillis
  readonly hours: UnixMillis
}

/**
 * The shortest frames, aligned since the Unix epoch, that cut a window into `most` at most, and that what is kept of all of it can tell
 * apart. The first and the last reach over the window's ends to the frame's own. Only a window of many years has frames that are
 * longer than listed.
 */
export function planFrames(window: TimeRange, most: number, kept: OldestRows): FrameGrid {
  const finestMs = window.fromMs < kept.minutes ? HOUR_MS : window.fromMs < kept.slots ? MINUTE_MS : 0
  const fits = (stepMs: number) => stepMs >= finestMs && countOf(window, stepMs) <= most
  const stepMs = STEPS_MS.find(fits) ?? longStepMs(window, most)
  return { fromMs: floorTo(window.fromMs, stepMs), stepMs, count: countOf(window, stepMs) }
}

const longStepMs = ({ fromMs, toMs }: TimeRange, most: number): number =>
  Math.ceil((toMs - fromMs) / Math.max(1, most - 1) / DAY_MS) * DAY_MS

const countOf = ({ fromMs, toMs }: TimeRange, stepMs: number): number =>
  Math.max(1, Math.ceil((toMs - floorTo(fromMs, stepMs)) / stepMs))

const floorTo = (ms: number, step: number): number => Math.floor(ms / step) * step
