import type { DoorState, DoorSummary } from './egress'
import type { EgressDiff, EntryIssue } from './egress-entry'
import type { TimeRange } from './time-range'

/** A workload → provider edge, as a person names it. */
export interface PreviewTarget {
  readonly edgeId: string
  readonly cluster: string
  readonly namespace: string
  readonly workload: string
  /** Host, or address where no name is known. */
  readonly server: string
  readonly provider?: string
}

/** What a change of the egress configuration would do to one edge. Doors are of the connections that were looked at. */
export interface PreviewEdge extends PreviewTarget {
  readonly before: DoorSummary
  readonly after: DoorSummary
  /** Connections whose judgement would change: from which state to which, most first. */
  readonly moves: readonly { readonly from: DoorState; readonly to: DoorState; readonly connections: number }[]
  readonly lookedAt: number
  /** Older connections of the window that were not looked at. */
  readonly left: number
}

/** What a change of the egress configuration would do to what is kept. */
export interface EgressPreview {
  /** Said whole: "This would change these 7 edges." */
  readonly sentence: string
  readonly window: TimeRange
  /** Edges that would change, the gravest first, at most 200. */
  readonly edges: readonly PreviewEdge[]
  /** How many they are. */
  readonly changed: number
  /** Edges that were looked at and would stay as they are. */
  readonly unchanged: number
  /** Edges that would newly be reached against `denyProviders`, at most 200. */
  readonly newlyDenied: readonly PreviewTarget[]
  readonly lookedAt: { readonly connections: number; readonly edges: number }
  readonly left: { readonly connections: number; readonly edges: number }
}

/** Answer of POST /api/egress/preview: the issues of what was proposed, and what it would do where none is an error. */
export interface PreviewAnswer {
  readonly issues: readonly EntryIssue[]
  /** How to get around a refusal. */
  readonly hint?: string
  readonly diff: readonly EgressDiff[]
  readonly preview?: EgressPreview
}
