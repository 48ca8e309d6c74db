import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { query, useDatabase } from '@/lib/store/client'
import { loadFindings } from '@/lib/store/load-findings'
import { createTestDatabase } from '@/lib/store/test-database'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'
import { judgeEgress } from './judge-egress'
import { loadEdgeDetail } from './load-edge'
import { loadNodeDetail } from './load-node'
import { trackFindings } from './track-findings'

const NOW = Date.now()
const MINUTE = 60_000
const COMMON = {
  dataset: '',
  tokenId: 't',
  clusterHeader: 'demo',
  defaultCluster: 'default',
  retentionMs: 24 * 3_600_000,
  nowMs: NOW,
}
const SANCTIONED = '203.0.113.10'
const OTHER = '203.0.113.66'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: DEMO_EGRESS_YAML })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() =>
  query(
    'TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, finding, judgement_history',
  ),
)

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

/** A call of ml/agent to OpenAI at a time, seen by Hubble. */
const sendFlow = (port: number, atMs: number) =>
  ingestBatch({
    ...COMMON,
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(atMs).toISOString(),
          uuid: `7b4f3c1e-0000-4000-8000-${String(port).padStart(12, '0')}`,
          verdict: 'FORWARDED',
          IP: { source: '10.244.1.7', destination: '162.159.140.245' },
          l4: { TCP: { source_port: port, destination_port: 443, flags: { SYN: true } } },
          source: { ID: 1, namespace: 'ml', pod_name: 'agent-7d4b9c6f5-x2x5v', labels: ['k8s:app=agent'] },
          destination: { labels: ['reserved:world'] },
          destination_names: ['api.openai.com'],
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })

/** What both hops log of that call when it leaves by an address. */
async function sendTranslations(port: number, atMs: number, publicIp: string): Promise<void> {
  const stamp = (ms: number) => `[${(ms / 1000).toFixed(6)}]`
  const line = (ms: number, from: string, fromPort: number, to: string, toPort: number) =>
    `${stamp(ms)}\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=${from} dst=162.159.140.245 sport=${fromPort} dport=443 [UNREPLIED] src=162.159.140.245 dst=${to} sport=443 dport=${toPort} id=${toPort}\n`
  const nat = { ...COMMON, format: 'conntrack', trusted: true } as const
  await ingestNat({ ...nat, hop: 'node', body: once(line(atMs + 1, '10.244.1.7', port, '10.0.1.5', port + 1)) })
  await ingestNat({ ...nat, hop: 'nat-gw', body: once(line(atMs + 2, '10.0.1.5', port + 1, publicIp, port + 2)) })
}

async function callLeavesBy(port: number, atMs: number, publicIp: string): Promise<void> {
  await sendFlow(port, atMs)
  await sendTranslations(port, atMs, publicIp)
  await judgeEgress()
}

const findings = async () => (await loadFindings({ dataset: '' }, 50)).findings
const violations = async () => (await findings()).filter((finding) => finding.detector === 'D0')
const silence = () => query(`UPDATE source_minute SET last_received = now() - interval '30 minutes'`)

describe('findings', () => {
  it('a proven violation opens one finding that names both addresses, and repeats are counted on it', async () => {
    await callLeavesBy(41_000, NOW - 2 * MINUTE, OTHER)
    expect(await trackFindings(NOW)).toBe(1)
    await callLeavesBy(42_000, NOW - MINUTE, OTHER)
    await trackFindings(NOW)
    await trackFindings(NOW)
    const found = await violations()
    expect(found).toMatchObject([{ status: 'open', severity: 'critical', count: 2, workload: 'ml/agent' }])
    expect(found[0]?.title).toContain(OTHER)
    expect(found[0]?.title).toContain(SANCTIONED)
  })

  it('two replicas that plan at once open it once', async () => {
    await callLeavesBy(41_000, NOW - 2 * MINUTE, OTHER)
    await Promise.all([trackFindings(NOW), trackFindings(NOW), trackFindings(NOW)])
    expect(await violations()).toHaveLength(1)
  })

  it('sanctioned calls open nothing', async () => {
    await callLeavesBy(41_000, NOW - 2 * MINUTE, SANCTIONED)
    await trackFindings(NOW)
    expect(await findings()).toEqual([])
  })

  it('quiet resolves it while its sources are alive, and a new violation opens it again', async () => {
    await callLeavesBy(41_000, NOW - 2 * MINUTE, OTHER)
    await trackFindings(NOW)
    const later = NOW + 20 * MINUTE
    await trackFindings(later)
    expect(await violations()).toMatchObject([{ status: 'resolved', resolvedMs: later }])
    await callLeavesBy(43_000, NOW, OTHER)
    await trackFindings(later)
    expect(await violations()).toMatchObject([{ status: 'open', count: 2 }])
    expect((await violations())[0]?.resolvedMs).toBeUndefined()
  })

  it('quiet proves nothing while its sources are silent: it turns stale, not resolved', async () => {
    await callLeavesBy(41_000, NOW - 2 * MINUTE, OTHER)
    await trackFindings(NOW)
    await silence()
    await trackFindings(NOW + 20 * MINUTE)
    expect(await violations()).toMatchObject([{ status: 'stale' }])
  })

  it('a call whose path nobody logs opens an informational finding once its log is overdue, never a violation', async () => {
    await sendFlow(41_000, NOW - MINUTE)
    await judgeEgress()
    await trackFindings(NOW)
    expect(await findings()).toEqual([])
    await trackFindings(NOW + 3 * MINUTE)
    expect(await findings()).toMatchObject([{ detector: 'D0u', severity: 'info' }])
  })
})

