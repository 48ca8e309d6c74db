import type { Headline, SourceCoverage } from './coverage'
import type { DoorSummary } from './egress'
import type { EndpointClass } from './endpoint'
import type { FilterChip } from './filter-chip'
import type { Observer } from './flow'
import type { PolicyHit } from './policy'
import type { TimeRange } from './time-range'
import type { Bytes, UnixMillis } from './units'
import type { Basis, EdgeState, Layer, Outcome, Pending } from './verdict'

/** Class on screen: an external endpoint whose name or range belongs to a provider is shown as that provider. */
export type NodeClass = EndpointClass | 'provider'
export type AiRole = 'agent' | 'model-server' | 'gateway' | 'vector-store' | 'app' | (string & {})

/** The ladder of scopes, from coarse to fine: what one node of the drawing stands for. */
export const GRAPH_LEVELS = ['cluster', 'namespace', 'workload', 'pod'] as const
export type GraphLevel = (typeof GRAPH_LEVELS)[number]

/** A place that a person stepped into: a cluster, a namespace of it, a workload of that. */
export interface Place {
  readonly cluster: string
  readonly namespace?: string
  readonly workload?: string
}

/** Traffic that is there in every cluster and says little: name lookups, nodes and their agents, scrapes and probes. */
export const NOISE_KINDS = ['dns', 'host', 'monitoring'] as const
export type NoiseKind = (typeof NOISE_KINDS)[number]

/** What a node stands for that is several endpoints drawn as one. */
export interface NodeGroup {
  /** `outside`: peers without a name of a provider, drawn as one until a person opens it. */
  readonly kind: 'cluster' | 'namespace' | 'outside'
  /** Endpoints in it that have an edge in the view. */
  readonly members: number
  /** Edges wholly within it, which the drawing does not show. One that needs a person is drawn, as an edge from it to itself. */
  readonly innerEdges: number
  /** Of the members, how many have an AI role. */
  readonly aiWorkloads: number
}

/** What an edge stands for that is several edges drawn as one: its counters are their sums. */
export interface EdgeBundle {
  readonly edges: number
  /** How many of them are in each state; states that none is in are left out. */
  readonly states: Readonly<Partial<Record<EdgeState, number>>>
  /** The state of the member that most needs a person. */
  readonly worst: EdgeState
  /** `port/protocol`, at most 8, most used first. */
  readonly ports: readonly string[]
}

/** How an edge differs between two windows. */
export type EdgeChange = 'added' | 'removed' | 'verdict' | 'volume'

export interface GraphNode {
  /** Endpoint id: decimal text of a signed 64-bit content hash; stable for ever. */
  readonly id: string
  readonly class: NodeClass
  readonly cluster: string
  readonly namespace: string
  readonly name: string
  /** What a person reads. */
  readonly label: string
  /**
   * The name of an address by the DNS map, where it has one only. `question`: a client asked for it before it connected; no
   * answer told the address.
   */
  readonly dnsName?: { readonly name: string; readonly origin: 'answer' | 'question' }
  readonly aiRole?: AiRole
  /** How we know the role: signature id, or "calls a provider". */
  readonly aiRoleBy?: string
  readonly provider?: {
    readonly id: string
    readonly name: string
    readonly category: string
    readonly matchedBy: string
    readonly certain: boolean
  }
  /** Only of a node that stands for several endpoints; its id is `g` and 16 hex digits. */
  readonly group?: NodeGroup
  /** Only of a pod of the pod level: the pod's name; its id is `p` and 16 hex digits, and `name` the workload's. */
  readonly pod?: string
  /** Only of a pod: the id of its workload's node. */
  readonly partOf?: string
  /** None of its edges was seen before this window; of a group, of one of its members. Absent = it was, or nobody knows. */
  readonly isNew?: true
}

/** Sums over the window. Client and server side report the same connection: the larger of the two, never the sum. */
export interface EdgeCounters {
  readonly connections: number
  readonly events: number
  readonly requests: number
  readonly requestErrors: number
  /** Calls that traces saw, each once. */
  readonly spans: number
  /** Those of them that failed by either side's word; absent in snapshots of before it was counted. */
  readonly spanErrors?: number
  readonly bytesSent: Bytes
  readonly bytesReceived: Bytes
}

