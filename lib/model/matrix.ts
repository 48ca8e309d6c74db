import type { Confidence, DoorState, DoorSummary, EgressObservation, JoinLevel, Judgement, Lean } from './egress'
import type { TimeRange } from './time-range'
import type { UnixMillis } from './units'

/** Id of the column for peers that look like AI providers and are known for certain by no host name. */
export const POSSIBLE = 'possible'

/** Most of each that one answer carries; what is left out is counted in `EgressMatrix.cut` or by a total beside it. */
export const MATRIX_BOUNDS = {
  /** Workloads of one answer: `from` turns the page. */
  rows: 50,
  columns: 60,
  /** Hosts named of one column. */
  hosts: 12,
  /** Doors of one cell. */
  doors: 8,
  /** Edges named of one cell, where it is opened. */
  edges: 20,
  /** Edges × judgements that one answer adds up. */
  sums: 300_000,
} as const

/** Of the connections that left towards providers, how many are proven sanctioned or outside. */
export interface VerifiedShare {
  readonly proven: number
  /** Proven, unverified and covered by no rule; what was blocked, broken or stayed inside did not leave by a door. */
  readonly left: number
}

/**
 * The same in bytes, as a bound: bytes are counted per edge, not per connection, so only edges whose every connection is proven
 * count as proven. Absent where no source counts bytes.
 */
export interface VerifiedBytes {
  readonly provenAtLeast: number
  readonly total: number
}

/** A workload of one cluster. */
export interface MatrixRow {
  /** Endpoint id of the client. */
  readonly id: string
  readonly cluster: string
  readonly namespace: string
  readonly name: string
  /** What a person reads: `agents / planner`. */
  readonly label: string
  readonly share: VerifiedShare
}

/** A provider of the catalogue, or `POSSIBLE`. */
export interface MatrixColumn {
  readonly id: string
  readonly name: string
  /** Hosts (or addresses without a name) that were reached, at most `MATRIX_BOUNDS.hosts`. */
  readonly hosts: readonly string[]
  readonly hostsTotal: number
  readonly share: VerifiedShare
}

/** What is known of one way out within a cell. */
export interface MatrixDoor {
  /** An egress point's name, or the address where it belongs to none. */
  readonly door: string
  readonly isPoint: boolean
  /** At most 8. */
  readonly addresses: readonly string[]
  /** Connections proven to have left here, rightly and wrongly. */
  readonly sanctioned: number
  readonly violation: number
  /** Seen here by evidence that proves nothing, or covered by no rule. */
  readonly seen: number
}

export interface UnverifiedPart {
  readonly reason: NonNullable<Judgement['reason']>
  readonly lean: Lean
  readonly connections: number
}

/** One workload × one provider: the sum over all of its edges. */
export interface MatrixCell {
  readonly row: string
  readonly column: string
  readonly state: DoorState
  readonly reason?: DoorSummary['reason']
  readonly lean: Lean
  readonly confidence?: Confidence
  readonly counts: DoorSummary['counts']
  /** Heaviest first, at most `MATRIX_BOUNDS.doors`. */
  readonly doors: readonly MatrixDoor[]
  readonly doorsTotal: number
  /** Heaviest first. */
  readonly unverified: readonly UnverifiedPart[]
}

/** What narrows a matrix; empty = everything. */
export interface MatrixFilter {
  readonly cluster: string
  readonly namespaces: readonly string[]
  readonly providers: readonly string[]
  readonly states: readonly DoorState[]
  /** In a workload's label, a provider's name or a host. */
  readonly text: string
  /** First row of the answer. */
  readonly from: number
}

