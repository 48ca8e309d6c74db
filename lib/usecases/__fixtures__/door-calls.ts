import 'server-only'
import { ingestBatch } from '../ingest-batch'
import { ingestNat } from '../ingest-nat'
import { judgeEgress } from '../judge-egress'

export const SANCTIONED = '203.0.113.10'
export const OTHER = '203.0.113.66'

export interface DoorCall {
  readonly port: number
  readonly atMs: number
  /** The address by which it leaves. */
  readonly publicIp: string
  /** Address of api.openai.com at that time. */
  readonly server?: string
  readonly workload?: string
  readonly dataset?: string
}

const common = (nowMs: number, dataset: string) => ({
  dataset,
  tokenId: 't',
  clusterHeader: 'demo',
  defaultCluster: 'default',
  retentionMs: 24 * 3_600_000,
  nowMs,
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** Calls of ml/agent to OpenAI as Hubble tells them, what both hops log of them, and their judgement. */
export async function callsLeaveBy(calls: readonly DoorCall[], nowMs: number): Promise<void> {
  const dataset = calls[0]?.dataset ?? ''
  const base = common(nowMs, dataset)
  const nat = { ...base, format: 'conntrack', trusted: true } as const
  await ingestBatch({ ...base, source: 'hubble', body: once(calls.map(flowLine).join('\n')) })
  await ingestNat({
    ...nat,
    hop: 'node',
    body: once(calls.map((call) => natLine(call, 1, ['10.244.1.7', call.port], ['10.0.1.5', call.port + 1])).join('')),
  })
  await ingestNat({
    ...nat,
    hop: 'nat-gw',
    body: once(
      calls.map((call) => natLine(call, 2, ['10.0.1.5', call.port + 1], [call.publicIp, call.port + 2])).join(''),
    ),
  })
  await judgeEgress()
}

/** One of them. */
export const callLeavesBy = (call: DoorCall, nowMs: number): Promise<void> => callsLeaveBy([call], nowMs)

const SERVER = '162.159.140.245'

function flowLine({ port, atMs, server = SERVER, workload = 'agent' }: DoorCall): string {
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-8000-${String(port).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: '10.244.1.7', destination: server },
    l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
    source: { ID: 1, namespace: 'ml', pod_name: `${workload}-7d4b9c6f5-x2x5v`, labels: [`k8s:app=${workload}`] },
    destination: { labels: ['reserved:world'] },
    destination_names: ['api.openai.com'],
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  }
  return JSON.stringify({ flow })
}

type Side = readonly [ip: string, port: number]

function natLine({ atMs, server = SERVER }: DoorCall, afterMs: number, [from, fromPort]: Side, [to, toPort]: Side) {
  const stamp = ((atMs + afterMs) / 1000).toFixed(6)
  return `[${stamp}]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${from} dst=${server} sport=${fromPort} dport=443 [UNREPLIED] src=${server} dst=${to} sport=443 dport=${toPort} id=${toPort}\n`
}
