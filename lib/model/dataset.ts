import type { RetentionClass } from './retention'
import type { SourceName } from './source-name'
import type { Bytes, Millis, UnixMillis } from './units'

/** Rows of one kind: counted, or, where there are too many to count, estimated. */
export interface RowCount {
  readonly rows: number
  readonly isEstimate: boolean
}

/** What a link or a header needs to know of a dataset. */
export interface DatasetName {
  /** As in links; never changes. */
  readonly name: string
  /** What people call it; absent = its name. */
  readonly title?: string
  readonly createdMs: UnixMillis
  /** Since when it is being deleted; absent = it is kept. */
  readonly deletingMs?: UnixMillis
}

/** A named import that retention leaves alone. */
export interface PinnedDataset extends DatasetName {
  /** Times of its oldest and newest record, about; absent without any. */
  readonly firstMs?: UnixMillis
  readonly lastMs?: UnixMillis
  /** Flow records that were accepted, whether summed or kept. */
  readonly flows: number
  /** Flow records that are kept as they came. */
  readonly evidence: RowCount
  readonly spans: RowCount
  readonly natRecords: RowCount
  /** DNS answers and questions. */
  readonly dnsRecords: RowCount
  /** With its share of indexes, about. */
  readonly bytes: Bytes
  readonly sources: readonly SourceName[]
  readonly clusters: readonly string[]
  /** Path and query that open its graph on all of its records; absent without any. */
  readonly view?: string
}

/** How long the live dataset keeps one kind of rows, and how far back they reach. */
export interface LiveTier {
  readonly kind: RetentionClass
  readonly keptMs: Millis
  /** Absent without rows. */
  readonly oldestMs?: UnixMillis
}

export interface LiveDataset {
  /** With indexes, about. */
  readonly bytes: Bytes
  readonly tiers: readonly LiveTier[]
  /** Records older than this are refused as `too_old`. */
  readonly horizonMs: Millis
}

export interface DatasetReport {
  readonly nowMs: UnixMillis
  readonly live: LiveDataset
  /** Newest first, bounded. */
  readonly pinned: readonly PinnedDataset[]
  /** How many pinned datasets there are in all. */
  readonly total: number
}
