import type { UnixMillis } from './units'

/** A named way out of a cluster, with the addresses that the outside sees. */
export interface EgressPoint {
  readonly name: string
  /** `node`: masquerade behind the node's own address. `direct`: nothing translates, pods or nodes have the public addresses. */
  readonly kind: 'nat-gateway' | 'egress-gateway' | 'node' | 'direct' | 'private-link' | 'anonymous'
  /** CIDRs, canonical. For every kind but private-link they are globally routable. */
  readonly publicCidrs: readonly string[]
  /**
   * Private addresses of the way out itself, as CIDRs, canonical. Where the point has exactly one public address, they stand for
   * it, as an entry of a path's `publicByPrivate` does; else they are shown, and prove nothing.
   */
  readonly privateCidrs?: readonly string[]
  /** The pods or nodes behind it: kept and shown. */
  readonly gateway?: EgressGatewayRef
  /** Clusters that leave by it; absent = all. In another one it is no way out, and its private addresses mean nothing. */
  readonly clusters?: readonly string[]
  readonly origin: ConfigOrigin
}

/** What stands behind an egress point in a cluster: pods by namespace and labels, or nodes by labels. */
export interface EgressGatewayRef {
  readonly namespace?: string
  readonly podLabels?: Readonly<Record<string, string>>
  readonly nodeSelector?: Readonly<Record<string, string>>
}

/** Where a setting came from: entries of origin `file` are replaced at every start, others are left alone. */
export type ConfigOrigin = 'file' | 'env' | 'ui' | 'api'

/** Which hop is the last NAT of a cluster, and how its private address maps to the public one. */
export interface EgressPath {
  readonly name: string
  /** Clusters it is said of; [] = all. */
  readonly clusters: readonly string[]
  /** Labels of the node pool it is said of; kept and shown. Records are told apart by their hop's name, not by this. */
  readonly nodeSelector?: Readonly<Record<string, string>>
  /**
   * Hop names in order, as NAT evidence names them (`hop` of the ingest request). For Hubble's translated sources the hop
   * is the node's name where a path lists it, else `hubble`.
   */
  readonly hops: readonly string[]
  /** The hop whose translation is the last before the internet. */
  readonly finalHop: string
  /** Private address of the final hop → public address. */
  readonly publicByPrivate: Readonly<Record<string, string>>
  /** Who calls providers as which workload: caller of an audit record (exact, or `prefix*`) → `namespace/workload`. */
  readonly workloadByPrincipal?: Readonly<Record<string, string>>
  readonly origin: ConfigOrigin
}

export type EvidenceTier = 'A' | 'B' | 'C'

/** These workloads, to these providers, must leave by these egress points. */
export interface EgressRule {
  readonly name: string
  /** Higher wins; on a tie the rule that selects fewer workloads (more selectors) wins; still equal is `rule_ambiguous`. */
  readonly priority: number
  readonly clusters: readonly string[]
  readonly workloads: WorkloadSelector
  /** Provider ids, `category:<x>`, or `*` for all providers. */
  readonly providers: readonly string[]
  /** Extra hosts of private endpoints, exact or `*.suffix`. */
  readonly hosts: readonly string[]
  readonly egressPoints: readonly string[]
  /** CIDRs given directly on the rule: an anonymous egress point. */
  readonly sanctionedSources: readonly SanctionedSource[]
  /** The lowest tier that may prove anything. */
  readonly requireEvidence: EvidenceTier
  readonly mode: 'observe' | 'enforce'
  /** ISO time, UTC: from then on it is out of force, also for connections that were there before. */
  readonly expiresAt?: string
  /** Why it is there, in the operator's words. */
  readonly reason?: string
  readonly origin: ConfigOrigin
}

export interface SanctionedSource {
  readonly cidr: string
  readonly name?: string
  /** Only a private link may have private addresses. */
  readonly kind?: 'private-link'
}

/** Empty lists select everything; given lists must all match. */
export interface WorkloadSelector {
  readonly namespaces: readonly string[]
  /** Known only where the source adds them to pod labels (Cilium); elsewhere a rule that asks for one does not apply. */
  readonly namespaceLabels?: Readonly<Record<string, string>>
  readonly names: readonly string[]
  readonly podLabels: Readonly<Record<string, string>>
  readonly serviceAccounts: readonly string[]
  /** Only workloads that are AI workloads (by signature, by call to a provider, or by an AI span). */
  readonly aiOnly: boolean
}

