import type { DoorState } from './egress'
import type { PolicyRef } from './policy'
import type { TimeRange } from './time-range'
import type { UnixMillis } from './units'
import type { EdgeState } from './verdict'

/** With what a window is compared: the stretch of equal length before it, and the same time of the day before. */
export const COMPARED = ['previous', 'yesterday'] as const
export type Compared = (typeof COMPARED)[number]

export interface Changed<T> {
  readonly before: T
  readonly now: T
}

/** How one edge differs between two windows; of an edge that is in one of them alone everything is 0 in the other. */
export interface EdgeComparison {
  /** `absent`: in neither. */
  readonly presence: 'both' | 'added' | 'removed' | 'absent'
  /** Only where they differ. */
  readonly state?: Changed<EdgeState>
  readonly door?: Changed<DoorState | 'none'>
  /** In units of the edge's figures, all that are not 0 in both windows. */
  readonly counters: readonly (Changed<number> & { readonly name: ComparedCounter })[]
  /** Policies that decided in one window and not in the other, at most 20 each. */
  readonly policiesAdded: readonly PolicyRef[]
  readonly policiesRemoved: readonly PolicyRef[]
  readonly modelsAdded: readonly string[]
  readonly modelsRemoved: readonly string[]
}
export type ComparedCounter =
  | 'connections'
  | 'denied'
  | 'wouldBeDenied'
  | 'dropped'
  | 'requests'
  | 'requestErrors'
  | 'spans'
  | 'spanErrors'
  | 'tokens'
  | 'bytes'

/** A peer of a node, as a list shows it. */
export interface ComparedPeer {
  readonly edgeId: string
  readonly label: string
  /** Which end of the edge the peer is. */
  readonly end: 'client' | 'server'
  readonly state: EdgeState
}

/** How a node differs between two windows. Lists hold at most 50; `total` says how many there are. */
export interface NodeComparison {
  readonly counters: EdgeComparison['counters']
  readonly added: { readonly peers: readonly ComparedPeer[]; readonly total: number }
  readonly removed: { readonly peers: readonly ComparedPeer[]; readonly total: number }
  readonly verdicts: {
    readonly peers: readonly (ComparedPeer & { readonly before: EdgeState })[]
    readonly total: number
  }
}

/** A policy of the inventory that began, changed or ended. */
export interface PolicyVersionChange extends PolicyRef {
  readonly atMs: UnixMillis
  readonly change: 'added' | 'changed' | 'removed'
}

/** What changed of an edge or a node, for its panel. */
export interface PanelChanges {
  readonly cluster: string
  readonly window: TimeRange
  readonly comparisons: readonly {
    readonly with: Compared
    readonly window: TimeRange
    /** False: no flow source and no trace told anything of the cluster then, so that nothing follows from what is missing. */
    readonly isCovered: boolean
    readonly edge?: EdgeComparison
    readonly node?: NodeComparison
  }[]
  /** From the beginning of the previous window on, oldest first, at most 50. undefined = no inventory of the cluster was read. */
  readonly policyVersions?: readonly PolicyVersionChange[]
}