describe('the evidence of an edge', () => {
  const window = { fromMs: NOW - 15 * MINUTE, toMs: NOW + MINUTE }

  it('has its flows, its judged connection with the raw rows of both hops and the history, and its finding', async () => {
    await sendFlow(41_000, NOW - 2 * MINUTE)
    await judgeEgress()
    await sendTranslations(41_000, NOW - 2 * MINUTE, OTHER)
    await judgeEgress()
    await trackFindings(NOW)
    const [finding] = await violations()
    const detail = await loadEdgeDetail(
      { dataset: '', edgeId: finding?.edgeIds[0] ?? '', window },
      'http://localhost:3000',
    )
    expect(detail.edge.openFindings).toBe(1)
    expect(detail.clientNode.aiRole).toBeDefined()
    expect(detail.serverNode.provider?.id).toBe('openai')
    expect(detail.flowsTotal).toBe(1)
    expect(detail.connections[0]?.evidence.map((row) => row.hop)).toEqual(['node', 'nat-gw'])
    expect(detail.connections[0]?.history.map(({ judgement }) => judgement.state)).toEqual(['unverified', 'violation'])
    expect(detail.findings.map(({ id }) => id)).toContain(finding?.id)
    expect(detail.wouldVerify).toEqual([])
  })

  it('says which hop to connect where nothing is proven', async () => {
    await sendFlow(41_000, NOW - 2 * MINUTE)
    await judgeEgress()
    const [edge] = await query<{ id: string }>('SELECT DISTINCT edge_id::text AS id FROM egress_connection')
    const detail = await loadEdgeDetail({ dataset: '', edgeId: edge?.id ?? '', window }, 'https://postern.example.com')
    expect(detail.wouldVerify.join('\n')).toContain('https://postern.example.com/api/ingest/nat/conntrack?hop=nat-gw')
  })

  it('an unknown edge, and an edge without traffic in the window, are not found', async () => {
    await sendFlow(41_000, NOW - 2 * MINUTE)
    const [edge] = await query<{ id: string }>('SELECT DISTINCT edge_id::text AS id FROM egress_connection')
    const past = { fromMs: NOW - 600 * MINUTE, toMs: NOW - 500 * MINUTE }
    await expect(loadEdgeDetail({ dataset: '', edgeId: '1', window }, '')).rejects.toMatchObject({ code: 'not_found' })
    await expect(loadEdgeDetail({ dataset: '', edgeId: edge?.id ?? '', window: past }, '')).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('a node has its facts, its pods, its edges and their other ends', async () => {
    await callLeavesBy(41_000, NOW - 2 * MINUTE, SANCTIONED)
    const [row] = await query<{ id: string }>(`SELECT id::text FROM endpoint WHERE class = 'workload'`)
    const detail = await loadNodeDetail({ dataset: '', nodeId: row?.id ?? '', window })
    expect(detail.node.label).toBe('ml / agent')
    expect(detail.edges).toHaveLength(1)
    expect(detail.peers.map((peer) => peer.provider?.id)).toEqual(['openai'])
    expect(detail.labels).toMatchObject({ app: 'agent' })
  })
})