/** Points, paths and rules as one versioned value; a judgement names the version that it used. */
export interface EgressConfig {
  readonly version: string
  readonly points: readonly EgressPoint[]
  readonly paths: readonly EgressPath[]
  /** In force: none that has expired. */
  readonly rules: readonly EgressRule[]
  /** Provider ids that must not be reached at all. */
  readonly deniedProviders: readonly string[]
}

/** One connection from a workload towards a provider, as flow records tell it. */
export interface EgressConnection {
  readonly id: string
  readonly cluster: string
  readonly workload: {
    readonly namespace: string
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly serviceAccount?: string
    readonly isAi: boolean
  }
  readonly clientIp?: string
  readonly clientPort?: number
  readonly serverIp?: string
  /** Name of the server by the flow or our DNS map, lower case, never by a span: matched against `hosts` of rules. */
  readonly serverHost?: string | undefined
  readonly serverPort: number
  readonly protocol: string
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
  readonly provider?: ProviderMatch
  /** A policy stopped it: it never left. */
  readonly isBlocked: boolean
  /** The egress gateway had no address or no node (Hubble drops 194, 204): enforced but broken. */
  readonly isBroken: boolean
  /** A span of the workload reports that the provider refused its address: the workload may accuse, never acquit. */
  readonly refusedByProvider?: boolean
}

/**
 * How surely a name says "this provider". What may decide a judgement is `isCertainProvider` (lib/egress/match-provider.ts):
 * a host pattern of a calling role, AI only, on a trusted way, without a rival. Everything else is "possible".
 */
export interface ProviderMatch {
  readonly providerId: string
  readonly providerName: string
  readonly category: string
  readonly host: string
  readonly role: 'inference' | 'control' | 'ui' | 'cdn' | 'hub' | 'data' | 'telemetry' | 'app' | (string & {})
  /** `label`: a glob inside the host (`bedrock-runtime.*.amazonaws.com`); `declared`: an operator's label on a network set. */
  readonly pattern: 'exact' | 'suffix' | 'label' | 'declared' | 'cidr'
  /** False where the host also serves non-AI traffic: "possible", never "certain". */
  readonly aiExclusive: boolean
  /** `dns-question`: the client asked for the name before it connected; no answer told the address. */
  readonly matchedBy: 'flow-dns-name' | 'dns-map' | 'dns-question' | 'fqdn-identity' | 'network-set' | 'span' | 'cidr'
  /** Several names were possible and do not agree on one provider: this is one of them, never a fact. */
  readonly ambiguous?: boolean
}

/** What kind of source an observation of the post-NAT address came from, in the words of the evidence page. */
export type ObservationKind =
  | 'cloudtrail'
  | 'provider-audit'
  /** The provider refused the address, as a gateway's or the provider's own log tells it; the address itself is unknown. */
  | 'provider-refusal'
  | 'gcp-cloud-nat'
  | 'aws-vpc-flow'
  | 'gcp-vpc-flow'
  | 'azure-natgw-flow'
  | 'conntrack-gw'
  | 'conntrack-node'
  | 'hubble-xlated'
  | 'canary'
  | 'cegp-intent'
/** J3 exact tuple incl. translated port and time · J2 source + destination + port + window, source owned by one pod · J1 aggregated · J0 none. */
export type JoinLevel = 'J0' | 'J1' | 'J2' | 'J3'