/** What one side said, in one way, during the window. */
export interface EdgeVariant {
  readonly id: string
  /** `nat`: no flow record tells of it, only NAT records from the address of a pod. */
  readonly source: 'hubble' | 'calico' | 'otlp' | 'nat'
  readonly observer: Observer
  readonly outcome: Outcome
  readonly basis: Basis
  readonly pending: Pending
  readonly layer: Layer
  readonly dropReason?: string
  readonly enforced?: readonly PolicyHit[]
  readonly pendingTrace?: readonly PolicyHit[]
  readonly counters: EdgeCounters
  /** True where its counters repeat a sibling's: they count for its policies, not for the edge. */
  readonly repeats?: boolean
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** AI facts from spans of the window, tokens counted once. */
export interface AiFacts {
  readonly providerName?: string
  readonly calls: number
  readonly errors: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** At most 8, most used first. */
  readonly models: readonly string[]
  readonly addressRefused: number
}

export interface GraphEdge {
  /** Edge id: decimal text of a signed 64-bit content hash of (dataset, cluster, client, server, protocol, port). */
  readonly id: string
  readonly client: string
  readonly server: string
  readonly cluster: string
  readonly protocol: string
  readonly serverPort: number
  readonly state: EdgeState
  /** Behind the state: units that passed, that were denied, that a staged policy would deny. */
  readonly passed: number
  readonly denied: number
  readonly wouldBeDenied: number
  /** Dropped for other causes than policy; L7 errors: badges. */
  readonly dropped: number
  readonly counters: EdgeCounters
  readonly variants: readonly EdgeVariant[]
  /** True where an AI workload or a provider is at either end. */
  readonly isAi: boolean
  readonly door?: DoorSummary
  readonly ai?: AiFacts
  readonly openFindings: number
  /** Only of an edge that stands for several; its id is `g` and 16 hex digits, its port 0 where they have several. */
  readonly bundle?: EdgeBundle
  /** Only of an edge of a pod, whose id is `p` and 16 hex digits: the id of the workload's edge that it is a part of. */
  readonly partOf?: string
  /** First seen in this window; of a bundle, one of its edges was. Absent = it was seen before, or nobody knows. */
  readonly isNew?: true
  /** Only while two windows are compared, where it differs. */
  readonly change?: EdgeChange
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** Why an edge is not on the screen: a filter of the view, only-problems, a noise toggle, or the limit of a readable drawing. */
export const HIDDEN_CAUSES = ['filters', 'problems', 'noise', 'limit'] as const
export type HiddenCause = (typeof HIDDEN_CAUSES)[number]

/** What one cause keeps off the screen. */
export interface HiddenPart {
  readonly edges: number
  /** Of them, edges with denied traffic; always 0 of `noise` and `limit`. */
  readonly denied: number
  /** Share of all that the window's edges carried, 0–1, to four digits. */
  readonly share: number
}

/**
 * Honest limits. `edges` and `nodes` are of the window and neither drawn nor within a drawn group: edges of drawn bundles, edges
 * within groups and hidden ones are all edges of the window, each once.
 */
export interface HiddenCounts {
  readonly edges: number
  readonly nodes: number
  /** Each edge has one cause; causes of none are left out. Absent in snapshots of before it was counted. */
  readonly by?: Readonly<Partial<Record<HiddenCause, HiddenPart>>>
  /** What shares are of: bytes where all that passed is counted in bytes, else connections. */
  readonly measure?: 'bytes' | 'connections'
}

/** How far the pod level goes: it is drawn from flow records, of which so many are read at most. */
export interface PodCounts {
  readonly records: number
  /** Records of the place in the window that were not read; counted up to a bound. */
  readonly recordsLeft: number
  /** Edges of the place whose sources tell no pods, or of which no record was read: they are drawn as their workload's. */
  readonly edgesWithoutPods: number
}

export interface ServiceGraph {
  readonly window: TimeRange
  readonly dataset: string
  /** What is drawn, where the view left the choice to the server; absent in snapshots of before there were levels. */
  readonly level?: GraphLevel
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** What the view keeps off the screen. Denied and AI edges are never cut by the limit, nor by noise toggles. */
  readonly hidden: HiddenCounts
  /** Only at the pod level. */
  readonly pods?: PodCounts
  readonly coverage: readonly SourceCoverage[]
  readonly headline: Headline
  /** Newest record in the dataset at all: what "Jump to newest data" opens. */
  readonly newestMs?: UnixMillis
  /**
   * Clusters of which nothing is remembered from before this window, so that nobody knows what is new in them, sorted; absent where there
   * are none, and in snapshots of before it was told.
   */
  readonly newUnknownIn?: readonly string[]
  /** Only while two windows are compared: the other one. */
  readonly against?: TimeRange
  /** Grows with every commit that can change a graph. */
  readonly revision: string
}

/** What changed from one graph to the next; applying it to the first gives the second. */
export interface GraphPatch {
  readonly revision: string
  readonly window: TimeRange
  readonly upsertNodes: readonly GraphNode[]
  readonly upsertEdges: readonly GraphEdge[]
  readonly removeNodes: readonly string[]
  readonly removeEdges: readonly string[]
  readonly level?: GraphLevel
  readonly hidden: HiddenCounts
  readonly pods?: PodCounts
  readonly coverage: readonly SourceCoverage[]
  readonly headline: Headline
  readonly newestMs?: UnixMillis
  readonly newUnknownIn?: readonly string[]
}

/** What the screen asks for. `fromMs`/`toMs` undefined = the last `windowMs` before now, moving. */
export interface GraphQuery {
  readonly dataset: string
  readonly fromMs?: UnixMillis
  readonly toMs?: UnixMillis
  readonly windowMs: number
  readonly cluster?: string
  readonly namespaces: readonly string[]
  /** AI view: AI workloads, providers and their neighbours. */
  readonly scope: 'ai' | 'all'
  readonly states: readonly EdgeState[]
  /** undefined = the server chooses the finest that is readable. */
  readonly level?: GraphLevel
  readonly inside?: Place
  /** Ids of groups that a person opened: their members are drawn. */
  readonly expanded?: readonly string[]
  /** Only what needs a person: denied, would be denied, dropped, violations, open findings. */
  readonly isOnlyProblems?: boolean
  /** Noise that is kept off the drawing; denied and AI edges stay. */
  readonly quiet?: readonly NoiseKind[]
  readonly chips?: readonly FilterChip[]
  /** The chips hold as they are, or with source and destination exchanged: of two ends A and B, whichever calls. */
  readonly isBothWays?: boolean
  /** Expressions of the filter language (docs/filter.md): what is taken away, and what is kept with its neighbours. */
  readonly hide?: string
  readonly focus?: string
  /** Draw everything, whatever the limits of a readable drawing. */
  readonly isUncapped?: boolean
}
