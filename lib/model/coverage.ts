import type { RejectReason } from './decoded'
import type { SourceName } from './source-name'
import type { UnixMillis } from './units'

/** What one source told us in a window. Empty is not unknown: every answer that lists or draws carries one per source. */
export interface SourceCoverage {
  readonly source: SourceName
  readonly cluster: string
  /** For NAT evidence, the hop that it speaks for. */
  readonly hop?: string
  /** When we last received something, and the newest record's own time. */
  readonly lastReceivedMs?: UnixMillis
  readonly lastRecordMs?: UnixMillis
  readonly acceptedInWindow: number
  readonly duplicatesInWindow: number
  readonly rejectedInWindow: number
  /** Rejects of the window by reason, most frequent first. */
  readonly rejects: readonly { readonly reason: RejectReason; readonly count: number }[]
  /** No word for longer than twice the usual gap between batches, at least 2 min; a watch that stands is never silent. */
  readonly isSilent: boolean
  /** Losses the source itself declared in the window, in records, and how many gaps there were (some tell no number). */
  readonly lostInWindow: number
  readonly gapsInWindow: number
}

/** The headline: never "0 violations" alone. */
export interface Headline {
  /** Edges in state violation. */
  readonly violations: number
  /** Judged connections ÷ all connections to providers that left; undefined without any. */
  readonly verifiedShare?: number
  /**
   * AI workloads' external traffic whose peer has no name ÷ all of it; undefined without any. What Goldmane counts without
   * names and NAT records draw one by one is weighed once (lib/graph/external-weights.ts).
   */
  readonly unnamedShare?: number
  readonly providerConnections: number
  /** Workloads of whose calls to a provider flows and traces do not fit together (lib/model/mismatch.ts); absent where there are none. */
  readonly mismatches?: number
}