/** One observation of the address by which one connection left, already joined to it. */
export interface EgressObservation {
  readonly kind: ObservationKind
  /** The source address seen at this hop; undefined for intent. */
  readonly ip?: string
  readonly port?: number
  readonly join: JoinLevel
  /** Set where the join holds only while no other connection can be meant: what is learned of another takes it away. */
  readonly onlyCandidate?: true
  /** Name of the hop that saw it; compared with the path's final hop. */
  readonly hop?: string
  /** Set where the operator declared this hop final for the connection's path. */
  readonly hopFinal?: boolean
  readonly isReply?: boolean
  readonly ageSeconds?: number
  /** Intent only: whether the configuration covers the pod. */
  readonly covers?: boolean
  /** Intent only: whose egress gateways the configuration is of; absent in judgements before 2026-11-28. */
  readonly gateway?: 'cilium' | 'calico'
  /** Arrived on a token with the `nat-evidence` scope, not from the workload. */
  readonly trustedChannel?: boolean
  /** When it was seen. An observation without a time is never conclusive. */
  readonly atMs?: UnixMillis
  /** For a record that covers a stretch: it covers `[atMs, endMs]`. */
  readonly endMs?: UnixMillis
  /** Rows behind it (NAT record or flow record ids), in hop order. */
  readonly evidenceIds?: readonly string[]
}

export const DOOR_STATES = [
  'violation',
  'sanctioned',
  'unverified',
  'blocked',
  'broken',
  'not_applicable',
  'no_rule',
] as const
export type DoorState = (typeof DOOR_STATES)[number]
export type UnverifiedReason =
  | 'no_nat_evidence'
  | 'partial_hop'
  | 'unmapped_nat_address'
  | 'join_too_weak'
  | 'intent_only'
  | 'sampled_only'
  | 'stale_probe'
  | 'conflicting'
  | 'provider_unknown'
  | 'rule_ambiguous'
  | 'provider_refused'
  | 'partial_coverage'
export type NotApplicableReason = 'private_endpoint' | 'internal'
export type Lean = 'likely_ok' | 'likely_violation' | 'none'
/** Confidence is a word, not a percentage. */
export type Confidence =
  | 'proven by provider'
  | 'observed at the final hop'
  | 'observed at the node (declared final)'
  | 'sampled'
  | 'declared only'

/**
 * `startup_race`: the connection began just after its pod, which an egress gateway policy covers, and later ones of the pod left
 * rightly (formats/hubble.md §3.3: new pods leave by their own or their node's address until the policy map is programmed).
 */
export type ViolationCause = 'startup_race'

/** How the far end of a connection got its name. */
export interface NamedBy {
  readonly way: ProviderMatch['matchedBy']
  /** The candidates, sorted, at most 4; several mean "one of these". */
  readonly hosts: readonly string[]
  /** The names disagree, or only others got the address by them: it may be somebody else. */
  readonly isPossible?: true
}

/** The judgement of one connection. */
export interface Judgement {
  readonly state: DoorState
  readonly reason?: UnverifiedReason | NotApplicableReason
  readonly lean: Lean
  readonly confidence?: Confidence
  /** The public address it left by, where one is proven or seen. */
  readonly observedIp?: string
  /** Egress point whose addresses hold `observedIp`. */
  readonly egressPoint?: string
  readonly rule?: string
  /** What would have been right: `nat-a (203.0.113.10/32)`; absent without a rule. */
  readonly expected?: readonly string[]
  readonly configVersion: string
  /** What a proven violation comes of, where that is known; never an excuse: the state stays `violation`. */
  readonly cause?: ViolationCause
  /** It was a proven violation before, and is judged otherwise now: the history says by what. */
  readonly wasViolation?: true
  /** By which names the provider was known or guessed; absent where no name was there (and in judgements before 2026-11-27). */
  readonly named?: NamedBy
  /** All observations, the deciding one first. */
  readonly observations: readonly EgressObservation[]
}

/** The state of one workload → provider edge in a window: counts first, state derived from them. */
export interface DoorSummary {
  readonly state: DoorState
  readonly reason?: UnverifiedReason | NotApplicableReason
  readonly lean: Lean
  readonly counts: Readonly<Record<DoorState, number>>
  /** Addresses it was seen to leave by, most frequent first, at most 8. */
  readonly observedIps: readonly string[]
  /** Of these, the ones by which proven violations left, at most 8; absent where there are none. */
  readonly violatingIps?: readonly string[]
  /** Of the violations, how many are startup races of an egress gateway; absent where there are none. */
  readonly startupRace?: number
  /** Connections that were proven violations once and are judged otherwise now; absent where there are none. */
  readonly formerViolations?: number
  readonly rule?: string
  /** Names or CIDRs that would have been right. */
  readonly expected: readonly string[]
  readonly confidence?: Confidence
}
