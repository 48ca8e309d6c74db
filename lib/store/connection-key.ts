import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { DAY_MS } from '@/lib/model/units'

/**
 * How far before a moment a connection that is alive at it can have begun, for every statement that looks for connections by
 * time: it bounds the partitions that are read. What lasts longer is found by its first day; records that come later
 * open a connection of their own (load-open-connections.ts).
 */
export const LONGEST_LIFE_MS = DAY_MS

/** What finds one row of egress_connection: its partition, and its key there. */
export interface ConnectionKey {
  readonly id: string
  readonly dataset: string
  readonly firstMs: number
}

/** Datasets and times of rows: a statement that says them reads the partitions between them and no others. */
export function boundsOf(rows: readonly { readonly dataset: string; readonly firstMs: number }[]): {
  readonly datasets: string[]
  readonly fromMs: number
  readonly toMs: number
} {
  const { fromMs, toMs } = hullOf(rows.map(({ firstMs }) => ({ fromMs: firstMs, toMs: firstMs })))
  return { datasets: [...new Set(rows.map((row) => row.dataset))], fromMs, toMs }
}

/** The stretch that holds all of these. */
export function hullOf(ranges: readonly TimeRange[]): TimeRange {
  return {
    fromMs: ranges.reduce((min, { fromMs }) => Math.min(min, fromMs), Number.MAX_SAFE_INTEGER),
    toMs: ranges.reduce((max, { toMs }) => Math.max(max, toMs), 0),
  }
}

/**
 * Condition that connection `c` is that of row `u(id, f, …)`: by the key, within bounds that the planner sees. Parameters of
 * these numbers: datasets, first and last time.
 */
export const isKeyOf = (datasets: number, fromMs: number, toMs: number): string =>
  `c.id = u.id AND c.first_at = to_timestamp(u.f / 1000.0) AND c.dataset = ANY($${datasets}::text[])
   AND c.first_at BETWEEN to_timestamp($${fromMs}::float8 / 1000) AND to_timestamp($${toMs}::float8 / 1000)`
