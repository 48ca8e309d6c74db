/**
 * The plant: clusters whose traffic is known because it was made up. A scenario says what truly happened and who watched; wire-*.ts
 * write what the watchers would have sent, and labels.ts says what can be proven of it. Nothing here knows how Postern judges.
 */

/** Where connections truly leave. Addresses are of the documentation ranges, or those that providers publish. */
export const SANCTIONED = '203.0.113.10'
export const ELSEWHERE = '198.51.100.7'
/** A third public address, of nobody that the operator knows. */
export const STRANGE = '198.51.100.99'
/** Private addresses of two NAT gateways, and the public ones behind them. */
export const GATEWAYS: Readonly<Record<string, string>> = { '10.0.0.220': SANCTIONED, '10.0.0.221': ELSEWHERE }
export const NODES: Readonly<Record<string, string>> = { 'node-a': '10.0.1.5', 'node-b': '10.0.1.6' }

/** Hosts of the world, and whose they are; undefined = nobody's of interest. Written down here, not read from Postern's catalogue. */
export const PROVIDER_OF: Readonly<Record<string, string | undefined>> = {
  'api.openai.com': 'openai',
  'api.anthropic.com': 'anthropic',
  'bedrock-runtime.us-east-1.amazonaws.com': 'aws-bedrock',
  'europe-west4-aiplatform.googleapis.com': 'vertex',
  'planner-ai.openai.azure.com': 'azure-openai',
  'api.deepseek.com': 'deepseek',
  'api.mistral.ai': 'mistral',
  'api.smith.langchain.com': 'langsmith',
  'eu.api.openai.com': 'openai',
  'cdn.example.com': undefined,
  'shop.example.com': undefined,
}
/**
 * Providers as findings name them. `keepsList`: its documents describe an allow-list of addresses for its API. `isDenied`: the operators
 * of the world do not want it. `isTelemetry`: traces go there, and no questions.
 */
export const PROVIDERS: Readonly<
  Record<
    string,
    {
      readonly name: string
      readonly keepsList?: boolean
      readonly isDenied?: boolean
      readonly isTelemetry?: boolean
    }
  >
> = {
  openai: { name: 'OpenAI', keepsList: true },
  anthropic: { name: 'Anthropic', keepsList: true },
  'aws-bedrock': { name: 'AWS Bedrock', keepsList: true },
  vertex: { name: 'Google Vertex AI', keepsList: true },
  'azure-openai': { name: 'Azure OpenAI', keepsList: true },
  deepseek: { name: 'DeepSeek', isDenied: true },
  mistral: { name: 'Mistral AI' },
  langsmith: { name: 'LangSmith', isTelemetry: true },
}
export const SERVER_OF: Readonly<Record<string, string>> = {
  'api.openai.com': '162.159.140.245',
  'api.anthropic.com': '160.79.104.10',
  'bedrock-runtime.us-east-1.amazonaws.com': '203.0.113.140',
  'europe-west4-aiplatform.googleapis.com': '203.0.113.141',
  'planner-ai.openai.azure.com': '203.0.113.142',
  'api.deepseek.com': '203.0.113.143',
  'api.smith.langchain.com': '203.0.113.144',
  'api.mistral.ai': '203.0.113.145',
  'eu.api.openai.com': '203.0.113.147',
  // Behind the same front as OpenAI.
  'cdn.example.com': '162.159.140.245',
  'shop.example.com': '203.0.113.146',
}

/** Times are seconds after the scenario's beginning, which is up to half an hour ago. */
export type Seconds = number
/**
 * A whole minute of which exactly an hour ago is part, whenever in its minute and hour Postern looks: the beginning is 28 whole minutes before
 * that minute. So it lies in the last whole hour, and in the last hour too.
 */
export const HOUR_AGO_S: Seconds = -32 * 60

export interface PlantPod {
  readonly key: string
  readonly namespace: string
  readonly workload: string
  readonly ip: string
  readonly node: string
  readonly labels: Readonly<Record<string, string>>
  /** It had its address in `[fromS, toS)`; absent end = still. */
  readonly fromS: Seconds
  readonly toS?: Seconds
  readonly isHostNetwork?: boolean
  /** `''` for the scenario's own cluster, else what is added to its name. */
  readonly cluster: string
}

/** A translation that truly happened, in the order of the way out. */
export interface TrueHop {
  readonly hop: string
  readonly ip: string
  readonly port: number
}

