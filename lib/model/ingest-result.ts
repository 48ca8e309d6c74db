import type { IgnoreReason, RejectReason } from './decoded'
import type { UnixMillis } from './units'

/** The answer to a batch. Sent only after COMMIT: what it says is stored, is stored. */
export interface IngestResult {
  readonly accepted: number
  readonly duplicates: number
  readonly ignored: Partial<Record<IgnoreReason, number>>
  readonly rejected: number
  readonly rejects: readonly RejectGroup[]
  /** True where this very body was committed before: nothing was counted again. */
  readonly repeatedBatch: boolean
  /** Records that name another cluster than the request; they were put where the request says. */
  readonly clusterConflicts?: number
  /** Times of the accepted records. */
  readonly firstMs?: UnixMillis
  readonly lastMs?: UnixMillis
  /** Path and query that open the graph on what was just sent. */
  readonly view?: string
}

export interface RejectGroup {
  readonly reason: RejectReason
  readonly count: number
  /** 1-based lines of the first few, at most 5. */
  readonly lines: readonly number[]
  readonly detail?: string
  /** How to fix the sender. */
  readonly hint: string
}
