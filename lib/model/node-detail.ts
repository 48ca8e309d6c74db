import type { FlowRow, SpanRow } from './edge-detail'
import type { AiFacts, GraphEdge, GraphNode } from './graph'
import type { Mismatch } from './mismatch'
import type { PolicyRef } from './policy'
import type { UnixMillis } from './units'

/** Which policies isolate a workload in one direction, computed by Postern from the inventory. Lists hold at most 50. */
export interface NodeIsolation {
  readonly direction: 'egress' | 'ingress'
  readonly isolating: readonly PolicyRef[]
  /** Of these it cannot be computed, since labels or text are not known. */
  readonly undecided: readonly PolicyRef[]
}

/** Everything the node panel shows. Lists are bounded and say how many there are in all. */
export interface NodeDetail {
  readonly node: GraphNode
  readonly workloadKind?: string
  readonly serviceAccount?: string
  readonly labels: Readonly<Record<string, string>>
  /** Pods known to belong to the workload, newest first. */
  readonly pods: readonly string[]
  readonly podsTotal: number
  /** Names that DNS answers gave an address in the window. */
  readonly dnsNames: readonly string[]
  /** Its edges of the window, whatever the view hides, and the nodes at their other ends. */
  readonly edges: readonly GraphEdge[]
  readonly peers: readonly GraphNode[]
  /** Newest records of connections that a policy denied, in either direction. */
  readonly denials: readonly FlowRow[]
  readonly denialsTotal: number
  /** Spans of its edges, newest first, and what they say of model calls together. */
  readonly spans: readonly SpanRow[]
  readonly spansTotal: number
  readonly ai?: AiFacts
  readonly findings: readonly { readonly id: string; readonly title: string; readonly status: string }[]
  readonly mismatches: readonly Mismatch[]
  /** Of a workload whose cluster has an inventory, as of the end of the window; both directions, or none where no policy is known. */
  readonly isolation?: { readonly atMs: UnixMillis; readonly directions: readonly NodeIsolation[] }
  /** True where an inventory of its cluster may have the text of policies. */
  readonly hasInventory?: boolean
}
