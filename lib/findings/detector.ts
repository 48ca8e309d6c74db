import type { DoorSummary, EgressRule } from '@/lib/model/egress'
import type { DetectorId, Severity } from '@/lib/model/finding'
import type { UnixMillis } from '@/lib/model/units'

/**
 * Connections of an edge that are judged alike: totals over everything on record (so that planning twice adds nothing), not
 * differences since the last time.
 */
export interface Shown {
  /** Connections, > 0. */
  readonly count: number
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
  /** When the newest of these judgements was made; late evidence learns of old connections. Absent = at `lastMs`. */
  readonly learnedMs?: UnixMillis
}

/** A workload → provider edge with what its connections amount to. */
export interface JudgedEdge {
  readonly edgeId: string
  readonly dataset: string
  readonly cluster: string
  /** As a person reads them: `agents/planner`, `OpenAI`. */
  readonly workload: string
  readonly target: string
  readonly door: DoorSummary
  readonly violation?: Shown
  readonly unverified?: Shown
  /** Mode of the rule; `observe` judges and shows, and opens no finding. */
  readonly mode?: EgressRule['mode']
}

/** What a detector says of an edge that shows its problem. */
export interface Detection {
  readonly severity: Severity
  readonly title: string
  readonly shown: Shown
}

export interface Detector {
  readonly id: DetectorId
  /** What must be alive for quiet to mean anything. */
  readonly needs: 'flows' | 'flows-and-evidence'
  /** The problem as the edge shows it now; undefined where it does not. */
  detect(edge: JudgedEdge): Detection | undefined
  /** True where the edge positively disproves the problem, so that no quiet time is needed. */
  isDisproved(edge: JudgedEdge): boolean
}
