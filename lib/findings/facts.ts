import type { DoorSummary, EgressRule } from '@/lib/model/egress'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { DetectorId } from '@/lib/model/finding'
import type { EdgeVariant } from '@/lib/model/graph'
import type { UnixMillis } from '@/lib/model/units'

/** Detectors look at the last hour; counts are kept per stretch of 15 min, aligned to the epoch. */
export const LOOK_BACK_MS = 60 * 60_000
export const SLOT_MS = 15 * 60_000
/** What a cluster must have been watched before anything in it can be called new. */
export const LEARNING_MS = 7 * 24 * 60 * 60_000

/**
 * What a detector needs to be told by some source; a page names those that are missing. flows: a flow log · addresses: flow
 * records with server addresses or names · nat-evidence: NAT records or audits · dns: DNS answers or questions · spans ·
 * ai-spans: spans with GenAI facts · l7: HTTP seen by a proxy in the flow log · policies: a flow log that names policies, or
 * states that none applied · inventory: Kubernetes objects · bytes: a flow log that counts bytes.
 */
export const DETECTOR_NEEDS = [
  'flows',
  'addresses',
  'nat-evidence',
  'dns',
  'spans',
  'ai-spans',
  'l7',
  'policies',
  'inventory',
  'bytes',
] as const
export type DetectorNeed = (typeof DETECTOR_NEEDS)[number]

/** Everything that detectors may look at in one cluster at one moment. Pure data; what no source told is absent, never guessed. */
export interface ClusterFacts {
  /** '' = live. A pinned dataset is looked at over the last hour before its newest record. */
  readonly dataset: string
  readonly cluster: string
  readonly nowMs: UnixMillis
  /** Edges with something in the look-back. */
  readonly edges: readonly EdgeFacts[]
  /** Workloads that are the client of one of them, or emitted spans in the look-back. */
  readonly workloads: readonly WorkloadFacts[]
  /** Answers and questions of the look-back for hosts of the catalogue. */
  readonly names: readonly NameFacts[]
  /** By `volumeKey`: hourly bytes, only where the last whole hour is above the floor of D10. */
  readonly volumes: ReadonlyMap<string, readonly HourVolume[]>
  /** Needs that a source of this cluster meets now. */
  readonly met: ReadonlySet<DetectorNeed>
  /** Since when edges of the cluster are remembered; absent = they are not. */
  readonly learningSinceMs?: UnixMillis
  readonly deniedProviders: ReadonlySet<string>
  /** Providers whose IP allow-list an operator confirmed. */
  readonly confirmedAllowLists: ReadonlySet<string>
  /** Providers that can restrict their API to source addresses, with how. */
  readonly allowLists: ReadonlyMap<string, string>
}

export interface PeerFacts {
  readonly endpointId: string
  readonly class: EndpointClass
  readonly namespace: string
  readonly name: string
  /** As a person reads it: `agents/planner`, `api.openai.com`. */
  readonly label: string
  /** Labels of its pods, as the newest record tells them. */
  readonly labels: Readonly<Record<string, string>>
  /** Addresses seen, at most 8; [] where the source tells none. */
  readonly ips: readonly string[]
  /** First record ever in which it was an end of an edge, as far as remembered; absent = not looked up. */
  readonly firstEverMs?: UnixMillis
  readonly ai?: { readonly role: string; readonly by: string; readonly certain: boolean }
  readonly provider?: {
    readonly id: string
    readonly name: string
    readonly category: string
    readonly host: string
    /** Role of the host (catalogue/types.ts): `inference`, `telemetry`, … */
    readonly role: string
    /** False where the host also serves other traffic, or names disagree: "possible". */
    readonly certain: boolean
    /** How the name is known (ProviderMatch): `dns-map`, `flow-dns-name`, `cidr`, … */
    readonly matchedBy: string
  }
}

