import 'server-only'
import type { BucketPart } from '@/lib/model/prepared-batch'
import { type BucketTierS, bucketStartMs } from '@/lib/model/time-range'
import { type BucketFloors, bucketFloors } from './bucket-floors'
import { type BucketTier, COUNTERS, changedGrainS, TIERS } from './bucket-tiers'
import type { Queryable } from './client'
import { byDataset, hullOf } from './connection-key'
import { ensurePartitions } from './partitions'

export interface BucketAddition {
  readonly dataset: string
  readonly variantId: string
  readonly part: BucketPart
}

type Sum = { -readonly [Key in keyof BucketPart]: BucketPart[Key] } & {
  readonly variantId: string
  readonly dataset: string
}

/**
 * Adds sums to buckets, grain by grain in key order, and says which coarser buckets are to be added up again
 * (lib/store/roll-up-buckets.ts). Cost: one upsert per variant and bucket, one statement per grain.
 */
export async function saveBuckets(client: Queryable, additions: readonly BucketAddition[]): Promise<void> {
  const rows = foldAdditions(aboveFloors(additions, await bucketFloors(client)))
  for (const tier of TIERS) await saveTier(client, tier, rows.get(tier.grainS) ?? [])
}

/**
 * A live record from before the finest rows that are kept enters at the finest grain that still has rows of its time: what is
 * dropped was added up, and is not added up again.
 */
function aboveFloors(additions: readonly BucketAddition[], floors: BucketFloors): readonly BucketAddition[] {
  const isBelow = ({ dataset, part }: BucketAddition) =>
    dataset === '' && part.bucketStartMs < (floors.get(part.grainS) ?? Number.NEGATIVE_INFINITY)
  if (floors.size === 0 || !additions.some(isBelow)) return additions
  return aboveFloors(
    additions.map((addition) => {
      const coarser = isBelow(addition) ? changedGrainS(addition.part.grainS) : undefined
      if (!coarser) return addition
      const start = bucketStartMs(addition.part.bucketStartMs, coarser)
      return { ...addition, part: { ...addition.part, grainS: coarser, bucketStartMs: start } }
    }),
    new Map([...floors].filter(([grainS]) => grainS !== 3600)),
  )
}

const ADDED = COUNTERS.map(
  (name) => `${name} = nullif(coalesce(b.${name}, 0) + coalesce(EXCLUDED.${name}, 0), 0)`,
).join(', ')

async function saveTier(client: Queryable, tier: BucketTier, rows: readonly Sum[]): Promise<void> {
  if (rows.length === 0) return
  await ensurePartitions(tier.table, startsOf(rows))
  const direct = tier.hasDirect ? ', is_direct' : ''
  await client.query({
    name: `save-${tier.table}`,
    text: `WITH given AS (
       SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::smallint[], $5::smallint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
         AS u(start, variant, dataset, f, l, c, e, r, re, bs, br)),
     changed AS (
       INSERT INTO bucket_change (dataset, grain_s, bucket_start)
       SELECT * FROM unnest($12::text[], $13::int[], $14::bigint[]) AS c(dataset, grain, start))
     INSERT INTO ${tier.table} AS b (bucket_start, variant_id, dataset, first, last, ${COUNTERS.join(', ')}${direct})
     SELECT start, variant, dataset, f, l, nullif(c, 0), nullif(e, 0), nullif(r, 0), nullif(re, 0), nullif(bs, 0), nullif(br, 0)${direct && ', true'}
     FROM given ON CONFLICT (bucket_start, variant_id${direct}, dataset) DO UPDATE SET
       ${ADDED}, first = least(b.first, EXCLUDED.first), last = greatest(b.last, EXCLUDED.last)`,
    values: [...columnsOf(tier, rows), ...changesOf(tier.grainS, rows)],
  })
}

const columnsOf = (tier: BucketTier, rows: readonly Sum[]): unknown[] => [
  rows.map((row) => row.bucketStartMs),
  rows.map((row) => row.variantId),
  rows.map((row) => row.dataset),
  // Outwards, so that a bucket never looks shorter than what is in it.
  rows.map((row) => Math.max(0, Math.floor((row.firstMs - row.bucketStartMs) / tier.stepMs))),
  rows.map((row) => Math.min(tier.grainMs / tier.stepMs, Math.ceil((row.lastMs - row.bucketStartMs) / tier.stepMs))),
  rows.map((row) => row.connections),
  rows.map((row) => row.events),
  rows.map((row) => row.requests),
  rows.map((row) => row.requestErrors),
  rows.map((row) => row.bytesSent),
  rows.map((row) => row.bytesReceived),
]

const startsOf = (rows: readonly Pick<Sum, 'dataset' | 'bucketStartMs'>[]): Set<number> =>
  new Set(rows.flatMap((row) => (row.dataset === '' ? [row.bucketStartMs] : [])))

/** Datasets, grains and starts of the coarser buckets that these rows are part of, each once. */
function changesOf(
  grainS: BucketTierS,
  rows: readonly Pick<Sum, 'dataset' | 'bucketStartMs'>[],
): [string[], number[], number[]] {
  const coarser = changedGrainS(grainS)
  if (!coarser) return [[], [], []]
  const starts = new Map<string, Set<number>>()
  for (const row of rows) {
    const ofDataset = starts.get(row.dataset) ?? new Set()
    starts.set(row.dataset, ofDataset.add(bucketStartMs(row.bucketStartMs, coarser)))
  }
  const changes = [...starts].flatMap(([dataset, ofDataset]) => [...ofDataset].map((start) => ({ dataset, start })))
  return [changes.map((change) => change.dataset), changes.map(() => coarser), changes.map((change) => change.start)]
}

