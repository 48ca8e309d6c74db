import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { type BucketSum, bucketSumOf, SUMS, type SumColumns } from './bucket-sum-columns'
import { withSnapshot } from './client'
import { bucketRows, loadBucketState } from './load-bucket-sums'
import { notCoarserThan, planBuckets } from './plan-buckets'

/** Sums of one variant over one slot. */
export interface SlotSum extends BucketSum {
  readonly variantId: string
  readonly startMs: UnixMillis
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
    const plan = planBuckets(bounded, notCoarserThan(slotMs, bounded, state))
    const { sql, values } = bucketRows(dataset, plan, variantIds)
    if (sql === '') return []
    // Sums of a large cluster, which would be sorted on disk within what a session may use by itself.
    await client.query(`SET LOCAL work_mem = '64MB'`)
    const { rows } = await client.query<[id: string, startMs: number, ...SumColumns]>({
      text: `SELECT variant_id::text, slot::float8 * ${slotMs}, ${SUMS} FROM (
               SELECT b.*, first_ms / ${slotMs} AS slot FROM (${sql}) b) b GROUP BY variant_id, slot`,
      values,
      rowMode: 'array',
    })
    return rows
      .map(([variantId, startMs, ...sum]) => ({ variantId, startMs, ...bucketSumOf(sum) }))
      .filter(({ lastMs }) => lastMs >= bounded.fromMs)
  })
}
