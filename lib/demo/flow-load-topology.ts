import { createRng } from './rng'

/** A pod of the load's cluster, with what each observer says of it, as bytes of JSON. */
export interface LoadPod {
  readonly ip: Uint8Array
  readonly node: LoadNode
  /** As the node that runs it reports it: with its endpoint id and owner. */
  readonly local: Uint8Array
  /** As any other node reports it. */
  readonly remote: Uint8Array
}

export interface LoadNode {
  readonly name: Uint8Array
  /** `,"Type":…,"node_name":…,"node_labels":[…],` of its records. */
  readonly json: Uint8Array
}

/** One logical edge. `inside` ends at a workload, `outside` at a host name, `denied` at a workload that it may not reach. */
export interface LoadEdge {
  readonly kind: 'inside' | 'outside' | 'denied'
  readonly clients: readonly LoadPod[]
  /** Empty where the server is outside. */
  readonly servers: readonly LoadPod[]
  readonly host: Uint8Array
  readonly hostIp: Uint8Array
  /** The host as a record's endpoint. */
  readonly hostJson: Uint8Array
  readonly port: number
  /** `"egress_allowed_by":[…]` of the client's verdicts, none where no policy allowed it by name. */
  readonly egressPolicy: Uint8Array | undefined
  readonly ingressPolicy: Uint8Array | undefined
}

export interface LoadTopology {
  readonly edges: readonly LoadEdge[]
  readonly inside: readonly LoadEdge[]
  readonly outside: readonly LoadEdge[]
  readonly denied: readonly LoadEdge[]
}

export interface LoadSize {
  readonly seed: number
  readonly workloads: number
  /** At most what pairs of the workloads give. */
  readonly edges: number
}

/** A large cluster: what the goals of the benchmark are told for. */
export const FULL_SIZE: LoadSize = { seed: 11, workloads: 600, edges: 8000 }

const NODES = 24
const PODS_PER_WORKLOAD = 2
const OUTSIDE_SHARE = 0.2
const DENIED_SHARE = 0.03
const PORTS = [8080, 8000, 9090, 5432, 6379, 443, 50051, 4000]
const TEAMS = ['agents', 'ml', 'gateway', 'web', 'shop', 'data', 'search', 'billing', 'platform', 'observability']

/** Real names of model providers, so that the graph finds them; the rest is of the example domain. */
const PROVIDERS = [
  'api.openai.com',
  'api.anthropic.com',
  'generativelanguage.googleapis.com',
  'api.mistral.ai',
  'api.cohere.com',
  'bedrock-runtime.eu-central-1.amazonaws.com',
  'api.groq.com',
  'openrouter.ai',
]

/** The same cluster for the same size. Addresses outside are of the range for benchmarks (RFC 2544). */
export function loadTopology({ seed, workloads, edges }: LoadSize): LoadTopology {
  const rng = createRng(seed)
  const nodes = Array.from({ length: NODES }, (_, index) => nodeOf(index))
  const pods = Array.from({ length: workloads }, (_, index) => podsOf(index, nodes))
  const all: LoadEdge[] = []
  const known = new Set<string>()
  const outsideCount = Math.max(1, Math.round(edges * OUTSIDE_SHARE))
  const deniedCount = Math.max(1, Math.round(edges * DENIED_SHARE))
  const hosts = Math.max(PROVIDERS.length, Math.round(outsideCount / 4))
  // Bounded: a size that has no further pairs ends with fewer edges.
  for (let attempt = 0; all.length < edges && attempt < edges * 20; attempt += 1) {
    const kind = all.length < outsideCount ? 'outside' : all.length < outsideCount + deniedCount ? 'denied' : 'inside'
    const client = Math.floor(rng() * workloads)
    const server = Math.floor(rng() * (kind === 'outside' ? hosts : workloads))
    const port = kind === 'outside' ? 443 : (PORTS[server % PORTS.length] ?? 8080)
    const key = `${kind === 'outside'}|${client}|${server}`
    if (known.has(key) || (kind !== 'outside' && client === server)) continue
    known.add(key)
    all.push(edgeOf(kind, client, server, port, pods))
  }
  const ofKind = (kind: LoadEdge['kind']) => all.filter((edge) => edge.kind === kind)
  return { edges: all, inside: ofKind('inside'), outside: ofKind('outside'), denied: ofKind('denied') }
}

