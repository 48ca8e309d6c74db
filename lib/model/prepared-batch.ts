import type { ConnectionSighting } from './connection-facts'
import type { EndpointIdentity } from './endpoint'
import type { Flow, FlowCounts, Gap } from './flow'
import type { BucketTierS } from './time-range'
import type { UnixMillis } from './units'

/** What ingest hands to the store: decided, cleaned and folded; the store adds ids and commits. */
export interface PreparedFlows {
  /** Records that are kept as rows, each counted only when its row is new. */
  readonly evidence: readonly EvidenceFlow[]
  /** All others, summed. */
  readonly sums: readonly BucketSum[]
  readonly names: readonly LearnedName[]
  readonly owners: readonly LearnedOwner[]
  readonly gaps: readonly (Gap & { readonly cluster: string })[]
  /** What the summed records bring per cluster; evidence is counted when it is stored. */
  readonly summed: readonly ClusterTally[]
}

/** A flow whose cluster is decided. */
export type ClusteredFlow = Flow & { readonly cluster: string }

/** Why a record is kept as a row. */
export type EvidenceClass = 'denied' | 'dropped' | 'error' | 'audit' | 'external' | 'calico' | 'exemplar'

export interface EvidenceFlow {
  readonly flow: ClusteredFlow
  /** Equal for flows of one edge variant of one cluster; holds no ids. */
  readonly variantKey: string
  readonly keptAs: EvidenceClass
  readonly parts: readonly BucketPart[]
  /** A denial is counted once per key; set on L4 denials of sources that report every packet. */
  readonly denialKey?: string
  /** Set where the record tells of a connection that leaves the cluster. */
  readonly sighting?: ConnectionSighting
}

/** What one record adds to one bucket `[bucketStartMs, bucketStartMs + grainS)`. */
export interface BucketPart extends FlowCounts {
  readonly bucketStartMs: UnixMillis
  readonly grainS: BucketTierS
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** Sum of parts of one variant and bucket. `flow` is one of the variant's flows: it names edge, verdict and trace. */
export interface BucketSum extends BucketPart {
  readonly variantKey: string
  readonly flow: ClusteredFlow
}

/** A DNS answer: this client was told that the name has this address. */
export interface LearnedName {
  readonly cluster: string
  readonly ip: string
  readonly name: string
  readonly client: EndpointIdentity
  readonly clientPod: string
  readonly fromMs: UnixMillis
  readonly toMs: UnixMillis
}

/** A pod's workload, as the node that saw the pod locally told it. */
export interface LearnedOwner {
  readonly cluster: string
  readonly namespace: string
  readonly pod: string
  readonly workload: string
  readonly workloadKind: string
}

export interface ClusterTally {
  readonly cluster: string
  readonly accepted: number
  readonly newestMs?: UnixMillis
}
