/** The cluster, and the addresses by which its pods and servers are known. */
export const CLUSTER = 'oss'
export const SANCTIONED = '203.0.113.10'
export const OTHER = '203.0.113.66'
export const OPENAI = '198.51.100.20'
export const ELSEWHERE = '198.51.100.21'
export const UNASKED = '198.51.100.99'
export const NODE = '10.0.1.5'
export const POD_IPS = {
  planner: '10.244.1.10',
  crawler: '10.244.1.11',
  embedder: '10.244.1.12',
  scraper: '10.244.1.13',
} as const
export type Workload = keyof typeof POD_IPS | 'reviewer'

/** One sanctioned door; two hops, of which the gateway is the last; a rule for the namespace. */
export const EGRESS_YAML = `egressPoints:
  - { name: nat-a, kind: nat-gateway, publicCidrs: [${SANCTIONED}/32] }
paths:
  - { name: two-hops, clusters: [${CLUSTER}], hops: [node, nat-gw], final: nat-gw }
egressRules:
  - { name: agents, clusters: [${CLUSTER}], workloads: { namespaces: [agents] }, providers: ['*'], egressPoints: [nat-a] }
`

const NAMESPACE = 'agents'
const HASH = '7d9c8b6f5'
const BUCKET_MS = 15_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** An object as the API server of the cluster gives it. */
export interface ClusterObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string } & Record<
    string,
    unknown
  >
  readonly [field: string]: unknown
}

/**
 * A quarter of an hour of open-source Calico, in the bytes of its tools: the planner calls a provider by the sanctioned door,
 * the crawler by another one; then the crawler's pod goes and the reviewer's takes its address and calls rightly. The embedder
 * asked for two names, the scraper for none, and the node itself calls too. Times are milliseconds since 1970.
 */
export interface CalicoStory {
  readonly replicaSets: readonly ClusterObject[]
  /** There from the start. */
  readonly pods: readonly ClusterObject[]
  /** Goes at `goneMs`; the reviewer's pod has its address from `takenMs`. */
  readonly crawlerPod: ClusterObject
  readonly reviewerPod: ClusterObject
  readonly goneMs: number
  readonly takenMs: number
  /** Flows of Goldmane by the second at which their bucket begins. */
  readonly buckets: readonly { readonly startS: number; readonly flows: readonly object[] }[]
  /** Lines of `conntrack -E -o extended,timestamp,id` on the nodes, and on the gateway behind them. */
  readonly nodeLines: readonly string[]
  readonly gatewayLines: readonly string[]
  /** What CoreDNS' plug-in `log` writes, as the runtime of its pod keeps it. */
  readonly questions: readonly string[]
}

/** The story whose first calls are made at `atMs`; the reviewer's comes six minutes later. The same for the same time. */
export function calicoStory(atMs: number): CalicoStory {
  const pod = (workload: Workload, ip: string, startMs: number) => podOf(workload, ip, startMs)
  const goneMs = atMs + 3 * MINUTE_MS
  const takenMs = atMs + 4 * MINUTE_MS
  const laterMs = atMs + 6 * MINUTE_MS
  const calls: readonly Call[] = [
    { from: POD_IPS.planner, port: 41_000, to: OPENAI, atMs, by: SANCTIONED },
    { from: POD_IPS.crawler, port: 41_010, to: OPENAI, atMs, by: OTHER },
    { from: POD_IPS.embedder, port: 41_020, to: ELSEWHERE, atMs, by: SANCTIONED },
    { from: POD_IPS.scraper, port: 41_030, to: UNASKED, atMs, by: OTHER },
    // The reviewer, by the address that was the crawler's.
    { from: POD_IPS.crawler, port: 41_040, to: OPENAI, atMs: laterMs, by: SANCTIONED },
  ]
  // What runs on the node has the node's address, and no translation there.
  const ofNode: Call = { from: NODE, port: 33_000, to: OPENAI, atMs, by: OTHER }
  return {
    replicaSets: (['planner', 'crawler', 'embedder', 'scraper', 'reviewer'] as const).map(replicaSetOf),
    pods: [
      ...(['planner', 'embedder', 'scraper'] as const).map((name) => pod(name, POD_IPS[name], atMs - 2 * HOUR_MS)),
      hostPod(atMs - 2 * HOUR_MS),
    ],
    crawlerPod: pod('crawler', POD_IPS.crawler, atMs - 2 * HOUR_MS),
    reviewerPod: pod('reviewer', POD_IPS.crawler, takenMs),
    goneMs,
    takenMs,
    buckets: bucketsOf(atMs, laterMs),
    nodeLines: [
      ...calls.map(nodeLine),
      lineOf(ofNode.atMs + 1, ofNode.from, ofNode.port, ofNode.to, NODE, ofNode.port),
    ],
    gatewayLines: [...calls.map(gatewayLine), lineOf(ofNode.atMs + 2, NODE, ofNode.port, ofNode.to, OTHER, 33_001)],
    questions: [
      // A resolver tries its search list first.
      question(POD_IPS.planner, `api.openai.com.${NAMESPACE}.svc.cluster.local`, atMs - 900, 'NXDOMAIN'),
      question(POD_IPS.planner, 'api.openai.com', atMs - 800),
      question(POD_IPS.crawler, 'api.openai.com', atMs - 800),
      question(POD_IPS.embedder, 'models.example.com', atMs - 5000),
      question(POD_IPS.embedder, 'api.openai.com', atMs - 800),
      question(NODE, 'api.openai.com', atMs - 800),
      question(POD_IPS.crawler, 'api.openai.com', laterMs - 800),
    ],
  }
}