/** A connection that a pod truly opened to a host. */
export interface TrueCall {
  readonly id: string
  readonly pod: string
  /** Who it truly spoke to. */
  readonly host: string
  readonly serverIp: string
  readonly port: number
  readonly clientPort: number
  readonly atS: Seconds
  readonly lastsS: Seconds
  readonly fate: 'left' | 'blocked' | 'broken'
  /** Of a broken one, why the gateway dropped it. Default: no node of it matches. */
  readonly isWithoutAddress?: boolean
  /** Empty: it left with the pod's own address. */
  readonly way: readonly TrueHop[]
  /** The address that the provider saw. */
  readonly seenAs: string
  /** Names that the pod asked its resolver for right before; [] for a hard-coded address, or DNS over HTTPS. */
  readonly asked: readonly string[]
  /** How many connections this one stands for where they are all alike. Default 1. */
  readonly times?: number
  /** Payload, where a flow log counts it. */
  readonly bytesOut?: number
  readonly bytesIn?: number
}

/** A source of evidence, and what is wrong with it. */
interface Watcher {
  /** Calls that it did not record. */
  readonly misses?: readonly string[]
  /** Its bodies come after everything else was judged. */
  readonly isLate?: boolean
  /** Its clock is ahead by this much. */
  readonly skewS?: number
  /** Sends with a token that may not prove anything. */
  readonly isUntrusted?: boolean
}
export interface HubbleWatcher extends Watcher {
  readonly kind: 'hubble'
  /** Whether Cilium's DNS proxy names destinations in the flows. Default true. */
  readonly hasNames?: boolean
}
export interface CalicoWatcher extends Watcher {
  readonly kind: 'calico-enterprise'
  /** Of allowed flows: 0 keeps source ports, 1 addresses, 2 neither. */
  readonly aggregation: 0 | 1 | 2
  readonly hasDomains?: boolean
}
export interface GoldmaneWatcher extends Watcher {
  readonly kind: 'goldmane'
}
export interface NatWatcher extends Watcher {
  readonly kind: 'conntrack' | 'ulogd' | 'gcp-nat' | 'aws-vpc' | 'azure-natgw' | 'gcp-vpc'
  readonly hop: string
  /** Whether the log tells the source's port. Default true; Azure's never does. */
  readonly hasPorts?: boolean
  /** Records that say another address than the true one, by call: a wrong map, a clock of another zone, a lie. */
  readonly lies?: Readonly<Record<string, string>>
}
/** A provider's own log of who called it from where. */
export interface AuditWatcher extends Watcher {
  readonly kind: 'cloudtrail' | 'gcp-audit' | 'azure-openai'
  readonly lies?: Readonly<Record<string, string>>
}
/** Hubble on a gateway node, which sees the address after translation. */
export interface TranslatedWatcher extends Watcher {
  readonly kind: 'hubble-translated'
  readonly node: string
  /** As what the event comes. `reply`: on the way back, where the field holds a ClusterIP. */
  readonly as: 'egress' | 'reply' | 'overlay'
  readonly ip?: string
}
export interface NameWatcher extends Watcher {
  readonly kind: 'coredns' | 'calico-dns' | 'hubble-dns'
}
export interface InventoryWatcher extends Watcher {
  readonly kind: 'inventory'
}
export type Observer =
  | HubbleWatcher
  | CalicoWatcher
  | GoldmaneWatcher
  | NatWatcher
  | AuditWatcher
  | TranslatedWatcher
  | NameWatcher
  | InventoryWatcher

/** What the operator declared of the scenario's clusters. */
export interface Operator {
  /** Hops in order, the last NAT last; [] = no path is declared. */
  readonly hops: readonly string[]
  readonly finalHop?: string
  readonly map?: Readonly<Record<string, string>>
  /** Namespaces that the rule speaks of; [] = no rule for this cluster. */
  readonly namespaces: readonly string[]
  readonly requireEvidence?: 'A' | 'B' | 'C'
  readonly mode?: 'observe' | 'enforce'
  /** Caller of a provider's audit → `namespace/workload`. */
  readonly principals?: Readonly<Record<string, string>>
}

/** A call that a span tells of: true or not. */
export interface TrueSpan {
  readonly pod: string
  readonly host: string
  readonly port?: number
  readonly scheme?: 'http' | 'https'
  readonly atS: Seconds
  readonly isAi?: boolean
  /** `gen_ai.provider.name`. */
  readonly provider?: string
  /** Path of its URL. Default that of a chat. */
  readonly path?: string
  readonly status?: number
  readonly error?: string
}

/** A name that a pod asked for and then did not call. Far from its calls, or it would name them. */
export interface TrueQuestion {
  readonly pod: string
  readonly name: string
  readonly atS: Seconds
}

