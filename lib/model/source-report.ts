import type { Collector } from './collector'
import type { SourceCoverage } from './coverage'
import type { RejectReason } from './decoded'
import type { Millis, UnixMillis } from './units'

/** A loss that a source declared, as the sources page lists it. */
export interface SourceGap {
  readonly node?: string
  /** In the source's words: `HUBBLE_RING_BUFFER`. */
  readonly reason: string
  readonly atMs: UnixMillis
  readonly endMs?: UnixMillis
  /** Records lost; absent = not told. */
  readonly lost?: number
}

/** What the minutes of receipt tell of a source beside its coverage. */
export interface SourceActivity {
  /** Begin of the minute in which it was first heard. */
  readonly firstReceivedMs: UnixMillis
  /** Records received per second, whatever became of them, over the last five minutes. */
  readonly recordsPerSecond: number
  /** How far the newest record lay behind the last receipt of its minute; absent without a record. */
  readonly lagMs?: Millis
  /** The newest of the window, at most five, newest first. */
  readonly gaps: readonly SourceGap[]
}

/** One line of the sources page. */
export interface SourceLine extends Omit<SourceCoverage, 'rejects'>, SourceActivity {
  /** By reason, most frequent first, each with how to fix the sender. */
  readonly rejects: readonly { readonly reason: RejectReason; readonly count: number; readonly hint: string }[]
}

/** Every way in and what it told: sources by what arrived, collectors by what they say of themselves. */
export interface SourceReport {
  readonly nowMs: UnixMillis
  /** Counts are of what was received from here on. */
  readonly fromMs: UnixMillis
  readonly sources: readonly SourceLine[]
  readonly collectors: readonly Collector[]
}