function edgeOf(
  kind: LoadEdge['kind'],
  client: number,
  server: number,
  port: number,
  pods: readonly (readonly LoadPod[])[],
): LoadEdge {
  const isOutside = kind === 'outside'
  const host = isOutside ? (PROVIDERS[server] ?? `host-${server}.example.com`) : ''
  const hostIp = isOutside ? `198.18.${Math.floor(server / 250)}.${1 + (server % 250)}` : ''
  return {
    kind,
    port,
    clients: pods[client] ?? [],
    servers: isOutside ? [] : (pods[server] ?? []),
    host: bytes(host),
    hostIp: bytes(hostIp),
    hostJson: json({
      identity: 16_777_217 + server,
      labels: [`cidr:${hostIp}/32`, `fqdn:${host}`, 'reserved:world'],
    }),
    // One in four clients is selected by no policy with a name.
    egressPolicy:
      client % 4 === 0 ? undefined : bytes(`"egress_allowed_by":[${policyOf(`${nameOf(client)}-egress`, client)}]`),
    ingressPolicy:
      server % 3 === 0 ? undefined : bytes(`"ingress_allowed_by":[${policyOf(`${nameOf(server)}-ingress`, server)}]`),
  }
}

// Every character is ASCII.
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value))

const teamOf = (index: number): string => TEAMS[index % TEAMS.length] ?? 'agents'
const nameOf = (index: number): string => `service-${String(index).padStart(3, '0')}`

function policyOf(name: string, index: number): string {
  const namespace = teamOf(index)
  const prefix = 'k8s:io.cilium.k8s.policy'
  const labels = [
    `${prefix}.derived-from=CiliumNetworkPolicy`,
    `${prefix}.name=${name}`,
    `${prefix}.namespace=${namespace}`,
    `${prefix}.uid=43d6f2ab-89ab-49b8-923e-${String(index).padStart(12, '0')}`,
  ]
  return JSON.stringify({ name, namespace, labels, revision: '12', kind: 'CiliumNetworkPolicy' })
}

function nodeOf(index: number): LoadNode {
  const name = `ip-10-0-${index}-17.eu-central-1.compute.internal`
  const zone = `eu-central-1${'abc'[index % 3]}`
  const labels = [
    'beta.kubernetes.io/arch=amd64',
    'beta.kubernetes.io/instance-type=m6i.2xlarge',
    'beta.kubernetes.io/os=linux',
    'eks.amazonaws.com/capacityType=ON_DEMAND',
    'eks.amazonaws.com/nodegroup-image=ami-0a1b2c3d4e5f60718',
    'eks.amazonaws.com/nodegroup=workers',
    'failure-domain.beta.kubernetes.io/region=eu-central-1',
    `failure-domain.beta.kubernetes.io/zone=${zone}`,
    'kubernetes.io/arch=amd64',
    `kubernetes.io/hostname=${name}`,
    'kubernetes.io/os=linux',
    'node.kubernetes.io/instance-type=m6i.2xlarge',
    'topology.kubernetes.io/region=eu-central-1',
    `topology.kubernetes.io/zone=${zone}`,
  ]
  return {
    name: bytes(name),
    json: bytes(`,"Type":"L3_L4","node_name":"${name}","node_labels":${JSON.stringify(labels)},`),
  }
}

function podsOf(index: number, nodes: readonly LoadNode[]): LoadPod[] {
  const [name, namespace] = [nameOf(index), teamOf(index)]
  const labels = [
    `k8s:app.kubernetes.io/name=${name}`,
    `k8s:app.kubernetes.io/part-of=${namespace}`,
    `k8s:app=${name}`,
    `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
    'k8s:io.cilium.k8s.policy.cluster=default',
    `k8s:io.cilium.k8s.policy.serviceaccount=${name}`,
    `k8s:io.kubernetes.pod.namespace=${namespace}`,
  ]
  return Array.from({ length: PODS_PER_WORKLOAD }, (_, pod) => {
    const number = index * PODS_PER_WORKLOAD + pod
    const about = {
      identity: 10_000 + index,
      cluster_name: 'default',
      namespace,
      labels,
      pod_name: `${name}-7d9c8b6f5-${suffixOf(number)}`,
    }
    return {
      ip: bytes(`10.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`),
      node: nodes[number % nodes.length] ?? nodeOf(0),
      local: json({ ID: 100 + number, ...about, workloads: [{ name, kind: 'Deployment' }] }),
      remote: json(about),
    }
  })
}

/** Five characters as Kubernetes makes them: no vowels, nothing that reads like another. */
function suffixOf(number: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  let rest = number + 7_000_000
  let text = ''
  for (let at = 0; at < 5; at += 1) {
    text += letters[rest % letters.length]
    rest = Math.floor(rest / letters.length)
  }
  return text
}
