import type { EgressObservation, Judgement } from './egress'
import type { Flow } from './flow'
import type { GraphEdge, GraphNode } from './graph'
import type { Mismatch } from './mismatch'
import type { PolicyRef } from './policy'
import type { EvidenceClass } from './prepared-batch'
import type { Span } from './span'
import type { TimeRange } from './time-range'
import type { UnixMillis } from './units'

/** Flow records of a list that are counted; a total of so many means that or more. */
export const MOST_FLOWS_COUNTED = 10_000

/** A stored flow record: the flow as decoded, and its row id. */
export interface FlowRow {
  readonly id: string
  readonly edgeId: string
  /** To the second. */
  readonly receivedMs: UnixMillis
  readonly flow: Flow
  /** Why the record is kept; unknown for rows of before this was stored. */
  readonly keptAs?: EvidenceClass
}

/** Flow records of something, newest first, and how many there are: at most `MOST_FLOWS_COUNTED`. */
export interface FlowList {
  readonly flows: readonly FlowRow[]
  readonly total: number
}

export interface SpanRow {
  readonly edgeId?: string
  readonly span: Span
  /** The call failed by either side's word, where that was looked at. */
  readonly hasFailed?: boolean
}

/** One judged connection with its evidence, newest judgement; earlier ones stay in `history`. */
export interface ConnectionRow {
  readonly id: string
  readonly clientIp?: string
  readonly clientPort?: number
  readonly serverIp?: string
  readonly serverPort: number
  readonly protocol: string
  /** Connections that the row stands for: 1, or the count of an aggregated record; absent in snapshots of before it was told. */
  readonly weight?: number
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
  readonly judgement: Judgement
  readonly history: readonly { readonly atMs: UnixMillis; readonly judgement: Judgement }[]
  /** Raw rows behind the observations, in hop order. */
  readonly evidence: readonly EvidenceRow[]
}

/** Where a judged connection stands in the order of the panel. Decimal text: microseconds since 1970, a signed 64-bit number. */
export interface ConnectionPosition {
  readonly isViolation: boolean
  readonly firstUs: string
  readonly id: string
}

/** Where a page ended, and the window that it was of. */
export interface ConnectionCursor {
  readonly after: ConnectionPosition
  readonly window: TimeRange
}

/** A page of judged connections, violations first, then those that began last. */
export interface ConnectionPage {
  readonly connections: readonly ConnectionRow[]
  /** Connections that the rows of all pages stand for. */
  readonly total: number
  /** There where more follow: what the next page is asked with. */
  readonly next?: string
}

export interface EvidenceRow {
  readonly id: string
  readonly kind: EgressObservation['kind']
  readonly hop?: string
  readonly atMs: UnixMillis
  readonly summary: string
  readonly raw: string
}

/** Which policies isolate the workload at one side: computed by Postern from the inventory, told by no source. */
export interface SideIsolation {
  readonly side: 'client' | 'server'
  readonly direction: 'egress' | 'ingress'
  /** The time that the inventory was asked for: that of the newest such denial. */
  readonly atMs: UnixMillis
  /** At most 50. */
  readonly isolating: readonly PolicyRef[]
  /** Of these it cannot be computed, since labels or text are not known; at most 50. */
  readonly undecided: readonly PolicyRef[]
}

/** Everything the edge panel shows. Lists are bounded and say how many there are in all. */
export interface EdgeDetail {
  readonly edge: GraphEdge
  readonly clientNode: GraphNode
  readonly serverNode: GraphNode
  readonly flows: readonly FlowRow[]
  /** At most `MOST_FLOWS_COUNTED`. */
  readonly flowsTotal: number
  readonly spans: readonly SpanRow[]
  readonly spansTotal: number
  /** The first of them, violations first; the total is of connections, of which a row may stand for several. */
  readonly connections: readonly ConnectionRow[]
  readonly connectionsTotal: number
  /** Plain text of what would make an unverified door known; [] where nothing is missing. */
  readonly wouldVerify: readonly string[]
  /** Sides that were denied without a rule that is named. */
  readonly isolation?: readonly SideIsolation[]
  /** True where an inventory of the edge's cluster may have the text of its policies. */
  readonly hasInventory?: boolean
  readonly findings: readonly { readonly id: string; readonly title: string; readonly status: string }[]
  /** Where flows and traces of this call do not fit together; absent in snapshots of before they were compared. */
  readonly mismatches?: readonly Mismatch[]
}
