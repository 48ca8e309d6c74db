import 'server-only'
import { ingestBatch } from '../ingest-batch'
import { ingestNat } from '../ingest-nat'
import { keepInventory } from '../keep-inventory'
import { receiveOtlp } from '../receive-otlp'
import type { InventoryChange, InventoryKind } from '@/lib/model/inventory'

/** One workload, ml/agent of cluster prod, that calls OpenAI by a NAT named `nat`: what its sources send, for tests on a database. */
export const NOW = Date.parse('2026-11-24T12:00:00Z')
export const AT = NOW - 10 * 60_000
export const GOOD = '203.0.113.10'
export const BAD = '198.51.100.7'
export const POD_IP = '10.244.1.7'
const SERVER = '203.0.113.200'
/** What the rules are: that address, and what `nat` says is final. */
export const SETTINGS = { sanctionedEgress: `${GOOD}/32`, finalHop: 'nat' }

export const COMMON = {
  dataset: '',
  tokenId: 't',
  clusterHeader: 'prod',
  defaultCluster: 'default',
  retentionMs: 24 * 3_600_000,
  nowMs: NOW,
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

let serial = 0
/** A call as Hubble tells it. `drop`: the reason, where the packet was dropped. */
export function sendCall({ atMs = AT, port = 41370, drop = '', host = 'api.openai.com', dataset = '' } = {}): Promise<unknown> {
  serial += 1
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-8000-${String(serial).padStart(12, '0')}`,
    verdict: drop ? 'DROPPED' : 'FORWARDED',
    ...(drop && { drop_reason_desc: drop }),
    IP: { source: POD_IP, destination: SERVER },
    l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
    source: {
      ID: 1,
      namespace: 'ml',
      pod_name: 'agent-7d4b9c6f5-x2x5v',
      labels: ['k8s:app=agent'],
      workloads: [{ name: 'agent', kind: 'Deployment' }],
    },
    destination: { labels: ['reserved:world'] },
    destination_names: [host],
    event_type: { type: drop ? 1 : 5 },
    traffic_direction: 'EGRESS',
  }
  return ingestBatch({ ...COMMON, dataset, source: 'hubble', body: once(JSON.stringify({ flow })) })
}

/** That call as an egress gateway's node traces it: its address after translation, no name, and a port that is not the pod's. */
export function sendGatewayTrace({ atMs = AT + 10, to = BAD, syn = true, dataset = '' } = {}): Promise<unknown> {
  serial += 1
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-8000-${String(serial).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: POD_IP, destination: SERVER, source_xlated: to },
    l4: { TCP: { source_port: 50_000 + serial, destination_port: 443, flags: syn ? { SYN: true } : { ACK: true } } },
    source: { namespace: 'ml', pod_name: 'agent-7d4b9c6f5-x2x5v', labels: ['k8s:app=agent'] },
    destination: { labels: ['reserved:world'] },
    is_reply: false,
    event_type: { type: 4, sub_type: 11 },
    trace_observation_point: 'TO_NETWORK',
    trace_reason: syn ? 'NEW' : 'ESTABLISHED',
    traffic_direction: 'EGRESS',
  }
  return ingestBatch({ ...COMMON, dataset, source: 'hubble', body: once(JSON.stringify({ flow })) })
}

/** The pod was told the server's address for a name. */
export function sendAnswer({ atMs = AT - 800, host = 'api.openai.com' } = {}): Promise<unknown> {
  serial += 1
  const dns = { query: `${host}.`, ips: [SERVER], ttl: 30, observation_source: 'proxy', qtypes: ['A'], rrtypes: ['A'] }
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-8000-${String(serial).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: '10.96.0.10', destination: POD_IP },
    l4: { UDP: { source_port: 53, destination_port: 50_001 } },
    source: { namespace: 'kube-system', pod_name: 'coredns-5d78c9869d-7x2lp', labels: ['k8s:k8s-app=kube-dns'] },
    destination: { ID: 1, namespace: 'ml', pod_name: 'agent-7d4b9c6f5-x2x5v', labels: ['k8s:app=agent'] },
    Type: 'L7',
    event_type: { type: 129 },
    is_reply: true,
    traffic_direction: 'INGRESS',
    l7: { type: 'RESPONSE', dns },
  }
  return ingestBatch({ ...COMMON, source: 'hubble', body: once(JSON.stringify({ flow })) })
}

/** What the NAT made of that call. */
export function sendNat({ atMs = AT, port = 41370, to = BAD, toPort = 62782, trusted = true, nowMs = NOW } = {}): Promise<unknown> {
  const line = `[${(atMs / 1000).toFixed(6)}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${POD_IP} dst=${SERVER} sport=${port} dport=443 [UNREPLIED] src=${SERVER} dst=${to} sport=443 dport=${toPort} id=${Math.floor(atMs / 1000) + port}\n`
  return ingestNat({ ...COMMON, nowMs, format: 'conntrack', hop: 'nat', trusted, body: once(line) })
}

/** A span of the workload: the provider refused its address. */
export function sendRefusal({ atMs = AT, host = 'api.openai.com', pod = 'agent-7d4b9c6f5-x2x5v' } = {}): Promise<unknown> {
  serial += 1
  const attributes = (values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }))
  const span = {
    traceId: String(serial).padStart(32, 'a'),
    spanId: String(serial).padStart(16, '0'),
    name: 'POST',
    kind: 3,
    startTimeUnixNano: `${atMs}000000`,
    endTimeUnixNano: `${atMs + 5}000000`,
    attributes: attributes({ 'http.request.method': 'POST', 'server.address': host }),
    status: { code: 2, message: 'ip_not_authorized' },
  }
  const resource = {
    attributes: attributes({
      'service.name': 'agent',
      'k8s.namespace.name': 'ml',
      'k8s.pod.name': pod,
      'k8s.deployment.name': 'agent',
    }),
  }
  return receiveOtlp({
    ...COMMON,
    pathname: '/v1/traces',
    contentType: 'application/json',
    body: once(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] })),
  })
}

export const keep = (...changes: readonly InventoryChange[]): Promise<unknown> =>
  keepInventory({ cluster: 'prod', changes, synced: [], rejects: {}, gaps: [], nowMs: NOW })

/** The pod, since a moment, with another uid where another one is meant. */
export const podSince = (fromMs: number, uid = 'uid-1'): InventoryChange => ({
  what: 'pod',
  atMs: fromMs,
  pod: {
    namespace: 'ml',
    pod: 'agent-7d4b9c6f5-x2x5v',
    uid,
    workload: 'agent',
    workloadKind: 'Deployment',
    node: 'n1',
    hostNetwork: false,
    ips: [POD_IP],
    fromMs,
    isTerminating: false,
  },
})

const put = (
  kind: InventoryKind,
  namespace: string,
  name: string,
  body: Readonly<Record<string, unknown>>,
): InventoryChange => ({
  what: 'object',
  atMs: AT - 3_600_000,
  object: { kind, namespace, tier: '', name, uid: 'u', resourceVersion: '1', isUnchanged: false, body },
})

/** An egress gateway of Cilium that covers the workload. */
export const GATEWAY: readonly InventoryChange[] = [
  put('Namespace', '', 'ml', { metadata: { labels: {} } }),
  put('Workload', 'ml', 'agent', { labels: { app: 'agent' }, serviceAccount: 'sa', annotations: {} }),
  put('CiliumEgressGatewayPolicy', '', 'p', {
    spec: {
      selectors: [{ podSelector: { matchLabels: { app: 'agent' } } }],
      destinationCIDRs: ['0.0.0.0/0'],
      egressGateway: { egressIP: GOOD },
    },
  }),
]
