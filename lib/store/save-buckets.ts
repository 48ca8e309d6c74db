import 'server-only'
import type { BucketPart } from '@/lib/model/prepared-batch'
import type { Queryable } from './client'
import { compareText } from './row-order'

export interface BucketAddition {
  readonly variantId: string
  readonly part: BucketPart
}

type Sum = { -readonly [Key in keyof BucketPart]: BucketPart[Key] } & { readonly variantId: string }

/** Adds sums to buckets, in key order. Cost: one upsert per variant and bucket. */
export async function saveBuckets(client: Queryable, additions: readonly BucketAddition[]): Promise<void> {
  const rows = foldAdditions(additions)
  if (rows.length === 0) return
  await client.query(
    `INSERT INTO edge_bucket AS b (bucket_start, grain_s, variant_id, connections, events, requests, request_errors, bytes_sent, bytes_received, first_at, last_at)
     SELECT to_timestamp(u.start / 1000.0), u.grain, u.variant, u.c, u.e, u.r, u.re, u.bs, u.br, to_timestamp(u.f / 1000.0), to_timestamp(u.l / 1000.0)
     FROM unnest($1::float8[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::float8[], $11::float8[])
       AS u(start, grain, variant, c, e, r, re, bs, br, f, l)
     ON CONFLICT (bucket_start, grain_s, variant_id) DO UPDATE SET
       connections = b.connections + EXCLUDED.connections, events = b.events + EXCLUDED.events,
       requests = b.requests + EXCLUDED.requests, request_errors = b.request_errors + EXCLUDED.request_errors,
       bytes_sent = b.bytes_sent + EXCLUDED.bytes_sent, bytes_received = b.bytes_received + EXCLUDED.bytes_received,
       first_at = least(b.first_at, EXCLUDED.first_at), last_at = greatest(b.last_at, EXCLUDED.last_at)`,
    [
      rows.map((row) => row.bucketStartMs),
      rows.map((row) => row.grainS),
      rows.map((row) => row.variantId),
      rows.map((row) => row.connections),
      rows.map((row) => row.events),
      rows.map((row) => row.requests),
      rows.map((row) => row.requestErrors),
      rows.map((row) => row.bytesSent),
      rows.map((row) => row.bytesReceived),
      rows.map((row) => row.firstMs),
      rows.map((row) => row.lastMs),
    ],
  )
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
  if (buckets.length === 0) return
  await client.query(
    `DELETE FROM edge_bucket b USING unnest($1::float8[], $2::int[], $3::bigint[]) AS u(start, grain, variant)
     WHERE b.bucket_start = to_timestamp(u.start / 1000.0) AND b.grain_s = u.grain AND b.variant_id = u.variant
       AND b.connections = 0 AND b.events = 0 AND b.requests = 0 AND b.request_errors = 0 AND b.bytes_sent = 0 AND b.bytes_received = 0`,
    [
      buckets.map((bucket) => bucket.part.bucketStartMs),
      buckets.map((bucket) => bucket.part.grainS),
      buckets.map((bucket) => bucket.variantId),
    ],
  )
}

/** One row per variant and bucket, in the order of the primary key as text: any order does, if all writers share it. */
function foldAdditions(additions: readonly BucketAddition[]): Sum[] {
  const sums = new Map<string, Sum>()
  for (const { variantId, part } of additions) {
    const key = `${part.bucketStartMs}|${part.grainS}|${variantId}`
    const sum = sums.get(key)
    if (!sum) {
      sums.set(key, { ...part, variantId })
      continue
    }
    sum.connections += part.connections
    sum.events += part.events
    sum.requests += part.requests
    sum.requestErrors += part.requestErrors
    sum.bytesSent += part.bytesSent
    sum.bytesReceived += part.bytesReceived
    sum.firstMs = Math.min(sum.firstMs, part.firstMs)
    sum.lastMs = Math.max(sum.lastMs, part.lastMs)
  }
  return [...sums].sort(([a], [b]) => compareText(a, b)).map(([, sum]) => sum)
}