/** Workloads × providers × doors of a window. Shares and totals are those of all cells before `states` is looked at. */
export interface EgressMatrix {
  readonly window: TimeRange
  readonly dataset: string
  /** Most urgent first: violations, then what is unknown; within, by name. */
  readonly rows: readonly MatrixRow[]
  readonly columns: readonly MatrixColumn[]
  readonly cells: readonly MatrixCell[]
  readonly from: number
  readonly rowsTotal: number
  readonly columnsTotal: number
  readonly totals: {
    readonly share: VerifiedShare
    readonly bytes?: VerifiedBytes
    readonly counts: DoorSummary['counts']
    /** Cells by state. */
    readonly cells: DoorSummary['counts']
  }
  /** What can be chosen, whatever is chosen. */
  readonly choices: {
    readonly clusters: readonly string[]
    readonly namespaces: readonly string[]
    readonly providers: readonly { readonly id: string; readonly name: string }[]
  }
  /** True where more was judged than one answer adds up: narrow the window. */
  readonly isPartial: boolean
  /** NAT evidence of any hop or audit was heard in the window, in the clusters shown. */
  readonly hasEvidenceSource: boolean
}

/** A raw row behind an observation, as it came. */
export interface RawRow {
  readonly id: string
  /** What told it: `conntrack`, `hubble`, … */
  readonly source: string
  readonly hop?: string
  readonly atMs: UnixMillis
  readonly raw: string
}

/** One record that speaks of one connection of a cell. */
export interface CellRecord {
  readonly atMs: UnixMillis
  /** `10.244.1.7:41370 → 203.0.113.200:443/tcp`. */
  readonly connection: string
  readonly ip?: string
  readonly join?: JoinLevel
  /** In hop order; empty where retention dropped the rows, or the kind keeps none. */
  readonly rows: readonly RawRow[]
}

/** What one kind of source says of the connections of a cell that were judged alike: the first and the last word. */
export interface CellEvidence {
  readonly kind: EgressObservation['kind'] | 'flow'
  readonly hop?: string
  /** Of these connections; absent for flow records, which are of all. */
  readonly state?: DoorState
  /** Connections that it speaks of, among those looked at. Of flow records: the records. */
  readonly count: number
  readonly oldest: CellRecord
  /** The same one where there is only one. */
  readonly newest: CellRecord
}

/** Connections of which the judgement changed from one to another, within the same minute. */
export interface VerdictChange {
  /** The last of them. */
  readonly atMs: UnixMillis
  readonly from: Pick<Judgement, 'state' | 'reason'>
  readonly to: Pick<Judgement, 'state' | 'reason'>
  readonly connections: number
}

/** A step that would make more known: a sentence, and what to paste where there is something. */
export interface UpgradeStep {
  readonly text: string
  readonly snippet?: { readonly title: string; readonly command: string }
}

/** Everything behind one cell. */
export interface MatrixCellDetail {
  readonly cell: MatrixCell
  readonly row: MatrixRow
  readonly column: MatrixColumn
  readonly window: TimeRange
  /** Edge ids, at most `MATRIX_BOUNDS.edges`. */
  readonly edges: readonly string[]
  readonly edgesTotal: number
  /** True where the workload has more edges than are looked at: the cell may be more than is shown. */
  readonly isPartial: boolean
  /** One sentence, or two: who, verdict, reason, addresses, where it was seen, from when to when. */
  readonly sentence: string
  readonly evidence: readonly CellEvidence[]
  /** Connections whose evidence was looked at: the oldest and the newest, of `total`. */
  readonly examined: number
  readonly total: number
  readonly rule?: {
    readonly name: string
    /** What the judgements were made with. */
    readonly expected: readonly string[]
    /** The rule as it is now; absent where it is no longer in force. */
    readonly now?: {
      readonly mode: 'observe' | 'enforce'
      readonly requireEvidence: 'A' | 'B' | 'C'
      readonly points: readonly { readonly name: string; readonly cidrs: readonly string[] }[]
    }
  }
  /** Newest first, at most 20. */
  readonly changes: readonly VerdictChange[]
  readonly upgrade: readonly UpgradeStep[]
  /** NAT evidence of the cell's cluster was heard in the window. */
  readonly hasEvidenceSource: boolean
}
