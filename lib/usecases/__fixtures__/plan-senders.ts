import 'server-only'
import type { InventoryChange, InventoryKind, InventoryObject, PodSighting } from '@/lib/model/inventory'
import { ingestBatch } from '../ingest-batch'
import { ingestNat } from '../ingest-nat'
import { receiveOtlp } from '../receive-otlp'
import { common } from './calico-scene'

/** A cluster of which nothing was heard before: nothing of it is remembered by the process. */
export const NEW = 'new'
const POD = { ip: '10.244.7.7', namespace: 'ml', name: 'agent-7d4b9c6f5-x2x5v', workload: 'agent' }
const SERVER = '198.51.100.77'
const HOST = 'bedrock-runtime.us-east-1.amazonaws.com'
const ROLE = 'arn:aws:sts::111122223333:assumed-role/agent/session'

export const NEW_EGRESS_YAML = `
egressPoints:
  - { name: nat-a, kind: nat-gateway, publicCidrs: [203.0.113.10/32] }
paths:
  - { name: new, clusters: [${NEW}], hops: [node, nat-gw], final: nat-gw, principals: { "arn:aws:sts::111122223333:assumed-role/agent/*": ml/agent } }
egressRules:
  - { name: ai, providers: ['*'], egressPoints: [nat-a] }
`

export async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** A packet of that pod to that server, as the node of an egress gateway traces it. */
function sendNewTrace(nowMs: number, atMs: number) {
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-b000-${String(atMs % 1e12).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: POD.ip, destination: SERVER, source_xlated: '203.0.113.10' },
    l4: { TCP: { source_port: 50_000, destination_port: 443, flags: { SYN: true } } },
    source: { namespace: POD.namespace, pod_name: POD.name, labels: ['k8s:app=agent'] },
    destination: { labels: ['reserved:world'] },
    is_reply: false,
    event_type: { type: 4, sub_type: 11 },
    trace_observation_point: 'TO_NETWORK',
    traffic_direction: 'EGRESS',
  }
  return ingestBatch({ ...common(nowMs, NEW), source: 'hubble', body: once(JSON.stringify({ flow })) })
}

/**
 * Flow records of one workload: a connection to a provider, allowed, of which an egress gateway told before, and one that was denied
 * and is tried again.
 */
export async function sendNewFlows(nowMs: number, atMs: number) {
  await sendNewTrace(nowMs, atMs)
  const flow = (n: number, verdict: string, names: readonly string[]) => ({
    flow: {
      time: new Date(atMs + n).toISOString(),
      uuid: `7b4f3c1e-0000-4000-9000-${String((atMs + n) % 1e12).padStart(12, '0')}`,
      verdict,
      IP: { source: POD.ip, destination: SERVER },
      l4: { TCP: { source_port: 41_000, destination_port: 443, flags: { SYN: true } } },
      source: { ID: 1, namespace: POD.namespace, pod_name: POD.name, labels: ['k8s:app=agent'] },
      destination: { labels: ['reserved:world'] },
      destination_names: names,
      event_type: { type: verdict === 'DROPPED' ? 1 : 5 },
      traffic_direction: 'EGRESS',
      ...(verdict === 'DROPPED' && { drop_reason_desc: 'POLICY_DENIED' }),
    },
  })
  const lines = [flow(0, 'FORWARDED', [HOST]), flow(10, 'DROPPED', []), flow(20, 'DROPPED', [])]
  return ingestBatch({
    ...common(nowMs, NEW),
    source: 'hubble',
    body: once(lines.map((line) => JSON.stringify(line)).join('\n')),
  })
}

/** One packet of a connection to a provider: its opening, or a later one. */
export function sendNewPacket(nowMs: number, atMs: number, flag: 'SYN' | 'ACK') {
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-a000-${String(atMs % 1e12).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: POD.ip, destination: SERVER },
    l4: { TCP: { source_port: 42_000, destination_port: 443, flags: { [flag]: true } } },
    source: { ID: 1, namespace: POD.namespace, pod_name: POD.name, labels: ['k8s:app=agent'] },
    destination: { labels: ['reserved:world'] },
    destination_names: [HOST],
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  }
  return ingestBatch({ ...common(nowMs, NEW), source: 'hubble', body: once(JSON.stringify({ flow })) })
}

/** An interval of Goldmane with so many connections: told again with more, it replaces what was told before. */
export function sendNewInterval(nowMs: number, atMs: number, connections: number) {
  const line = {
    Key: {
      source_name: 'web-*',
      source_namespace: 'shop',
      source_type: 1,
      dest_name: 'api-*',
      dest_namespace: 'shop',
      dest_type: 1,
      dest_port: 443,
      proto: 'tcp',
      reporter: 1,
      action: 1,
      policies: { enforced_policies: ['0|default|np:shop/a|allow|0'] },
    },
    start_time: Math.floor(atMs / 1000),
    end_time: Math.floor(atMs / 1000) + 15,
    num_connections_started: connections,
  }
  return ingestBatch({ ...common(nowMs, NEW), source: 'calico', body: once(JSON.stringify(line)) })
}

