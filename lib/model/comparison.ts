import type { EdgeChange, EdgeCounters, GraphEdge, ServiceGraph } from './graph'
import type { SourceName } from './source-name'
import type { TimeRange } from './time-range'
import type { EdgeState } from './verdict'

/** A source that did not tell of a stretch of time: what happened in it may not have been seen. */
export interface SourceSilence extends TimeRange {
  readonly source: SourceName
  readonly cluster: string
  /** NAT hop; absent otherwise. */
  readonly hop?: string
  /**
   * `silent`: no word for longer than is usual for it. `unheard`: before its first word, or after its last in a dataset. `loss`: it
   * said itself that it lost records.
   */
  readonly kind: 'silent' | 'unheard' | 'loss'
  /** Records lost, where it told how many. */
  readonly lost?: number
  /** Of a loss, in the source's own words. */
  readonly reason?: string
}

/** What is counted on an edge when two windows are compared. */
export type VolumeUnit = 'connections' | 'requests' | 'events' | 'spans' | 'bytes'

/** How one edge differs from the window that it is compared with. */
export interface EdgeDifference {
  readonly edgeId: string
  readonly kind: EdgeChange
  /** Names of both ends, the port and the protocol, as a person reads them. */
  readonly client: string
  readonly server: string
  readonly serverPort: number
  readonly protocol: string
  readonly cluster: string
  /** Absent where the window did not see the edge. */
  readonly before?: EdgeSums
  readonly after?: EdgeSums
  /** How many times as much, where the volume changed: above 1 is more, below is less. Said beside a changed verdict as well. */
  readonly factor?: number
  readonly unit?: VolumeUnit
  /** Why it may be no change at all: sources of the edge that did not cover the window that lacks it, or its verdict. */
  readonly uncovered: readonly SourceSilence[]
}

export interface EdgeSums extends Pick<GraphEdge, 'passed' | 'denied' | 'wouldBeDenied' | 'dropped'> {
  readonly state: EdgeState
  readonly counters: EdgeCounters
}

/** Sums over all edges of one side, also of those that are not drawn. */
export interface WindowSums {
  readonly window: TimeRange
  readonly edges: number
  readonly passed: number
  readonly denied: number
  readonly bytes: number
}

/** Two windows of a view, side by side. `before` is the window compared with, whichever of the two is earlier. */
export interface GraphComparison {
  readonly before: WindowSums
  readonly after: WindowSums
  /** Nodes and edges of both; an edge of both windows as the view's own has it. */
  readonly graph: ServiceGraph
  /** In the order in which a person looks: verdicts, added, removed, volume; within each what matters most first. */
  readonly differences: readonly EdgeDifference[]
  /** Sources that covered one of the windows less than whole. */
  readonly silences: { readonly before: readonly SourceSilence[]; readonly after: readonly SourceSilence[] }
}
