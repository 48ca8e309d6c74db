import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { DAY_MS } from '@/lib/model/units'
import { compareText } from './row-order'

/**
 * How far before a moment a connection that is alive at it can have begun, for every statement that looks for connections by
 * time: it bounds the partitions that are read. What lasts longer is found by its first day; records that come later
 * open a connection of their own (load-open-connections.ts).
 */
export const LONGEST_LIFE_MS = DAY_MS

/**
 * Rows by dataset, in the order of its name. A statement is about one: only with `dataset = …` beside bounds of time does the
 * planner leave out partitions (`= ANY` it does not see through).
 */
export function byDataset<T extends { readonly dataset: string }>(rows: readonly T[]): [dataset: string, rows: T[]][] {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.dataset)
    if (group) group.push(row)
    else groups.set(row.dataset, [row])
  }
  return [...groups].sort(([a], [b]) => compareText(a, b))
}

/** The stretch that holds all of these. */
export function hullOf(ranges: readonly TimeRange[]): TimeRange {
  return {
    fromMs: ranges.reduce((min, { fromMs }) => Math.min(min, fromMs), Number.MAX_SAFE_INTEGER),
    toMs: ranges.reduce((max, { toMs }) => Math.max(max, toMs), 0),
  }
}

/** The stretch that holds the beginnings of all of these. */
export const beginningsOf = (rows: readonly { readonly firstMs: number }[]): TimeRange =>
  hullOf(rows.map(({ firstMs }) => ({ fromMs: firstMs, toMs: firstMs })))

/** Condition that connection, or history, `row` lies in the partitions of a dataset and stretch: numbers of three parameters. */
export const isWithin = (row: string, dataset: number, fromMs: number, toMs: number): string =>
  `${row}.dataset = $${dataset} AND ${row}.first_at BETWEEN to_timestamp($${fromMs}::float8 / 1000) AND to_timestamp($${toMs}::float8 / 1000)`

/** Condition that connection `c` is that of row `u(id, f, …)`, by its key; numbers of parameters as of `isWithin`. */
export const isKeyOf = (dataset: number, fromMs: number, toMs: number): string =>
  `c.id = u.id AND c.first_at = to_timestamp(u.f / 1000.0) AND ${isWithin('c', dataset, fromMs, toMs)}`
