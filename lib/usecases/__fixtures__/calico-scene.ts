import 'server-only'
import { goldmaneLines } from '@/lib/demo/goldmane-lines'
import { query } from '@/lib/store/client'
import { ingestBatch } from '../ingest-batch'
import { ingestDns } from '../ingest-dns'
import { ingestNat } from '../ingest-nat'

/** A cluster of open-source Calico, told by the tools that it has: Goldmane, conntrack on two hops, CoreDNS, a pod watch. */
export const CLUSTER = 'calico'
export const SANCTIONED = '203.0.113.10'
export const OTHER = '203.0.113.66'
export const NODE = '10.0.1.5'

export const EGRESS_YAML = `
egressPoints:
  - { name: nat-a, kind: nat-gateway, publicCidrs: [${SANCTIONED}/32] }
paths:
  - { name: two-hops, hops: [node, nat-gw], final: nat-gw }
egressRules:
  - { name: inference, workloads: { namespaces: [inference, ml] }, providers: ['*'], egressPoints: [nat-a] }
`

export const common = (nowMs: number, cluster = CLUSTER) => ({
  dataset: '',
  tokenId: 't',
  clusterHeader: cluster,
  defaultCluster: 'default',
  retentionMs: 24 * 3_600_000,
  nowMs,
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** What was captured of one connection. */
export interface Call {
  readonly ip: string
  readonly port: number
  readonly server: string
  readonly atMs: number
  /** By which public address it left. */
  readonly publicIp: string
  readonly cluster?: string
}

const newLine = (atMs: number, from: string, fromPort: number, server: string, to: string, toPort: number) =>
  `[${(atMs / 1000).toFixed(6)}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${from} dst=${server} sport=${fromPort} dport=443 [UNREPLIED] src=${server} dst=${to} sport=443 dport=${toPort} id=${(atMs + fromPort) % 2 ** 31}\n`

/** The node's record of a connection and the gateway's, in the exact two-hop chain: pod → node → gateway. */
export async function sendTranslations(call: Call, nowMs: number): Promise<void> {
  const { ip, port, server, atMs, publicIp } = call
  const nat = { ...common(nowMs, call.cluster), format: 'conntrack', trusted: true } as const
  const nodePort = 20_000 + (port % 10_000)
  await ingestNat({ ...nat, hop: 'node', body: once(newLine(atMs + 1, ip, port, server, NODE, nodePort)) })
  const gateway = newLine(atMs + 2, NODE, nodePort, server, publicIp, nodePort + 1)
  await ingestNat({ ...nat, hop: 'nat-gw', body: once(gateway) })
}

/** A line of CoreDNS, as the container runtime of its pod writes it. */
export const corednsLine = (ip: string, name: string, atMs: number, type = 'A', rcode = 'NOERROR'): string =>
  `${new Date(atMs).toISOString()} stdout F [INFO] ${ip}:41370 - 5 "${type} IN ${name}. udp 33 false 512" ${rcode} qr,rd,ra 64 0.001s`

export const sendQuestions = (lines: readonly string[], nowMs: number, cluster = CLUSTER) =>
  ingestDns({ ...common(nowMs, cluster), format: 'coredns', body: once(`${lines.join('\n')}\n`) })

export const sendAnswers = (records: readonly object[], nowMs: number) =>
  ingestDns({
    ...common(nowMs),
    format: 'calico',
    body: once(records.map((record) => JSON.stringify(record)).join('\n')),
  })

export interface Lease {
  readonly ip: string
  readonly namespace: string
  readonly workload: string
  readonly fromMs: number
  readonly toMs?: number
  readonly hostNetwork?: boolean
  readonly cluster?: string
}

/** A row as the Kubernetes inventory writes it. */
export const saveLease = ({ ip, namespace, workload, fromMs, toMs, hostNetwork = false, cluster = CLUSTER }: Lease) =>
  query(
    `INSERT INTO pod_ip_lease (cluster, ip, namespace, pod, uid, workload, workload_kind, node, host_network, valid_from, valid_to)
     VALUES ($1, $2, $3, $4 || '-7d9c8b6f5-x2x5v', 'uid of ' || $4, $4, 'Deployment', 'node-a', $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000))`,
    [cluster, ip, namespace, workload, hostNetwork, fromMs, toMs ?? null],
  )

/** Goldmane's records of the demo's second cluster: no address, no name; the internet is one node. */
export const sendGoldmane = (startMs: number, endMs: number, nowMs: number) =>
  ingestBatch({
    ...common(nowMs),
    source: 'calico',
    body: once(goldmaneLines({ seed: 7, startMs, endMs }).join('\n')),
  })

/** A flow record of Hubble with the exact tuple. */
export const sendHubbleFlow = (call: Omit<Call, 'publicIp'>, nowMs: number, name?: string) =>
  ingestBatch({
    ...common(nowMs, call.cluster),
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(call.atMs).toISOString(),
          uuid: `7b4f3c1e-0000-4000-8000-${String(call.port).padStart(12, '0')}`,
          verdict: 'FORWARDED',
          IP: { source: call.ip, destination: call.server },
          l4: { TCP: { source_port: call.port, destination_port: 443, flags: { SYN: true } } },
          source: { ID: 1, namespace: 'ml', pod_name: 'agent-7d9c8b6f5-x2x5v', labels: ['k8s:app=agent'] },
          destination: { labels: ['reserved:world'] },
          ...(name && { destination_names: [name] }),
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })

/** Everything that a test of this scene writes. */
export const forgetScene = () =>
  query(`TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, source_reject, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, finding,
    judgement_history, dns_name, dns_question, address_change, pod_ip_lease, inventory_sync`)
