import type { Millis, UnixMillis } from './units'

/** A half-open interval `[fromMs, toMs)`. */
export interface TimeRange {
  readonly fromMs: UnixMillis
  readonly toMs: UnixMillis
}

/** The finest bucket, in seconds: Goldmane's own aggregation window. Coarser tiers take records that arrive coarser. */
export const BUCKET_TIERS_S = [15, 60, 3600] as const
export type BucketTierS = (typeof BUCKET_TIERS_S)[number]

/** Start of the bucket of length `tierS` seconds that holds `atMs`; buckets are aligned to the Unix epoch. */
export function bucketStartMs(atMs: UnixMillis, tierS: BucketTierS): UnixMillis {
  const length = tierS * 1000
  return Math.floor(atMs / length) * length
}

/** The finest tier that holds a record of this duration whole: an instant fits 15 s, a 5-minute record fits 1 h. */
export function tierForDuration(durationMs: Millis): BucketTierS {
  return BUCKET_TIERS_S.find((tier) => durationMs <= tier * 1000) ?? 3600
}
