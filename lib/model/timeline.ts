import type { SourceSilence } from './comparison'
import type { DetectorId, FindingEventKind, Severity } from './finding'
import type { EdgeBundle, ServiceGraph } from './graph'
import type { CaseEventKind } from './incident-case'
import type { TimeRange } from './time-range'
import type { TrafficCounts } from './traffic-count'
import type { UnixMillis } from './units'

/** Frames of one length that cover a window: frame `i` begins at `fromMs + i·stepMs`. */
export interface FrameGrid {
  readonly fromMs: UnixMillis
  readonly stepMs: number
  readonly count: number
}

/** From when on rows of each grain are kept; absent where nothing is gone. Before `hours` nothing is known at all. */
export interface KeptSince {
  readonly slotsMs?: UnixMillis
  readonly minutesMs?: UnixMillis
  readonly hoursMs?: UnixMillis
}

/** Something that happened in a window, to be marked on its axis. */
export type TimelineMark = { readonly atMs: UnixMillis; readonly cluster: string } & (
  | {
      /** The first denial of an edge in the window. */
      readonly kind: 'deny'
      readonly edgeId: string
      readonly client: string
      readonly server: string
      readonly serverPort: number
    }
  | {
      /** `known`: the inventory met it then; it may have been so for long. */
      readonly kind: 'policy'
      readonly change: 'created' | 'changed' | 'deleted' | 'known'
      readonly policyKind: string
      readonly namespace: string
      readonly tier: string
      readonly name: string
      /** What a link to the policies page names it by; absent for objects that are no policies about pods, which the page has not. */
      readonly policyId?: string
    }
  | {
      readonly kind: 'finding'
      readonly event: FindingEventKind
      readonly findingId: string
      readonly title: string
      readonly detector: DetectorId
      readonly severity: Severity
    }
  | {
      readonly kind: 'incident'
      readonly event: CaseEventKind
      readonly caseId: string
      readonly title: string
    }
)

/** A window over time: what was counted, what happened, and what nobody saw. */
export interface Timeline {
  readonly window: TimeRange
  readonly frames: FrameGrid
  /** Of each frame, added over the edges of the view's cluster. */
  readonly counts: readonly TrafficCounts[]
  /** In time order. */
  readonly marks: readonly TimelineMark[]
  /** Marks that are left out, at least: of each kind the newest are told. */
  readonly marksHidden: number
  readonly silences: readonly SourceSilence[]
  /** From when on silence was looked for. */
  readonly silencesSinceMs: UnixMillis
  readonly kept: KeptSince
  /** Records longer than a frame are in it: each counts whole where it began. */
  readonly hasLongRecords: boolean
}

/**
 * An edge in one frame: its index in `Replay.graph.edges` and of its state in EDGE_STATES; passed, denied, would be denied, dropped;
 * connections, events, requests, request errors, bytes sent, bytes received.
 */
export type FrameEdge = readonly [
  edge: number,
  state: number,
  passed: number,
  denied: number,
  wouldBeDenied: number,
  dropped: number,
  connections: number,
  events: number,
  requests: number,
  requestErrors: number,
  bytesSent: number,
  bytesReceived: number,
  /** Of an edge that stands for several: how they were in the frame. */
  bundle?: EdgeBundle,
]

/** A window frame by frame. */
export interface Replay {
  readonly window: TimeRange
  readonly frames: FrameGrid
  /** Every node and edge of any frame, edges with the figures, doors and findings of the whole window. */
  readonly graph: ServiceGraph
  /** Edges with a record in each frame. */
  readonly edges: readonly (readonly FrameEdge[])[]
  readonly hasLongRecords: boolean
  /** Edges of the window that traces alone tell of: they are in no frame. */
  readonly tracedOnly: number
}
