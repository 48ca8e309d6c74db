import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { type BucketTier, COUNTERS, changedGrainS, TIER_1H, TIER_1M, TIER_15S } from './bucket-tiers'
import { type Queryable, withSnapshotTransaction } from './client'
import { ensurePartitions } from './partitions'

interface Step {
  readonly tier: BucketTier
  readonly finer: BucketTier
  /** A bucket that still changes is added up once it was left alone for so long, or at the latest so long after its first change. */
  readonly quietMs: number
  readonly longestMs: number
  /** Buckets of one transaction: short, so that its snapshot does not keep others from cleaning up. */
  readonly atOnce: number
}

/** In this order: hours are added up from minutes. */
const STEPS: readonly Step[] = [
  { tier: TIER_1M, finer: TIER_15S, quietMs: 15_000, longestMs: 60_000, atOnce: 10 },
  { tier: TIER_1H, finer: TIER_1M, quietMs: 30_000, longestMs: 600_000, atOnce: 1 },
]

interface Due {
  readonly dataset: string
  readonly startMs: UnixMillis
}

export interface RollUpOptions {
  readonly nowMs: UnixMillis
  /** Add up everything that is over in this stretch of the live dataset, however lately it changed: what is about to be dropped. */
  readonly hurry?: TimeRange
}

/**
 * Adds up what changed: minutes from 15-second rows, then hours from minutes. Each bucket is computed anew from its finer rows,
 * and the marks of its changes are deleted, in one snapshot; a change that comes meanwhile leaves a mark of its own. So it may
 * be repeated, killed, and run twice at once. Answers how many buckets it added up.
 */
export async function rollUpBuckets(options: RollUpOptions): Promise<number> {
  let done = 0
  for (const step of STEPS)
    for (;;) {
      const taken = await withSnapshotTransaction((client) => rollUpSome(client, step, options))
      done += taken
      if (taken < step.atOnce) break
    }
  return done
}

/** Two workers take turns: unlike a query, LOCK takes no snapshot, so that whoever waited sees what the other one did. */
export async function lockRollUps(client: Queryable): Promise<void> {
  await client.query('LOCK TABLE storage_floor IN SHARE UPDATE EXCLUSIVE MODE')
}

async function rollUpSome(client: Queryable, step: Step, options: RollUpOptions): Promise<number> {
  const { tier, finer } = step
  await lockRollUps(client)
  const due = await findDue(client, step, options)
  const floorMs = await floorOf(client, finer)
  const kept = due.filter(({ dataset, startMs }) => dataset !== '' || startMs >= floorMs)
  await ensurePartitions(
    tier.table,
    kept.flatMap((bucket) => (bucket.dataset === '' ? [bucket.startMs] : [])),
  )
  for (const bucket of kept) await addUp(client, tier, finer, bucket)
  const coarser = changedGrainS(tier.grainS)
  if (coarser)
    await client.query(
      `INSERT INTO bucket_change (dataset, grain_s, bucket_start)
       SELECT DISTINCT u.dataset, $3::int, u.start - u.start % ($3 * 1000::bigint) FROM unnest($1::text[], $2::bigint[]) AS u(dataset, start)`,
      [...columnsOf(kept), coarser],
    )
  // Of the marks, those that this snapshot sees: later ones stand for what was not added up here.
  await client.query(
    `DELETE FROM bucket_change c USING unnest($1::text[], $2::bigint[]) AS u(dataset, start)
     WHERE c.grain_s = $3 AND c.dataset = u.dataset AND c.bucket_start = u.start`,
    [...columnsOf(due), tier.grainS],
  )
  return due.length
}

const columnsOf = (buckets: readonly Due[]): [string[], number[]] => [
  buckets.map((bucket) => bucket.dataset),
  buckets.map((bucket) => bucket.startMs),
]

async function findDue(client: Queryable, step: Step, { nowMs, hurry }: RollUpOptions): Promise<Due[]> {
  const { tier, quietMs, longestMs, atOnce } = step
  const within = hurry ? "AND c.dataset = '' AND c.bucket_start >= $6 AND c.bucket_start < $7" : ''
  const { rows } = await client.query<Due>(
    `SELECT c.dataset, c.bucket_start::float8 AS "startMs" FROM bucket_change c
     WHERE c.grain_s = $1 AND c.bucket_start <= $2 ${within}
       AND ($1 = 60 OR NOT EXISTS (SELECT FROM bucket_change m WHERE m.grain_s = 60 AND m.dataset = c.dataset
         AND m.bucket_start >= c.bucket_start AND m.bucket_start < c.bucket_start + 3600000))
     GROUP BY c.dataset, c.bucket_start
     HAVING max(c.changed_at) <= to_timestamp($3::float8 / 1000) OR min(c.changed_at) <= to_timestamp($4::float8 / 1000)
     ORDER BY c.bucket_start, c.dataset LIMIT $5`,
    [
      tier.grainS,
      nowMs - tier.grainMs,
      hurry ? Number.MAX_SAFE_INTEGER / 10 : nowMs - quietMs,
      nowMs - longestMs,
      atOnce,
      ...(hurry ? [Math.floor(hurry.fromMs / tier.grainMs) * tier.grainMs, hurry.toMs] : []),
    ],
  )
  return rows
}

async function floorOf(client: Queryable, tier: BucketTier): Promise<number> {
  const { rows } = await client.query<{ floor: number }>(
    'SELECT floor_ms::float8 AS floor FROM storage_floor WHERE table_name = $1',
    [tier.table],
  )
  return rows[0]?.floor ?? Number.NEGATIVE_INFINITY
}

/** Writes the sums of one bucket where they differ from what is there, and deletes those of variants that it no longer has. */
async function addUp(client: Queryable, tier: BucketTier, finer: BucketTier, { dataset, startMs }: Due): Promise<void> {
  await client.query({
    name: `roll-up-${tier.table}`,
    text: `WITH sums AS MATERIALIZED (
       SELECT variant_id, min(bucket_start + first * ${finer.stepMs}) - $2 AS first_ms, max(bucket_start + last * ${finer.stepMs}) - $2 AS last_ms,
         ${COUNTERS.map((name) => `nullif(sum(${name}), 0)::bigint AS ${name}`).join(', ')}
       FROM ${finer.table} WHERE dataset = $1 AND bucket_start >= $2 AND bucket_start < $3 GROUP BY variant_id),
     gone AS (
       DELETE FROM ${tier.table} b WHERE b.dataset = $1 AND b.bucket_start = $2 AND NOT b.is_direct
         AND NOT EXISTS (SELECT FROM sums s WHERE s.variant_id = b.variant_id))
     INSERT INTO ${tier.table} AS b (bucket_start, variant_id, is_direct, dataset, first, last, ${COUNTERS.join(', ')})
     SELECT $2, variant_id, false, $1, greatest(0, first_ms / ${tier.stepMs}), least(${tier.grainMs / tier.stepMs}, (last_ms + ${tier.stepMs - 1}) / ${tier.stepMs}),
       ${COUNTERS.join(', ')} FROM sums ORDER BY variant_id
     ON CONFLICT (bucket_start, variant_id, is_direct, dataset) DO UPDATE SET
       ${['first', 'last', ...COUNTERS].map((name) => `${name} = EXCLUDED.${name}`).join(', ')}
     WHERE (${['first', 'last', ...COUNTERS].map((name) => `b.${name}`).join(', ')})
       IS DISTINCT FROM (${['first', 'last', ...COUNTERS].map((name) => `EXCLUDED.${name}`).join(', ')})`,
    values: [dataset, startMs, startMs + tier.grainMs],
  })
}
