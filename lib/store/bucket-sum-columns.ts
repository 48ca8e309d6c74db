import 'server-only'
import type { FlowCounts } from '@/lib/model/flow'
import type { UnixMillis } from '@/lib/model/units'
import { COUNTERS } from './bucket-tiers'

/** What rows of buckets come to, added up. */
export interface BucketSum {
  readonly counters: FlowCounts & { readonly spans: 0 }
  /** First and last record, to the step of the grain they were read at: 1 ms, 2 ms or 120 ms. */
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/**
 * Columns of a sum over what `bucketRows` gives, in the order of `SumColumns`. Exact up to 2^53, and without the cost of numeric, which
 * sums of bigint are.
 */
export const SUMS = [
  ...COUNTERS.map((name) => `sum(${name}::float8)`),
  'min(first_ms)::float8',
  'max(last_ms)::float8',
].join(', ')

type Sum = number | null

/** They as an array has them. */
export type SumColumns = [c: Sum, e: Sum, r: Sum, re: Sum, bs: Sum, br: Sum, firstMs: number, lastMs: number]

/** The columns by their names. */
export const bucketSumOf = ([c, e, r, re, bs, br, firstMs, lastMs]: SumColumns): BucketSum => ({
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
