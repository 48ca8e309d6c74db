import 'server-only'
import type { FlowCounts } from '@/lib/model/flow'
import type { TimeRange } from '@/lib/model/time-range'
import { HOUR_MS, type UnixMillis } from '@/lib/model/units'
import { COUNTERS } from './bucket-tiers'
import { withSnapshot } from './client'
import { bucketRows, loadBucketState } from './load-bucket-sums'
import { planBuckets } from './plan-buckets'

/** Sums of one variant over one slot. */
export interface SlotSum {
  readonly variantId: string
  readonly startMs: UnixMillis
  readonly counters: FlowCounts & { readonly spans: 0 }
  /** First and last record, to the step of the grain they were read at. */
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** As much as so many slots: beyond it a caller wants sums of a window (load-bucket-sums.ts). */
const MOST_SLOTS = 96

/**
 * Sums per variant and slot of a window that is aligned to slots, whole minutes each: those of the records, at any moment, from
 * minutes that are up to date, else from 15-second rows. Records longer than a minute are kept by the hour: they stand whole in the slot in
 * which the first of their hour began, which can be before the window; not at all where the last
 * of it was before. With `variantIds` of these alone, by their keys. Cost: one row per variant and minute with something in it, per
 * hour where slots are whole hours.
 */
export async function loadSlotSums(
  dataset: string,
  window: TimeRange,
  slotMs: number,
  variantIds?: readonly string[],
): Promise<SlotSum[]> {
  if (variantIds?.length === 0) return []
  const bounded = { fromMs: Math.max(window.fromMs, window.toMs - MOST_SLOTS * slotMs), toMs: window.toMs }
  return withSnapshot(async (client) => {
    const state = await loadBucketState(client, dataset, bounded)
    // Rows of an hour cannot be told apart by shorter slots: all of them are read from minutes.
    const hours = new Set<UnixMillis>(state.changedHours)
    if (slotMs % HOUR_MS !== 0)
      for (let hour = Math.floor(bounded.fromMs / HOUR_MS) * HOUR_MS; hour < bounded.toMs; hour += HOUR_MS)
        hours.add(hour)
    const { sql, values } = bucketRows(dataset, planBuckets(bounded, { ...state, changedHours: hours }), variantIds)
    if (sql === '') return []
    // Sums of a large cluster, which would be sorted on disk within what a session may use by itself.
    await client.query(`SET LOCAL work_mem = '64MB'`)
    const { rows } = await client.query<SlotColumns>({
      text: `SELECT variant_id::text, slot::float8 * ${slotMs}, ${SUMS} FROM (
               SELECT b.*, first_ms / ${slotMs} AS slot FROM (${sql}) b) b GROUP BY variant_id, slot`,
      values,
      rowMode: 'array',
    })
    return rows.map(sumOf).filter(({ lastMs }) => lastMs >= bounded.fromMs)
  })
}

// Exact up to 2^53, and without the cost of numeric, which sums of bigint are.
const SUMS = [...COUNTERS.map((name) => `sum(${name}::float8)`), 'min(first_ms)::float8', 'max(last_ms)::float8'].join(
  ', ',
)

type Sum = number | null
type SlotColumns = [
  id: string,
  startMs: number,
  c: Sum,
  e: Sum,
  r: Sum,
  re: Sum,
  bs: Sum,
  br: Sum,
  firstMs: number,
  lastMs: number,
]

const sumOf = ([id, startMs, c, e, r, re, bs, br, firstMs, lastMs]: SlotColumns): SlotSum => ({
  variantId: id,
  startMs,
  counters: {
    connections: c ?? 0,
    events: e ?? 0,
    requests: r ?? 0,
    requestErrors: re ?? 0,
    spans: 0,
    bytesSent: bs ?? 0,
    bytesReceived: br ?? 0,
  },
  firstMs,
  lastMs,
})