const replicaSetOf = (workload: Workload): ClusterObject => ({
  metadata: {
    name: `${workload}-${HASH}`,
    namespace: NAMESPACE,
    uid: `rs-${workload}`,
    ownerReferences: [{ controller: true, kind: 'Deployment', name: workload, uid: `deployment-${workload}` }],
  },
})

const podOf = (workload: Workload, ip: string, startMs: number): ClusterObject => ({
  metadata: {
    name: `${workload}-${HASH}-x2x5v`,
    namespace: NAMESPACE,
    uid: `pod-${workload}`,
    creationTimestamp: new Date(startMs).toISOString(),
    labels: { app: workload, 'pod-template-hash': HASH },
    ownerReferences: [{ controller: true, kind: 'ReplicaSet', name: `${workload}-${HASH}`, uid: `rs-${workload}` }],
  },
  spec: { serviceAccountName: workload, nodeName: 'node-a' },
  status: { phase: 'Running', startTime: new Date(startMs).toISOString(), podIP: ip, podIPs: [{ ip }] },
})

const hostPod = (startMs: number): ClusterObject => ({
  metadata: {
    name: 'node-agent-k8x2p',
    namespace: 'kube-system',
    uid: 'pod-node-agent',
    creationTimestamp: new Date(startMs).toISOString(),
    ownerReferences: [{ controller: true, kind: 'DaemonSet', name: 'node-agent', uid: 'daemonset-node-agent' }],
  },
  spec: { hostNetwork: true, nodeName: 'node-a' },
  status: { phase: 'Running', startTime: new Date(startMs).toISOString(), podIP: NODE, podIPs: [{ ip: NODE }] },
})

interface Call {
  readonly from: string
  readonly port: number
  readonly to: string
  readonly atMs: number
  /** Public address by which it left. */
  readonly by: string
}

const nodePort = ({ port }: Call): number => port - 20_000
const nodeLine = (call: Call): string => lineOf(call.atMs + 1, call.from, call.port, call.to, NODE, nodePort(call))
const gatewayLine = (call: Call): string =>
  lineOf(call.atMs + 2, NODE, nodePort(call), call.to, call.by, nodePort(call) + 1)

function lineOf(atMs: number, from: string, fromPort: number, server: string, to: string, toPort: number): string {
  const original = `src=${from} dst=${server} sport=${fromPort} dport=443`
  const reply = `src=${server} dst=${to} sport=443 dport=${toPort}`
  return `[${(atMs / 1000).toFixed(6)}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT ${original} [UNREPLIED] ${reply} id=${(atMs + fromPort) % 2 ** 31}`
}

const question = (ip: string, name: string, atMs: number, rcode = 'NOERROR'): string =>
  `${new Date(atMs).toISOString()} stdout F [INFO] ${ip}:41370 - 5 "A IN ${name}. udp 33 false 512" ${rcode} qr,rd,ra 64 0.001s`

/** goldmane.PolicyKind, Action, Reporter, EndpointType by number, as the emitter writes them. */
const KIND = { calico: 1, profile: 9, endOfTier: 10 } as const
const ACTION = { allow: 1, deny: 2 } as const
const REPORTER = { source: 1, destination: 2 } as const
const TYPE = { workload: 1, network: 4 } as const

const ALLOW_EGRESS = {
  kind: KIND.calico,
  namespace: NAMESPACE,
  name: 'allow-egress',
  tier: 'platform',
  action: ACTION.allow,
  policy_index: 0,
  rule_index: 0,
}
const ISOLATED = {
  kind: KIND.endOfTier,
  tier: 'security',
  action: ACTION.deny,
  policy_index: 1,
  rule_index: -1,
  trigger: { kind: KIND.calico, namespace: 'data', name: 'isolate-vectors', tier: 'security' },
}

function bucketsOf(atMs: number, laterMs: number): CalicoStory['buckets'] {
  const startOf = (ms: number): number => (Math.floor(ms / BUCKET_MS) * BUCKET_MS) / 1000
  return [
    {
      startS: startOf(atMs),
      flows: [
        outward('planner', 3),
        outward('crawler', 1),
        outward('embedder', 1),
        outward('scraper', 1),
        toVectors('crawler', ACTION.deny, [ISOLATED]),
      ],
    },
    { startS: startOf(laterMs), flows: [outward('reviewer', 1), outward('planner', 2)] },
  ]
}

/** To the internet, of which Goldmane knows neither name nor address. */
const outward = (workload: Workload, connections: number): object =>
  flowOf(
    workload,
    { dest_name: 'pub', dest_type: TYPE.network, dest_port: 443 },
    REPORTER.source,
    ACTION.allow,
    connections,
    [ALLOW_EGRESS],
  )

const toVectors = (workload: Workload, action: number, hits: readonly object[]): object =>
  flowOf(
    workload,
    { dest_name: `weaviate-${HASH}-*`, dest_namespace: 'data', dest_type: TYPE.workload, dest_port: 8080 },
    REPORTER.destination,
    action,
    1,
    hits,
  )

function flowOf(
  workload: Workload,
  destination: object,
  reporter: number,
  action: number,
  connections: number,
  hits: readonly object[],
): object {
  return {
    Key: {
      source_name: `${workload}-${HASH}-*`,
      source_namespace: NAMESPACE,
      source_type: TYPE.workload,
      ...destination,
      proto: 'tcp',
      reporter,
      action,
      policies: { enforced_policies: hits, pending_policies: hits },
    },
    source_labels: [`app=${workload}`],
    packets_in: 9 * connections,
    packets_out: 11 * connections,
    bytes_in: 5200 * connections,
    bytes_out: 1800 * connections,
    num_connections_started: connections,
    num_connections_completed: connections,
  }
}
