import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GraphQuery } from '@/lib/model/graph'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  AT,
  BAD,
  GOOD,
  keep,
  NOW,
  podSince,
  SETTINGS,
  sendCall,
  sendNat,
  sendRefusal,
} from './__fixtures__/egress-scene'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { listMismatches } from './list-mismatches'
import { loadEdgeChanges, loadNodeChanges } from './load-changes'
import { loadEdgeDetail } from './load-edge'
import { loadEdgeHistory, loadNodeHistory } from './load-history'
import { loadEdgeFlows, loadNodeFlows } from './load-kept-flows'
import { loadNodeDetail } from './load-node'
import { queryGraph } from './query-graph'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const WINDOW = { fromMs: NOW - 15 * MINUTE, toMs: NOW }
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig(SETTINGS)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() =>
  query(
    'TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, judgement_history, judged_edge, pod_ip_lease, address_change, gap, inventory_object, inventory_sync, span',
  ),
)

const ids = async () => {
  const [row] = await query<{ edge: string; client: string; server: string }>(
    `SELECT e.id::text AS edge, e.client_id::text AS client, e.server_id::text AS server FROM edge e
     JOIN endpoint s ON s.id = e.server_id WHERE s.name = 'api.openai.com'`,
  )
  if (!row) throw new Error('nothing was sent')
  return row
}
/** Everything received so far came in at a moment, for what asks when sources spoke. */
const receivedAt = (atMs: number) =>
  query(
    `UPDATE source_minute SET minute = to_timestamp($1::float8 / 1000), last_received = to_timestamp($1::float8 / 1000)`,
    [Math.floor(atMs / MINUTE) * MINUTE],
  )

describe('the history of an edge', () => {
  it('has a bar per slot with what passed and was denied, first and last record, and every judgement that became another', async () => {
    await sendCall({ atMs: AT })
    await sendCall({ atMs: AT + 1000, port: 41_371 })
    await sendCall({ atMs: AT - 2 * HOUR, port: 41_372, drop: 'POLICY_DENIED' })
    await judgeEgress()
    await sendNat({ to: BAD })
    await judgeEgress()
    const { edge, client } = await ids()
    const history = await loadEdgeHistory(edge, { dataset: '', toMs: NOW, span: '24h' })
    expect(history.slots).toHaveLength(96)
    expect(history.slots[0]?.startMs).toBe(history.range.fromMs)
    const busy = history.slots.filter(({ passed, denied }) => passed + denied > 0)
    expect(busy).toEqual([
      { startMs: AT - 2 * HOUR - (AT % (15 * MINUTE)), passed: 0, denied: 1 },
      { startMs: AT - (AT % (15 * MINUTE)), passed: 2, denied: 0 },
    ])
    expect(history.firstMs).toBe(AT - 2 * HOUR)
    expect(history.lastMs).toBe(AT + 1000)
    expect(history.doorChanges).toMatchObject([{ edgeId: edge, from: 'unverified', to: 'violation', observedIp: BAD }])
    expect(history.doorChangesTotal).toBe(1)
    const week = await loadNodeHistory(client, { dataset: '', toMs: NOW, span: '7d' })
    expect(week.slots).toHaveLength(84)
    expect(week.slots.reduce((sum, { passed, denied }) => sum + passed + denied, 0)).toBe(3)
    expect(week.doorChanges).toHaveLength(1)
  })

  it('of nothing is all its slots, empty', async () => {
    const history = await loadEdgeHistory('12345', { dataset: '', toMs: NOW, span: '24h' })
    expect(history.slots).toHaveLength(96)
    expect(history.slots.every(({ passed, denied }) => passed + denied === 0)).toBe(true)
    expect(history).not.toHaveProperty('firstMs')
  })
})

