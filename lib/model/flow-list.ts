import type { EndpointClass } from './endpoint'
import type { FlowCounts, FlowSource, L7Summary, Observer } from './flow'
import type { PolicyHit } from './policy'
import type { EvidenceClass } from './prepared-batch'
import type { TimeRange } from './time-range'
import type { TrafficCounts } from './traffic-count'
import type { UnixMillis } from './units'
import type { Basis, Layer, Outcome, Pending } from './verdict'

/** Where a record stands in the order of the table: by its start, then by its key, newest first. Decimal text of signed 64-bit numbers. */
export interface FlowPosition {
  readonly startNs: string
  readonly recordKey: string
}

/** Where a page ended, and the window that it was of: a window that moves stays where it was for the pages that follow. */
export interface FlowCursor {
  readonly after: FlowPosition
  readonly window: TimeRange
}

/** What is asked of records beyond the edges of the view. Lists: any of them; empty = all. */
export interface FlowFilter {
  readonly outcomes: readonly Outcome[]
  /** What staged policies would have done. */
  readonly pending: readonly Pending[]
  readonly observers: readonly Observer[]
  /** In the sources' words, whole. */
  readonly reasons: readonly string[]
  /** Server ports. */
  readonly ports: readonly number[]
  /** Part of a pod's name, of either end, upper and lower case alike. */
  readonly pod: string
  /** HTTP methods, upper case. */
  readonly methods: readonly string[]
  /** `404`, or a class as `5xx`. */
  readonly statuses: readonly string[]
}

export const ALL_FLOWS: FlowFilter = {
  outcomes: [],
  pending: [],
  observers: [],
  reasons: [],
  ports: [],
  pod: '',
  methods: [],
  statuses: [],
}

/** True where a record itself must be read to know whether it is meant: its way of being reported does not tell. */
export const isByRecord = ({ pod, methods, statuses }: FlowFilter): boolean =>
  pod !== '' || methods.length > 0 || statuses.length > 0

/** One end of a record, as the record told it, with what the graph knows of the endpoint. */
export interface FlowEnd {
  /** Id of the endpoint's node at the level of workloads. */
  readonly nodeId: string
  readonly label: string
  readonly class: EndpointClass
  readonly namespace: string
  readonly name: string
  readonly pod?: string
  readonly ip?: string
  readonly port?: number
  readonly dnsNames?: readonly string[]
  readonly provider?: string
  readonly role?: string
}

/** A kept record in the table: all that a column shows. The raw record is read when it is opened. */
export interface FlowListRow extends FlowPosition {
  /** The record's uuid. */
  readonly id: string
  readonly edgeId: string
  readonly startMs: UnixMillis
  /** That of the start for an instant. */
  readonly endMs: UnixMillis
  /** To the second. */
  readonly receivedMs: UnixMillis
  readonly cluster: string
  readonly node?: string
  readonly source: FlowSource
  readonly observer: Observer
  readonly outcome: Outcome
  readonly basis: Basis
  readonly pending: Pending
  readonly layer: Layer
  readonly dropReason?: string
  /** The hit that decided; absent where the source named none. */
  readonly policy?: PolicyHit
  readonly client: FlowEnd
  readonly server: FlowEnd
  readonly protocol: string
  readonly service?: { readonly namespace: string; readonly name: string }
  readonly counts: FlowCounts
  readonly l7?: L7Summary
  readonly traceId?: string
  readonly translatedIp?: string
  /** Why the record is kept; unknown for rows of before this was stored. */
  readonly keptAs?: EvidenceClass
}

export interface FlowPage {
  readonly rows: readonly FlowListRow[]
  readonly dataset: string
  readonly window: TimeRange
  /** Edges of the view that records were looked for of. */
  readonly edges: number
  /** There where more may follow: what the next page is asked with. */
  readonly next?: string
  /** Records that were read for this page, where a filter must read each. */
  readonly looked?: number
}

/** How many records there are: exactly, or at least so many. */
export interface FlowCount {
  readonly count: number
  readonly isExact: boolean
  readonly window: TimeRange
}

/** One bar: what began to count in `[startMs, startMs + stepMs)`. */
export interface FlowBar extends TrafficCounts {
  readonly startMs: UnixMillis
}

/**
 * Traffic over time, from sums: all of it, also that of which no record is kept. Bars without traffic are left out.
 */
export interface FlowHistogram {
  readonly window: TimeRange
  readonly stepMs: number
  readonly bars: readonly FlowBar[]
}
