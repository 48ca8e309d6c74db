import type { FlowRow } from './edge-detail'
import type { GraphEdge, GraphNode } from './graph'

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
}
