import 'server-only'
import type { BucketTierS } from '@/lib/model/time-range'
import type { PartitionedTable } from './partitions'

/** Where buckets of one grain are stored. */
export interface BucketTier {
  readonly grainS: BucketTierS
  readonly grainMs: number
  readonly table: PartitionedTable
  /** Milliseconds that one step of `first` and `last` stands for: a 16-bit number holds the whole grain. */
  readonly stepMs: number
  /** True where rows that came in at this grain stand beside those added up from the finer one. */
  readonly hasDirect: boolean
}

const tier = (grainS: BucketTierS, table: PartitionedTable, stepMs: number): BucketTier => ({
  grainS,
  grainMs: grainS * 1000,
  table,
  stepMs,
  hasDirect: grainS > 15,
})

export const TIER_15S = tier(15, 'edge_bucket_15s', 1)
export const TIER_1M = tier(60, 'edge_bucket_1m', 2)
export const TIER_1H = tier(3600, 'edge_bucket_1h', 120)

/** From fine to coarse; each is added up from the one before. */
export const TIERS: readonly BucketTier[] = [TIER_15S, TIER_1M, TIER_1H]

/** Counters of a bucket, as columns; NULL is 0. */
export const COUNTERS = ['connections', 'events', 'requests', 'request_errors', 'bytes_sent', 'bytes_received'] as const

/** Grain of the coarser buckets that what is written at a grain changes: those are added up from it. */
export const changedGrainS = (grainS: BucketTierS): BucketTierS | undefined =>
  grainS === 15 ? 60 : grainS === 60 ? 3600 : undefined
