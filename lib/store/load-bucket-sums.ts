import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { type BucketSum, bucketSumOf, SUMS, type SumColumns } from './bucket-sum-columns'
import { type BucketTier, COUNTERS, TIER_1H, TIER_1M, TIER_15S } from './bucket-tiers'
import { type Queryable, withSnapshot } from './client'
import { type BucketPlan, type BucketState, planBuckets } from './plan-buckets'

/** Sums of one variant over a window. */
export interface VariantSum extends BucketSum {
  readonly variantId: string
}

/** Up to so many buckets are looked up one by one; more are found by reading their stretch of time. */
const MOST_PROBES = 100_000
/** A window longer than that would be answered by nothing but its newest part anyway: no grain is kept so long. */
const LONGEST_WINDOW_MS = 5 * 366 * 24 * 3600_000

/**
 * Sums per variant of every bucket that overlaps `[from, to)`, from the coarsest buckets that are up to date, stitched at both
 * ends and wherever something changed of late (lib/store/plan-buckets.ts), in one snapshot. With `variantIds` of these alone,
 * by their keys. Cost: one row per variant and bucket read.
 */
export async function loadBucketSums(
  dataset: string,
  window: TimeRange,
  variantIds?: readonly string[],
): Promise<VariantSum[]> {
  if (variantIds?.length === 0) return []
  return withSnapshot(async (client) => {
    const bounded = { fromMs: Math.max(window.fromMs, window.toMs - LONGEST_WINDOW_MS), toMs: window.toMs }
    const state = await loadBucketState(client, dataset, bounded)
    const { sql, values } = bucketRows(dataset, planBuckets(bounded, state), variantIds)
    if (sql === '') return []
    const { rows } = await client.query<[id: string, ...SumColumns]>({
      text: `SELECT variant_id::text, ${SUMS} FROM (${sql}) b GROUP BY variant_id ORDER BY variant_id`,
      values,
      rowMode: 'array',
    })
    return rows.map(([variantId, ...sum]) => ({ variantId, ...bucketSumOf(sum) }))
  })
}

/** What changed of late in a window, and what retention took. */
export async function loadBucketState(client: Queryable, dataset: string, window: TimeRange): Promise<BucketState> {
  const changes = await client.query<{ grain: number; start: number }>(
    `SELECT DISTINCT grain_s AS grain, bucket_start::float8 AS start FROM bucket_change
     WHERE grain_s IN (60, 3600) AND dataset = $1 AND bucket_start >= $2 AND bucket_start < $3`,
    [dataset, window.fromMs - TIER_1H.grainMs, window.toMs + TIER_1H.grainMs],
  )
  const startsOf = (grain: number) => new Set(changes.rows.filter((row) => row.grain === grain).map((row) => row.start))
  const floors =
    dataset === ''
      ? await client.query<{ name: string; floor: number }>(
          `SELECT table_name AS name, floor_ms::float8 AS floor FROM storage_floor`,
        )
      : { rows: [] }
  const floorOf = (tier: BucketTier) =>
    floors.rows.find(({ name }) => name === tier.table)?.floor ?? Number.NEGATIVE_INFINITY
  return {
    changedMinutes: startsOf(60),
    changedHours: startsOf(3600),
    floor15sMs: floorOf(TIER_15S),
    floor1mMs: floorOf(TIER_1M),
  }
}

/** The rows of a plan as one query with columns variant_id, counters, first_ms and last_ms; '' where there are none. */
export function bucketRows(
  dataset: string,
  plan: BucketPlan,
  variantIds?: readonly string[],
): { sql: string; values: unknown[] } {
  const values: unknown[] = [dataset, ...(variantIds ? [variantIds] : [])]
  const arms = [
    ...plan.hours.map((range) => ({ tier: TIER_1H, range, only: '' })),
    ...plan.directHours.map((range) => ({ tier: TIER_1H, range, only: 'AND b.is_direct' })),
    ...plan.minutes.map((range) => ({ tier: TIER_1M, range, only: '' })),
    ...plan.directMinutes.map((range) => ({ tier: TIER_1M, range, only: 'AND b.is_direct' })),
    ...plan.slots.map((range) => ({ tier: TIER_15S, range, only: '' })),
  ]
  const sql = arms.map(({ tier, range, only }) => {
    values.push(range.fromMs, range.toMs)
    const [from, to] = [`$${values.length - 1}::bigint`, `$${values.length}::bigint`]
    const probes = ((range.toMs - range.fromMs) / tier.grainMs) * (variantIds?.length ?? Number.POSITIVE_INFINITY)
    const source =
      probes <= MOST_PROBES
        ? `generate_series(${from}, ${to} - 1, ${tier.grainMs}) AS s(start) CROSS JOIN unnest($2::bigint[]) AS v(id)
           JOIN ${tier.table} b ON b.bucket_start = s.start AND b.variant_id = v.id WHERE true`
        : `${tier.table} b WHERE ${variantIds ? 'b.variant_id = ANY($2::bigint[])' : 'true'}`
    return `SELECT b.variant_id, ${COUNTERS.map((name) => `b.${name}`).join(', ')},
      b.bucket_start + b.first * ${tier.stepMs} AS first_ms, b.bucket_start + b.last * ${tier.stepMs} AS last_ms
      FROM ${source} AND b.dataset = $1 AND b.bucket_start >= ${from} AND b.bucket_start < ${to} ${only}`
  })
  return { sql: sql.join('\nUNION ALL\n'), values }
}