/** Spans of so many traces, so many of each. */
export function sendManySpans(nowMs: number, atMs: number, traces: number, each: number, from = 0) {
  const spans = Array.from({ length: traces * each }, (_, n) => ({
    traceId: (Math.floor(n / each) + 1).toString(16).padStart(32, 'e'),
    spanId: (from + (n % each) + 1).toString(16).padStart(16, '0'),
    name: 'GET',
    kind: 3,
    startTimeUnixNano: `${atMs}000000`,
    endTimeUnixNano: `${atMs + 5}000000`,
    attributes: [
      { key: 'http.request.method', value: { stringValue: 'GET' } },
      { key: 'server.address', value: { stringValue: 'qdrant' } },
    ],
  }))
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'agent' } }] }
  return receiveOtlp({
    ...common(nowMs, NEW),
    pathname: '/v1/traces',
    contentType: 'application/json',
    body: once(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })),
  })
}

/** A NAT gateway's window, without ports, in which that connection lies. */
export function sendNewWindow(nowMs: number, atMs: number) {
  const header =
    'interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol start end action log-status'
  const start = Math.floor(atMs / 1000) - 5
  const line = `eni-1 ${POD.ip} 10.0.0.220 ${POD.ip} ${SERVER} - 443 6 ${start} ${start + 30} ACCEPT OK`
  const body = once(`${header}\n${line}\n`)
  return ingestNat({ ...common(nowMs, NEW), format: 'aws-vpc', hop: 'nat-gw', trusted: true, body })
}

/** The provider's own record of that call. */
export function sendNewAudit(nowMs: number, atMs: number) {
  const event = {
    eventSource: 'bedrock.amazonaws.com',
    eventName: 'InvokeModel',
    eventTime: new Date(atMs).toISOString().replace(/\.\d+/, ''),
    awsRegion: 'us-east-1',
    sourceIPAddress: '203.0.113.10',
    userIdentity: { type: 'AssumedRole', arn: ROLE },
    requestParameters: { modelId: 'm' },
    tlsDetails: { clientProvidedHostHeader: HOST },
    eventID: `id-${atMs}`,
  }
  const body = once(JSON.stringify({ Records: [event] }))
  return ingestNat({ ...common(nowMs, NEW), format: 'cloudtrail', hop: '', trusted: true, body })
}

/** Spans of that pod: a model call that was refused for its address, a call by a short name, and one received from an address. */
export function sendNewSpans(nowMs: number, atMs: number, traceId = 'd'.repeat(32)) {
  const span = (n: number, kind: number, values: Readonly<Record<string, string | number>>, rest: object = {}) => ({
    traceId,
    spanId: String(n).padStart(16, '0'),
    ...(n > 1 && { parentSpanId: '1'.padStart(16, '0') }),
    name: 'POST',
    kind,
    startTimeUnixNano: `${atMs}000000`,
    endTimeUnixNano: `${atMs + 5}000000`,
    attributes: Object.entries(values).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
    })),
    ...rest,
  })
  const resource = {
    attributes: Object.entries({
      'service.name': 'agent',
      'k8s.namespace.name': POD.namespace,
      'k8s.pod.name': POD.name,
    }).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  }
  const call = { 'http.request.method': 'POST', 'gen_ai.provider.name': 'aws.bedrock', 'gen_ai.operation.name': 'chat' }
  const spans = [
    span(1, 2, { 'server.port': 7000, 'network.peer.address': POD.ip }),
    span(2, 3, { ...call, 'server.address': HOST, 'server.port': 443 }, {
      status: { code: 2, message: 'ip_not_authorized' },
    }),
    span(3, 3, { 'http.request.method': 'GET', 'server.address': 'qdrant', 'server.port': 6333 }),
    span(4, 3, { 'http.request.method': 'GET', 'server.address': POD.ip, 'server.port': 80 }),
    span(5, 1, {}),
  ]
  return receiveOtlp({
    ...common(nowMs, NEW),
    pathname: '/v1/traces',
    contentType: 'application/json',
    body: once(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] })),
  })
}

/** The pod of all that, as the inventory has it. */
export const newPod = (atMs: number, change: Partial<PodSighting> = {}): InventoryChange => ({
  what: 'pod',
  atMs,
  pod: {
    namespace: POD.namespace,
    pod: POD.name,
    uid: 'uid-1',
    workload: POD.workload,
    workloadKind: 'Deployment',
    hostNetwork: false,
    ips: [POD.ip],
    fromMs: atMs - 3600_000,
    isTerminating: false,
    ...change,
  },
})

export const newObject = (
  kind: InventoryKind,
  name: string,
  body: Readonly<Record<string, unknown>>,
  atMs: number,
  change: Partial<InventoryObject> = {},
): InventoryChange => ({
  what: 'object',
  atMs,
  object: { kind, namespace: 'ml', tier: '', name, uid: 'u', resourceVersion: '1', isUnchanged: false, body, ...change },
})
