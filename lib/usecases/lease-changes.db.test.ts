import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { InventoryChange, PodSighting } from '@/lib/model/inventory'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { common, EGRESS_YAML, forgetScene, SANCTIONED } from './__fixtures__/calico-scene'
import { drawNatEdges } from './draw-nat-edges'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'
import { judgeEgress } from './judge-egress'
import { keepInventory } from './keep-inventory'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const MINUTE = 60_000
const CLUSTER = 'leases'
const SERVER = '203.0.113.200'
const GATEWAY = '10.0.0.220'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let listener: pg.Client
let heard: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({
    fileText: EGRESS_YAML.replace('final: nat-gw', `final: nat-gw, map: { ${GATEWAY}: ${SANCTIONED} }`),
  })
  listener = new pg.Client({ connectionString: database.url })
  await listener.connect()
  await listener.query('LISTEN postern_graph')
  listener.on('notification', ({ payload = '' }) => heard.push(payload))
})
afterAll(async () => {
  await listener.end()
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await forgetScene()
  heard = []
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

let serial = 0
/** A call that Hubble tells of, and a window of the NAT gateway's log without ports, which an address of one pod makes a proof. */
async function callThroughNat(ip: string, atMs: number): Promise<void> {
  serial += 1
  const flow = {
    time: new Date(atMs).toISOString(),
    uuid: `7b4f3c1e-0000-4000-8000-${String(serial).padStart(12, '0')}`,
    verdict: 'FORWARDED',
    IP: { source: ip, destination: SERVER },
    l4: { TCP: { source_port: 40_000 + serial, destination_port: 443, flags: { SYN: true } } },
    source: { ID: 1, namespace: 'ml', pod_name: 'agent-7d4b9c6f5-x2x5v', labels: ['k8s:app=agent'] },
    destination: { labels: ['reserved:world'] },
    destination_names: ['api.openai.com'],
    event_type: { type: 5 },
    traffic_direction: 'EGRESS',
  }
  await ingestBatch({ ...common(NOW, CLUSTER), source: 'hubble', body: once(JSON.stringify({ flow })) })
  const start = Math.floor(atMs / 1000) - 5
  const header =
    'interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol start end action log-status'
  const line = `eni-1 ${ip} ${GATEWAY} ${ip} ${SERVER} - 443 6 ${start} ${start + 30} ACCEPT OK`
  await ingestNat({
    ...common(NOW, CLUSTER),
    format: 'aws-vpc',
    hop: 'nat-gw',
    trusted: true,
    body: once(`${header}\n${line}\n`),
  })
}

const pod = (ip: string, change: Partial<PodSighting> = {}): InventoryChange => ({
  what: 'pod',
  atMs: NOW,
  pod: {
    namespace: 'ml',
    pod: 'agent-7d4b9c6f5-x2x5v',
    uid: 'uid-1',
    workload: 'agent',
    workloadKind: 'Deployment',
    hostNetwork: false,
    ips: [ip],
    fromMs: NOW - 24 * 3_600_000,
    isTerminating: false,
    ...change,
  },
})
const watched = (...changes: InventoryChange[]) =>
  keepInventory({ cluster: CLUSTER, changes, synced: [], rejects: {}, gaps: [], nowMs: NOW })
/** One pass of the worker; answers how many connections it judged. */
async function pass(): Promise<number> {
  await drawNatEdges({ nowMs: NOW, settleMs: 0 })
  return judgeEgress()
}
const states = () =>
  query<{ state: string }>('SELECT state, reason FROM egress_connection WHERE cluster = $1 ORDER BY first_at', [
    CLUSTER,
  ])
const wakesJudge = () =>
  vi.waitFor(() =>
    expect(heard.map((text) => JSON.parse(text))).toContainEqual(expect.objectContaining({ egress: true })),
  )
/** Notifications come in order: one of our own behind them says that no other is under way. */
async function nothingElseHeard(): Promise<void> {
  await query(`SELECT pg_notify('postern_graph', 'the last')`)
  await vi.waitFor(() => expect(heard).toContain('the last'))
  expect(heard).toEqual(['the last'])
}

describe('a lease that the inventory writes', () => {
  it('late, wakes the judge, and what it proves is judged again, once', async () => {
    await callThroughNat('10.244.1.7', NOW - 20 * MINUTE)
    expect(await pass()).toBe(1)
    expect(await states()).toMatchObject([{ state: 'unverified', reason: 'join_too_weak' }])
    heard = []

    await watched(pod('10.244.1.7'))
    await wakesJudge()
    expect(await pass()).toBe(1)
    expect(await states()).toMatchObject([{ state: 'sanctioned' }])
    expect(await pass()).toBe(0)
    expect(await query('SELECT 1 FROM address_change')).toEqual([])
  })

  it('told again changes nothing, wakes nobody and has nothing judged again', async () => {
    await callThroughNat('10.244.1.7', NOW - 20 * MINUTE)
    await watched(pod('10.244.1.7'))
    await pass()
    await nothingElse()

    await watched(pod('10.244.1.7'))
    await nothingElseHeard()
    expect(await query('SELECT 1 FROM address_change')).toEqual([])
    expect(await pass()).toBe(0)
  })

  it('that gives the address to another pod takes the proof away, of what was near it and of nothing else', async () => {
    await watched(pod('10.244.1.7'))
    await callThroughNat('10.244.1.7', NOW - 30 * MINUTE)
    await callThroughNat('10.244.1.7', NOW - 4 * MINUTE)
    await pass()
    expect(await states()).toMatchObject([{ state: 'sanctioned' }, { state: 'sanctioned' }])

    const next = { uid: 'uid-2', pod: 'other-1', workload: 'other', fromMs: NOW - 4 * MINUTE }
    await watched({ what: 'pod-gone', uid: 'uid-1', atMs: NOW - 3 * MINUTE }, pod('10.244.1.7', next))
    expect(await pass()).toBe(1)
    expect(await states()).toMatchObject([{ state: 'sanctioned' }, { state: 'unverified', reason: 'join_too_weak' }])
  })

  it('of an address that nothing was heard of is no change of the graph', async () => {
    await watched(pod('10.244.9.9'))
    await wakesJudge()
    heard = []
    expect(await pass()).toBe(0)
    await nothingElseHeard()
  })

  /** Forgets what was heard until now. */
  async function nothingElse(): Promise<void> {
    await query(`SELECT pg_notify('postern_graph', 'before')`)
    await vi.waitFor(() => expect(heard).toContain('before'))
    heard = []
  }
})
