import type { DoorState, Judgement } from './egress'
import type { TimeRange } from './time-range'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMillis } from './units'

/** How far back a panel's history goes, and how long one bar of it is. */
export const HISTORY_SPANS = {
  '24h': { spanMs: DAY_MS, slotMs: 15 * MINUTE_MS, words: '24 h' },
  '7d': { spanMs: 7 * DAY_MS, slotMs: 2 * HOUR_MS, words: '7 days' },
} as const
export type HistorySpan = keyof typeof HISTORY_SPANS

export interface HistorySlot {
  readonly startMs: UnixMillis
  /** Connections and requests that passed; records seen where none was counted. */
  readonly passed: number
  readonly denied: number
}

/** A connection that was judged otherwise than before, when, and how. */
export interface DoorChange {
  readonly edgeId: string
  readonly atMs: UnixMillis
  readonly connection: string
  readonly from: DoorState
  readonly to: DoorState
  readonly reason?: Judgement['reason']
  readonly observedIp?: string
}

/** What was seen of an edge, or of all edges of a node, over a stretch that ends with the window. */
export interface PanelHistory {
  /** Whole slots. */
  readonly range: TimeRange
  readonly slotMs: number
  /** Every slot in order, also those in which nothing was seen. */
  readonly slots: readonly HistorySlot[]
  /** As far as is remembered (live data) or kept; absent where nothing was seen. */
  readonly firstMs?: UnixMillis
  /** Last record in the stretch. */
  readonly lastMs?: UnixMillis
  /** Newest first, at most 50, of the newest 2,000 judged connections. */
  readonly doorChanges: readonly DoorChange[]
  readonly doorChangesTotal: number
}