/** Counts of one edge in one stretch `[startMs, startMs + SLOT_MS)`. Units as in the flow: connections, else records seen. */
export interface SlotFacts {
  readonly startMs: UnixMillis
  readonly passed: number
  readonly denied: number
  /** Dropped for other causes than policy. */
  readonly dropped: number
  readonly spans: number
  /** Spans in which the provider refused the address. */
  readonly refused: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** What was seen on the wire of an edge; from exemplar records and spans, so absent = not seen, which is not "encrypted". */
export interface WireFacts {
  /** HTTP that a proxy of the flow log read: the connection was plain where it was read. */
  readonly httpRequests: number
  /** Records that say that node-to-node encryption (WireGuard, IPsec) carried the packet. */
  readonly encryptedRecords: number
  /** Schemes of client spans on this edge. */
  readonly httpSpans: number
  readonly httpsSpans: number
  /** Client or server has a mesh sidecar or is in an ambient mesh, by labels: mTLS is possible. */
  readonly hasMesh: boolean
}

export interface EdgeSpans {
  readonly calls: number
  readonly aiCalls: number
  readonly refused: number
  /** Providers that GenAI spans on this edge claim, canonical catalogue ids where known, at most 8. */
  readonly claimedProviders: readonly string[]
  /** Hosts that client spans say they called, at most 8. */
  readonly claimedHosts: readonly string[]
  /** Paths without query that client spans say they called, opaque parts masked, at most 8: files and batches are large by nature. */
  readonly paths?: readonly string[]
}

export interface EdgeFacts {
  readonly edgeId: string
  readonly client: PeerFacts
  readonly server: PeerFacts
  readonly protocol: string
  readonly serverPort: number
  /** First record ever, as far as remembered. */
  readonly firstEverMs: UnixMillis
  /** The same of any edge from the client to the same provider, by whatever host or address; absent = of this edge only. */
  readonly providerFirstEverMs?: UnixMillis
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
  /** Ways of reporting in the look-back, with verdicts and policies. */
  readonly variants: readonly EdgeVariant[]
  /** Oldest first, only those with something. */
  readonly slots: readonly SlotFacts[]
  readonly wire: WireFacts
  readonly spans?: EdgeSpans
  /** Present on judged edges. */
  readonly door?: DoorSummary
  readonly violation?: Shown
  readonly unverified?: Shown
  /** Connections dropped since the egress gateway had no node or no address. */
  readonly broken?: Shown
  readonly mode?: EgressRule['mode']
}

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

export interface WorkloadFacts {
  readonly endpointId: string
  readonly namespace: string
  readonly name: string
  /** First record ever of any of its edges, as far as remembered. */
  readonly firstEverMs: UnixMillis
  /** Spans that it emitted in the look-back, and those of them with GenAI facts. */
  readonly spans: number
  readonly aiSpans: number
  /** Hosts that its client spans called in the look-back, at most 64. */
  readonly spanHosts: readonly string[]
  /** Whether its spans are a sample, as they themselves tell (`ot=th`, a ratio below 1); absent = they do not tell. */
  readonly isSampled?: boolean
  readonly ai?: PeerFacts['ai']
}

/** A name of the catalogue that a client asked for. */
export interface NameFacts {
  /** As far as the resolver's log tells who asked. */
  readonly workload?: { readonly namespace: string; readonly name: string }
  readonly clientIp?: string
  readonly host: string
  readonly provider: { readonly id: string; readonly name: string; readonly role: string }
  readonly count: number
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
  /** Whether the resolver's log tells answers, or questions only. */
  readonly isAnswer: boolean
}

/** Bytes of one whole hour; hours without any are missing. */
export interface HourVolume {
  readonly startMs: UnixMillis
  readonly sent: number
  readonly received: number
}

/** Key of `ClusterFacts.volumes`. */
export const volumeKey = (
  workload: { readonly namespace: string; readonly name: string },
  providerId: string,
): string => `${workload.namespace}/${workload.name} ${providerId}`

/** What a detector says of one workload and one target. */
export interface Detection {
  readonly workload: string
  readonly target: string
  readonly severity: 'critical' | 'high' | 'medium' | 'low' | 'info'
  /** `possible`: it may be otherwise, and `disproof` says how that would show. */
  readonly certainty: 'fact' | 'possible'
  /** One sentence: subject, verdict, reason. */
  readonly title: string
  /** What was seen, a sentence each, at most 8. */
  readonly facts: readonly string[]
  /** What would show that it is otherwise, one sentence. */
  readonly disproof: string
  /** Detections of equal cause have one cause and belong to one incident: `door:198.51.100.7`, `provider:deepseek`. */
  readonly cause: string
  /** The edges that show it, the most telling first, at most 8; [] where it is not of an edge. */
  readonly edgeIds: readonly string[]
  readonly shown: DetectionCount
}

/**
 * How often. `total`: over everything on record, as judged doors are. `slots`: per stretch of the look-back, from which the
 * plan adds up what a finding counts in all.
 */
export type DetectionCount =
  | ({ readonly kind: 'total' } & Shown)
  | {
      readonly kind: 'slots'
      readonly slots: readonly { readonly startMs: UnixMillis; readonly count: number }[]
      readonly firstMs: UnixMillis
      readonly lastMs: UnixMillis
    }

/** One detector: pure, one file each, in the ordered list of cluster-detectors.ts. */
export interface ClusterDetector {
  readonly id: DetectorId
  /** In a few words, as a list of detectors shows it: "Plaintext to an AI endpoint". */
  readonly name: string
  /** Each must be met; a list within is met by any of its own. Unmet = the detector is off, and a page says so. */
  readonly needs: readonly (DetectorNeed | readonly DetectorNeed[])[]
  /** True where it calls things new or unusual: silent until the cluster was watched for LEARNING_MS. */
  readonly isLearning: boolean
  /** Every problem that the facts show now. Deterministic: sorted by (workload, target), one per pair. */
  detect(facts: ClusterFacts): Detection[]
  /** True where the facts positively disprove a finding of (workload, target), so that no quiet time is needed. */
  isDisproved?(finding: { readonly workload: string; readonly target: string }, facts: ClusterFacts): boolean
}
