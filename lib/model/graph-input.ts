import type { SourceCoverage } from './coverage'
import type { DoorSummary } from './egress'
import type { EndpointIdentity } from './endpoint'
import type { AiFacts, EdgeVariant, GraphNode } from './graph'
import type { TimeRange } from './time-range'
import type { UnixMillis } from './units'

/** What the store knows of one window: dictionaries, sums and facts, before anything is concluded from them. */
export interface GraphInput {
  readonly window: TimeRange
  readonly dataset: string
  readonly endpoints: readonly EndpointRow[]
  readonly edges: readonly EdgeRow[]
  readonly variants: readonly VariantRow[]
  readonly spanFacts: readonly EdgeSpanFacts[]
  readonly openFindings: Readonly<Record<string, number>>
  readonly coverage: readonly SourceCoverage[]
  readonly newestMs?: UnixMillis
  readonly revision: string
}

export interface EndpointRow extends EndpointIdentity {
  readonly id: string
  readonly cluster: string
  readonly workloadKind?: string
  readonly serviceAccount?: string
  readonly labels: Readonly<Record<string, string>>
  readonly aiRole?: string
  readonly aiRoleBy?: string
}

export interface EdgeRow {
  readonly id: string
  readonly cluster: string
  readonly clientId: string
  readonly serverId: string
  readonly protocol: string
  readonly serverPort: number
}

export interface VariantRow extends EdgeVariant {
  readonly edgeId: string
  /** Counters repeat a sibling's: they count for the policy, not for the edge. */
  readonly repeats: boolean
}

export interface EdgeSpanFacts {
  readonly edgeId: string
  /** Calls, and those of them that failed by either side's word. */
  readonly spans: number
  readonly failed: number
  /** Databases that were called, `system/name`, at most 8. */
  readonly databases: readonly string[]
  readonly ai?: AiFacts
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** Conclusions that other parts hand to the graph: which provider an endpoint is, which role, and by which door. */
export interface GraphFacts {
  readonly providers: ReadonlyMap<string, NonNullable<GraphNode['provider']>>
  /** The one name that the DNS map has for an endpoint that is an address. */
  readonly names: ReadonlyMap<string, NonNullable<GraphNode['dnsName']>>
  readonly roles: ReadonlyMap<string, { readonly role: string; readonly by: string }>
  readonly doors: ReadonlyMap<string, DoorSummary>
  /** Absent where nobody asked what is new. */
  readonly news?: NewInWindow
}

/** What was first seen in a window, as far as is known. */
export interface NewInWindow {
  /** Edge ids, and ids of endpoints none of whose edges was seen before. */
  readonly edges: ReadonlySet<string>
  readonly endpoints: ReadonlySet<string>
  /** Clusters of which nothing is remembered from before the window, sorted. */
  readonly unknownIn: readonly string[]
}
