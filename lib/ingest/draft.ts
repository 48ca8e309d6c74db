import type { Flow } from '@/lib/model/flow'
import type { EvidenceClass, LearnedOwner } from '@/lib/model/prepared-batch'
import type { UnixMillis } from '@/lib/model/units'
import type { ClusterScope, KnownPeer } from './cluster-scope'
import type { DropReason } from './drop-reason'
import type { ExemplarBudget } from './exemplar-budget'
import type { ClusterScopes, IngestMemo } from './ingest-memo'
import type { Variant } from './variant-key'

/** What the request and the settings say about a batch. */
export interface IngestContext {
  readonly nowMs: UnixMillis
  /** '' is live: times are checked. Others are pinned: any time is taken. */
  readonly dataset: string
  readonly retentionMs: number
  readonly tokenCluster?: string
  readonly clusterHeader?: string
  readonly defaultCluster: string
  /** Owners that the store knows already, by `podKey`. */
  readonly knownOwners?: ReadonlyMap<string, Owner>
  /** Shared by the batches of a process, so that many small bodies do not keep more exemplars than one large one. */
  readonly exemplars?: ExemplarBudget
  /** Shared in the same way; changes what a batch costs, never what comes of it. */
  readonly memo?: IngestMemo
  /** Owners that the flows of the batch tell themselves, where the caller has looked already. */
  readonly toldOwners?: ReadonlyMap<string, Owner & LearnedOwner>
}

export interface Owner {
  readonly name: string
  readonly kind: string
}

/** A flow on its way through the steps, which fill it in, in their order. One for all records, one after the other. */
export interface Draft {
  flow: Flow
  scope: ClusterScope
  client: KnownPeer
  server: KnownPeer
  variant: Variant
  keptAs: EvidenceClass | undefined
}

/** What steps share within one batch. */
export interface BatchState {
  readonly context: IngestContext
  readonly scopes: ClusterScopes
  readonly exemplars: ExemplarBudget
  clusterConflicts: number
}

/** A step may end a record by answering why, and otherwise adds one fact to it. */
export type Step = (draft: Draft, state: BatchState) => DropReason | undefined

export const podKey = (cluster: string, namespace: string, pod: string): string => `${cluster}\n${namespace}\n${pod}`