/** The part with its counts taken back; its times stay. */
export const negated = (part: BucketPart): BucketPart => ({
  ...part,
  connections: -part.connections,
  events: -part.events,
  requests: -part.requests,
  requestErrors: -part.requestErrors,
  bytesSent: -part.bytesSent,
  bytesReceived: -part.bytesReceived,
})

/** Forgets those of the buckets, whose rows this transaction has locked already, that count nothing any more. */
export async function dropEmptyBuckets(client: Queryable, buckets: readonly BucketAddition[]): Promise<void> {
  for (const tier of TIERS) {
    const rows = buckets
      .filter(({ part }) => part.grainS === tier.grainS)
      .map(({ dataset, variantId, part }) => ({ dataset, variantId, startMs: part.bucketStartMs }))
    for (const [dataset, alike] of byDataset(rows)) await dropEmpty(client, tier, dataset, alike)
  }
}

interface BucketKey {
  readonly dataset: string
  readonly variantId: string
  readonly startMs: number
}

/**
 * Condition that bucket `b` is that of row `u(start, variant, …)`, in the partitions of a dataset and stretch: numbers of three parameters.
 * Without them the key alone would be looked up in every partition.
 */
const isBucketOf = (dataset: number, fromMs: number, toMs: number): string =>
  `b.bucket_start = u.start AND b.variant_id = u.variant AND b.dataset = $${dataset} AND b.bucket_start BETWEEN $${fromMs}::bigint AND $${toMs}::bigint`

const boundsOf = (rows: readonly BucketKey[]): readonly [fromMs: number, toMs: number] => {
  const { fromMs, toMs } = hullOf(rows.map(({ startMs }) => ({ fromMs: startMs, toMs: startMs })))
  return [fromMs, toMs]
}

async function dropEmpty(
  client: Queryable,
  tier: BucketTier,
  dataset: string,
  rows: readonly BucketKey[],
): Promise<void> {
  await client.query(
    `DELETE FROM ${tier.table} b USING unnest($1::bigint[], $2::bigint[]) AS u(start, variant)
     WHERE ${isBucketOf(3, 4, 5)} ${tier.hasDirect ? 'AND b.is_direct' : ''}
       AND ${COUNTERS.map((name) => `b.${name} IS NULL`).join(' AND ')}`,
    [rows.map((row) => row.startMs), rows.map((row) => row.variantId), dataset, ...boundsOf(rows)],
  )
}

/**
 * Takes connections out of buckets that hold them still; what retention dropped stays dropped. A bucket that counts nothing
 * any more goes.
 */
export async function takeConnections(
  client: Queryable,
  tier: BucketTier,
  taken: readonly (BucketKey & { readonly count: number })[],
): Promise<void> {
  for (const [dataset, rows] of byDataset(taken)) {
    await client.query(
      `UPDATE ${tier.table} b SET connections = nullif(coalesce(b.connections, 0) - u.n, 0)
       FROM unnest($1::bigint[], $2::bigint[], $6::bigint[]) AS u(start, variant, n) WHERE ${isBucketOf(3, 4, 5)}`,
      [
        rows.map((row) => row.startMs),
        rows.map((row) => row.variantId),
        dataset,
        ...boundsOf(rows),
        rows.map((row) => row.count),
      ],
    )
    await dropEmpty(client, tier, dataset, rows)
  }
  if (taken.length === 0) return
  const rows = taken.map((row) => ({ dataset: row.dataset, bucketStartMs: row.startMs }))
  await client.query(
    `INSERT INTO bucket_change (dataset, grain_s, bucket_start)
     SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[]) AS c(dataset, grain, start)`,
    changesOf(tier.grainS, rows),
  )
}

/** One sum per grain, bucket and variant, in key order. */
function foldAdditions(additions: readonly BucketAddition[]): Map<BucketTierS, Sum[]> {
  const sums = new Map<string, Sum>()
  for (const { dataset, variantId, part } of additions) {
    const key = `${part.grainS}\n${part.bucketStartMs}\n${variantId}`
    const sum = sums.get(key)
    if (sum) addTo(sum, part)
    else sums.set(key, { ...part, dataset, variantId })
  }
  const byGrain = new Map<BucketTierS, Sum[]>()
  for (const sum of sums.values()) {
    const rows = byGrain.get(sum.grainS) ?? []
    byGrain.set(sum.grainS, rows)
    rows.push(sum)
  }
  // A variant belongs to one dataset, so its id and the start are the whole key.
  for (const rows of byGrain.values())
    rows.sort((a, b) => a.bucketStartMs - b.bucketStartMs || (a.variantId < b.variantId ? -1 : 1))
  return byGrain
}

function addTo(sum: Sum, part: BucketPart): void {
  sum.connections += part.connections
  sum.events += part.events
  sum.requests += part.requests
  sum.requestErrors += part.requestErrors
  sum.bytesSent += part.bytesSent
  sum.bytesReceived += part.bytesReceived
  sum.firstMs = Math.min(sum.firstMs, part.firstMs)
  sum.lastMs = Math.max(sum.lastMs, part.lastMs)
}