/** A probe of a namespace: the small pod that calls Postern itself. */
export interface TrueProbe {
  readonly namespace: string
  /** As the probe says. */
  readonly node?: string
  readonly atS: Seconds
  /** By which address it came, as the last trusted proxy before Postern says. */
  readonly seenAs: string
  /** What another echo service told it, as it says. */
  readonly told?: string
}

export interface ProbeLean {
  readonly reason: 'sampled_only' | 'stale_probe' | 'no_nat_evidence'
  readonly lean: 'likely_ok' | 'likely_violation' | 'none'
}

/** Traffic that is no call to a provider: within the cluster, from outside, to a node's services. */
export interface SideFlow {
  readonly from: string
  /** A pod's key, or an address. */
  readonly to: string
  readonly port: number
  readonly atS: Seconds
  /** Which policy let it through: none selects the pods, the namespace's profile, or one by name. */
  readonly by: 'nothing' | 'profile' | { readonly policy: string }
  readonly isDenied?: boolean
  /** Dropped for another cause than policy, with Cilium's word for it. */
  readonly drop?: { readonly code: number; readonly word: string }
  /** Seen as plain HTTP by a proxy. */
  readonly http?: { readonly method: string; readonly url: string; readonly isUnanswered?: boolean }
  /** Between nodes the packets are encrypted. */
  readonly isEncrypted?: boolean
  readonly bytesOut?: number
  readonly bytesIn?: number
}

/** A body that nobody honest would send, or that stands for itself. */
export interface RawBody {
  readonly path: string
  readonly text: string
  readonly cluster: string
  readonly isUntrusted?: boolean
  readonly isLate?: boolean
}

export type DetectorName = `D${number}` | 'D0u'
/** A finding that must be there. */
export interface ExpectedFinding {
  readonly detector: DetectorName
  /** `namespace/name`; `*` where it is about more than one. */
  readonly workload: string
  /** The far end; absent = any. */
  readonly target?: string
  /** How bad; absent = however bad. */
  readonly severity?: 'info' | 'low' | 'medium' | 'high' | 'critical'
}

export interface Scenario {
  /** Name of its cluster. */
  readonly name: string
  /** One sentence: what happens, and what it looks like. */
  readonly story: string
  readonly looks: 'as it is' | 'bad, is fine' | 'fine, is bad'
  readonly operator: Operator
  readonly pods: readonly PlantPod[]
  readonly calls: readonly TrueCall[]
  readonly observers: readonly Observer[]
  readonly spans?: readonly TrueSpan[]
  readonly questions?: readonly TrueQuestion[]
  readonly sideFlows?: readonly SideFlow[]
  readonly probes?: readonly TrueProbe[]
  /** Postern has watched the cluster since its first call: each hour of its history was looked at when it was new. */
  readonly isWatchedSinceBefore?: boolean
  readonly raw?: (baseMs: number) => readonly RawBody[]
  /** Objects of the cluster, for observers of kind `inventory`. */
  readonly objects?: readonly ClusterObject[]
  /**
   * What detectors must find beside what follows from the calls (finding-labels.ts), and whose false alarm the scenario is about. Nothing
   * else may be found of any scenario.
   */
  readonly finds?: readonly ExpectedFinding[]
  /** Detector that must stay silent → the scenario that is the same but for what silences it, where it speaks. */
  readonly guards?: Readonly<Partial<Record<DetectorName, string>>>
  /** What probes lean a call's judgement to, by call, where nothing tells more than they. */
  readonly leans?: Readonly<Record<string, ProbeLean>>
  /** Detectors of doors (D0, D0u) whose finding here the law leaves open. */
  readonly leavesOpen?: readonly DetectorName[]
}

/** An object of the Kubernetes API as the inventory keeps it. */
export interface ClusterObject {
  readonly kind: 'CiliumEgressGatewayPolicy' | 'Namespace' | 'EgressGatewayPolicy'
  readonly namespace: string
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
}

export const clusterOf = (scenario: Pick<Scenario, 'name'>, pod: Pick<PlantPod, 'cluster'>): string =>
  `${scenario.name}${pod.cluster}`

/** The pod of a call or a span; a scenario that names a pod that it does not have is wrong. */
export function podOf(scenario: Pick<Scenario, 'name' | 'pods'>, key: string): PlantPod {
  const pod = scenario.pods.find((one) => one.key === key)
  if (!pod) throw new Error(`${scenario.name}: no pod ${key}`)
  return pod
}

export const podName = (pod: PlantPod): string => `${pod.workload}-7d9c8b6f5-${suffix(pod.key)}`
/** Five letters, as the API server draws them. */
const suffix = (key: string): string => {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  let hash = 7
  for (const char of key) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0
  return Array.from({ length: 5 }, (_, at) => letters[(hash >>> (at * 5)) % letters.length] ?? 'b').join('')
}
