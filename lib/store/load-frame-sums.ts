import 'server-only'
import type { UnixMillis } from '@/lib/model/units'
import { type BucketSum, bucketSumOf, SUMS, type SumColumns } from './bucket-sum-columns'
import { type Queryable, withSnapshot } from './client'
import { bucketRows, loadBucketState } from './load-bucket-sums'
import { type BucketPlan, notCoarserThan, planBuckets } from './plan-buckets'

/** Sums of one variant over one frame. */
export interface FrameSum extends BucketSum {
  readonly variantId: string
  /** Of the frames of the call, from 0. */
  readonly frame: number
}

export interface FrameSums {
  readonly sums: readonly FrameSum[]
  /** True where records are in it that were longer than a frame: each counts whole in the frame in which the first of its bucket began. */
  readonly hasLongRecords: boolean
}

/** Frames of one length, aligned to it; a length is a multiple of 15 s, from a minute on of a minute, from an hour on of an hour. */
export interface Frames {
  readonly fromMs: UnixMillis
  readonly stepMs: number
  readonly count: number
}

/**
 * Sums per variant and frame, those of the records at any moment, from the coarsest buckets that a frame holds whole and that are
 * up to date, in one snapshot. Frames without a record have no row. With `variantIds` of these alone. Cost: a row per variant and bucket
 * read, an answer per variant and frame: the caller bounds how many frames it asks for.
 */
export async function loadFrameSums(
  dataset: string,
  frames: Frames,
  variantIds?: readonly string[],
): Promise<FrameSums> {
  if (variantIds?.length === 0) return { sums: [], hasLongRecords: false }
  const { fromMs, stepMs, count } = frames
  const window = { fromMs, toMs: fromMs + stepMs * count }
  return withSnapshot(async (client) => {
    const state = await loadBucketState(client, dataset, window)
    const plan = planBuckets(window, notCoarserThan(stepMs, window, state))
    const { sql, values } = bucketRows(dataset, plan, variantIds)
    if (sql === '') return { sums: [], hasLongRecords: false }
    // Sums of a large cluster, which would be sorted on disk within what a session may use by itself.
    await client.query(`SET LOCAL work_mem = '64MB'`)
    const { rows } = await client.query<[id: string, frame: number, ...SumColumns]>({
      text: `SELECT variant_id::text, frame::int, ${SUMS} FROM (
               SELECT b.*, greatest(0, (first_ms - ${fromMs}) / ${stepMs}) AS frame FROM (${sql}) b
               WHERE last_ms >= ${fromMs} AND first_ms < ${window.toMs}) b GROUP BY variant_id, frame`,
      values,
      rowMode: 'array',
    })
    return {
      sums: rows.map(([variantId, frame, ...sum]) => ({ variantId, frame, ...bucketSumOf(sum) })),
      hasLongRecords: await hasLong(client, dataset, plan, variantIds),
    }
  })
}

/** Whether rows were read that came in coarser than the finest grain that the plan reads beside them. */
async function hasLong(
  client: Queryable,
  dataset: string,
  { directHours, directMinutes }: BucketPlan,
  variantIds: readonly string[] | undefined,
): Promise<boolean> {
  const none = { hours: [], minutes: [], slots: [] }
  const { sql, values } = bucketRows(dataset, { ...none, directHours, directMinutes }, variantIds)
  if (sql === '') return false
  const { rows } = await client.query<{ found: boolean }>(`SELECT EXISTS (${sql}) AS found`, values)
  return rows[0]?.found ?? false
}