describe('what changed of an edge', () => {
  it('is said against the window before and the day before, each only where sources spoke then', async () => {
    await sendCall({ atMs: AT })
    await sendCall({ atMs: AT - 15 * MINUTE, port: 41_371, drop: 'POLICY_DENIED' })
    await receivedAt(NOW - 20 * MINUTE)
    await keep({
      what: 'object',
      atMs: NOW - 5 * MINUTE,
      object: {
        kind: 'CiliumNetworkPolicy',
        namespace: 'ml',
        tier: '',
        name: 'p',
        uid: 'u',
        resourceVersion: '1',
        isUnchanged: false,
        body: {},
      },
    })
    await query(`INSERT INTO inventory_sync (cluster, kind, synced_at) VALUES ('prod', 'CiliumNetworkPolicy', now())`)
    const { edge, client } = await ids()
    const changes = await loadEdgeChanges(edge, { dataset: '', window: WINDOW })
    expect(changes.comparisons).toMatchObject([
      {
        with: 'previous',
        window: { fromMs: WINDOW.fromMs - 15 * MINUTE, toMs: WINDOW.fromMs },
        isCovered: true,
        edge: { presence: 'both', state: { before: 'denied_no_rule' } },
      },
      { with: 'yesterday', isCovered: false, edge: { presence: 'added' } },
    ])
    expect(changes.policyVersions).toMatchObject([{ name: 'p', change: 'added', atMs: NOW - 5 * MINUTE }])
    const node = await loadNodeChanges(client, { dataset: '', window: WINDOW })
    expect(node.comparisons[0]?.node?.verdicts).toMatchObject({ total: 1, peers: [{ edgeId: edge, end: 'server' }] })
    await expect(loadEdgeChanges('1', { dataset: '', window: WINDOW })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('records behind a figure', () => {
  it('are those of its outcome', async () => {
    await sendCall({ atMs: AT })
    await sendCall({ atMs: AT + 1, port: 41_371, drop: 'POLICY_DENIED' })
    const { edge, client } = await ids()
    const of = (outcome?: 'denied' | 'allowed') => ({ dataset: '', window: WINDOW, outcome })
    expect((await loadEdgeFlows(edge, of())).total).toBe(2)
    expect((await loadEdgeFlows(edge, of('denied'))).flows.map(({ flow }) => flow.verdict.outcome)).toEqual(['denied'])
    expect((await loadNodeFlows(client, of('denied'))).total).toBe(1)
  })
})

describe('flows and traces that do not fit together', () => {
  const view: GraphQuery = {
    dataset: '',
    fromMs: WINDOW.fromMs,
    toMs: WINDOW.toMs,
    windowMs: 0,
    namespaces: [],
    scope: 'all',
    states: [],
  }

  it('calls without a span are listed, on the edge, on the node and in the headline, only while traces cover the cluster', async () => {
    for (const port of [1, 2, 3, 4]) await sendCall({ atMs: AT + port, port: 41_370 + port })
    await receivedAt(NOW - 5 * MINUTE)
    const { edge, client } = await ids()
    expect(await listMismatches(view, NOW)).toMatchObject({ total: 0, clusters: [] })
    // A span of a call to somebody else: now traces speak of the cluster, and of these calls none does.
    await sendRefusal({ atMs: AT, host: 'api.anthropic.com' })
    await receivedAt(NOW - 5 * MINUTE)
    const expected = { kind: 'calls_without_span', clientId: client, edgeId: edge, connections: 4, calls: 0 }
    // Silence after the window says nothing of it.
    await query(`UPDATE source_minute SET last_received = to_timestamp($1::float8 / 1000)`, [NOW + MINUTE])
    expect(await listMismatches(view, NOW)).toMatchObject({ total: 1, clusters: ['prod'], mismatches: [expected] })
    expect((await queryGraph(view, NOW)).headline.mismatches).toBe(1)
    const detail = await loadEdgeDetail({ dataset: '', edgeId: edge, window: WINDOW }, '')
    expect(detail.mismatches).toMatchObject([expected])
    const node = await loadNodeDetail({ dataset: '', nodeId: client, window: WINDOW })
    expect(node.mismatches).toMatchObject([expected])
    expect(node.spansTotal).toBe(1)
  })
})

describe('the node panel', () => {
  it('tells policies that isolate a workload in both directions, and its sanctioned door needs no finding', async () => {
    await keep(podSince(AT - HOUR), {
      what: 'object',
      atMs: AT - HOUR,
      object: {
        kind: 'CiliumNetworkPolicy',
        namespace: 'ml',
        tier: '',
        name: 'egress-only',
        uid: 'u',
        resourceVersion: '1',
        isUnchanged: false,
        body: { spec: { endpointSelector: {}, egress: [{}] } },
      },
    })
    await query(`INSERT INTO inventory_sync (cluster, kind, synced_at) VALUES ('prod', 'CiliumNetworkPolicy', now())`)
    await sendCall({ atMs: AT })
    await sendNat({ to: GOOD })
    await judgeEgress()
    const { client, server } = await ids()
    const { isolation, findings, edges } = await loadNodeDetail({ dataset: '', nodeId: client, window: WINDOW })
    expect(isolation?.directions).toEqual([
      { direction: 'ingress', isolating: [], undecided: [] },
      {
        direction: 'egress',
        isolating: [{ kind: 'CiliumNetworkPolicy', namespace: 'ml', tier: '', name: 'egress-only' }],
        undecided: [],
      },
    ])
    expect(findings).toEqual([])
    expect(edges[0]?.door?.state).toBe('sanctioned')
    expect(await loadNodeDetail({ dataset: '', nodeId: server, window: WINDOW })).not.toHaveProperty('isolation')
  })
})
