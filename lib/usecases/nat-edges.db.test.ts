import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { query, useDatabase } from '@/lib/store/client'
import { commitInventory } from '@/lib/store/commit-inventory'
import { dropOldPartitions } from '@/lib/store/drop-old-partitions'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  type Call,
  CLUSTER,
  corednsLine,
  EGRESS_YAML,
  forgetScene,
  NODE,
  OTHER,
  SANCTIONED,
  saveLease,
  sendAnswers,
  sendHubbleFlow,
  sendQuestions,
  sendTranslations,
} from './__fixtures__/calico-scene'
import { drawNatEdges } from './draw-nat-edges'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'

const START = Date.now() - 3_600_000
const MINUTE = 60_000
const SETTLE_MS = 2 * MINUTE
const POD = '10.244.1.7'
const SERVER = '198.51.100.20'
const CALL: Call = { ip: POD, port: 41_370, server: SERVER, atMs: START, publicIp: OTHER }
const LEASE = { ip: POD, namespace: 'ml', workload: 'agent', fromMs: START - 10 * MINUTE }

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: EGRESS_YAML })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(forgetScene)

/** What the worker does, at a moment. */
async function work(nowMs: number): Promise<void> {
  await drawNatEdges({ nowMs, settleMs: SETTLE_MS })
  await judgeEgress()
}

interface Row {
  readonly cluster: string
  readonly workload: string
  readonly server: string
  readonly fromNat: boolean
  readonly state: string | null
  readonly reason: string | null
  readonly observedIp: string | null
  readonly way: string | null
}

const connections = () =>
  query<Row>(
    `SELECT c.cluster, p.namespace || '/' || p.name AS workload, s.name AS server, c.from_nat AS "fromNat", c.state, c.reason, c.observed_ip AS "observedIp",
       c.judgement#>>'{named,way}' AS way
     FROM egress_connection c JOIN edge e ON e.id = c.edge_id JOIN endpoint p ON p.id = e.client_id JOIN endpoint s ON s.id = e.server_id
     ORDER BY c.cluster, c.first_at, c.server_ip`,
  )

/** Connections that buckets of NAT-made variants count. */
const counted = async () =>
  Number(
    (
      await query<{ n: string }>(
        `SELECT coalesce(sum(b.connections), 0)::text AS n FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id WHERE v.source = 'nat'`,
      )
    )[0]?.n,
  )

const ask = (name: string, nowMs: number, atMs = START - 1000, ip = POD) =>
  sendQuestions([corednsLine(ip, name, atMs)], nowMs)

/** Every order of some things. */
function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, at) => ordersOf(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]))
}

describe('a connection that only NAT records tell of', () => {
  it('is drawn once from the pod’s workload, though two hops tell of it and the worker looks often', async () => {
    await saveLease(LEASE)
    await sendTranslations(CALL, START + MINUTE)
    await work(START + MINUTE)
    expect(await connections()).toEqual([])
    for (const minutes of [3, 4, 5]) await work(START + minutes * MINUTE)
    expect(await connections()).toHaveLength(1)
    await query(`UPDATE pod_ip_lease SET valid_from = valid_from - interval '1 s'`)
    await work(START + 6 * MINUTE)
    expect(await connections()).toMatchObject([{ workload: 'ml/agent', server: SERVER, fromNat: true, state: null }])
    expect(await counted()).toBe(1)
  })

  it('is one, where both hops saw the pod’s own address', async () => {
    await saveLease(LEASE)
    await sendTranslations({ ...CALL, ip: POD }, START + MINUTE)
    await sendTranslations({ ...CALL, atMs: START + 900, publicIp: POD }, START + MINUTE)
    await work(START + 5 * MINUTE)
    expect(await connections()).toHaveLength(1)
    expect(await counted()).toBe(1)
  })

  it('is another one where the port is used again later', async () => {
    await saveLease(LEASE)
    await sendTranslations(CALL, START + MINUTE)
    await sendTranslations({ ...CALL, atMs: START + 40_000 }, START + MINUTE)
    await work(START + 5 * MINUTE)
    expect(await connections()).toHaveLength(2)
    expect(await counted()).toBe(2)
  })

  it.each([
    ['its lease ended before', [{ ...LEASE, toMs: START - MINUTE }]],
    ['its lease began after', [{ ...LEASE, fromMs: START + MINUTE }]],
    ['two pods claim the address', [LEASE, { ...LEASE, workload: 'other', fromMs: START - 2 * MINUTE }]],
    ['the pod is on the host’s network', [{ ...LEASE, hostNetwork: true }]],
    ['nobody is known to hold the address', []],
    ['another cluster’s pod holds it', [{ ...LEASE, cluster: 'other' }]],
  ])('is not drawn where %s', async (_why, leases) => {
    for (const lease of leases) await saveLease(lease)
    await sendTranslations(CALL, START + MINUTE)
    await work(START + 5 * MINUTE)
    expect(await connections()).toEqual([])
    expect(await counted()).toBe(0)
  })

  it('is not drawn towards an address inside, nor towards another pod', async () => {
    await saveLease(LEASE)
    await saveLease({ ...LEASE, ip: '198.51.100.77', workload: 'other' })
    await sendTranslations({ ...CALL, server: '10.96.0.10' }, START + MINUTE)
    await sendTranslations({ ...CALL, server: '198.51.100.77' }, START + MINUTE)
    await work(START + 5 * MINUTE)
    expect(await connections()).toEqual([])
  })

  it('belongs to its own cluster, where two share a CIDR', async () => {
    await saveLease(LEASE)
    await saveLease({ ...LEASE, cluster: 'other', workload: 'billing' })
    await sendTranslations(CALL, START + MINUTE)
    await sendTranslations({ ...CALL, cluster: 'other' }, START + MINUTE)
    await ask('api.openai.com', START + MINUTE)
    await work(START + 5 * MINUTE)
    expect(await connections()).toMatchObject([
      { cluster: CLUSTER, workload: 'ml/agent', state: 'violation' },
      { cluster: 'other', workload: 'ml/billing', state: null },
    ])
  })

  it('moves to the pod that held the address, once that is known', async () => {
    await saveLease({ ...LEASE, workload: 'former' })
    await sendTranslations(CALL, START + MINUTE)
    await work(START + 5 * MINUTE)
    expect(await connections()).toMatchObject([{ workload: 'ml/former' }])
    await query(`UPDATE pod_ip_lease SET valid_to = to_timestamp($1::float8 / 1000)`, [START - 2 * MINUTE])
    await saveLease({ ...LEASE, fromMs: START - MINUTE })
    await work(START + 6 * MINUTE)
    expect(await connections()).toMatchObject([{ workload: 'ml/agent' }])
    expect(await counted()).toBe(1)
  })
})

describe('lease, NAT records, flow record and question', () => {
  const bring = {
    lease: () => saveLease(LEASE),
    nat: (nowMs: number) => sendTranslations(CALL, nowMs),
    flow: (nowMs: number) => sendHubbleFlow(CALL, nowMs),
    question: (nowMs: number) => ask('api.openai.com', nowMs),
  }
  type Thing = keyof typeof bring
  const things: readonly Thing[] = ['lease', 'nat', 'flow', 'question']

  /** Things arrive 9 minutes apart, the last 27 minutes late; the worker looks in between. */
  async function arrive(order: readonly Thing[]): Promise<void> {
    for (const [index, thing] of order.entries()) {
      const nowMs = START + 5000 + index * 9 * MINUTE
      await bring[thing](nowMs)
      await work(nowMs)
      await work(nowMs + 3 * MINUTE)
    }
  }

  it.each(ordersOf(things).map((order) => [order.join(', '), order] as const))(
    'give one connection and one judgement, in the order %s',
    async (_words, order) => {
      await arrive(order)
      const name = 'agent'
      expect(await connections()).toMatchObject([
        {
          workload: `ml/${name}`,
          server: SERVER,
          fromNat: false,
          state: 'violation',
          observedIp: OTHER,
          way: 'dns-question',
        },
      ])
      expect(await counted()).toBe(0)
    },
  )

  it.each(ordersOf(things.filter((thing) => thing !== 'flow')).map((order) => [order.join(', '), order] as const))(
    'without the flow record give the one that the NAT records draw, in the order %s',
    async (_words, order) => {
      await arrive(order)
      expect(await connections()).toMatchObject([
        { workload: 'ml/agent', fromNat: true, state: 'violation', observedIp: OTHER, way: 'dns-question' },
      ])
      expect(await counted()).toBe(1)
    },
  )

  it('a flow record that names the server takes the connection to its own edge, whichever came first', async () => {
    await saveLease(LEASE)
    await sendTranslations(CALL, START + 5000)
    await work(START + 5 * MINUTE)
    expect(await connections()).toMatchObject([{ server: SERVER, fromNat: true }])
    await sendHubbleFlow(CALL, START + 6 * MINUTE, 'api.openai.com')
    await work(START + 6 * MINUTE)
    expect(await connections()).toMatchObject([
      { server: 'api.openai.com', fromNat: false, state: 'violation', way: 'flow-dns-name' },
    ])
    expect(await counted()).toBe(0)
  })
})

it('workers, flow records, NAT records and questions at the same time count every connection once', async () => {
  await saveLease(LEASE)
  const calls = Array.from({ length: 40 }, (_, index) => ({ ...CALL, port: 41_000 + index, atMs: START + index * 10 }))
  for (const call of calls.slice(0, 30)) await sendTranslations(call, START + 5000)
  const nowMs = START + 5 * MINUTE
  await Promise.all([
    work(nowMs),
    work(nowMs),
    ...calls
      .slice(0, 20)
      .map((call) => sendHubbleFlow(call, nowMs, call.port % 2 === 0 ? 'api.openai.com' : undefined)),
    ...calls.slice(30).map((call) => sendTranslations(call, nowMs)),
    ...calls.slice(0, 10).map((call) => ask('api.openai.com', nowMs, call.atMs - 1000)),
    work(nowMs),
  ])
  await work(nowMs)
  const rows = await connections()
  expect(rows).toHaveLength(40)
  expect(rows.filter(({ fromNat }) => fromNat)).toHaveLength(20)
  expect(await counted()).toBe(20)
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['violation']))
})

describe('names from questions', () => {
  beforeEach(async () => {
    await saveLease(LEASE)
    await sendTranslations({ ...CALL, publicIp: SANCTIONED }, START + 5000)
  })
  const judged = async () => {
    await work(START + 5 * MINUTE)
    return (await connections())[0]
  }

  it('a sole one decides', async () => {
    await ask('api.openai.com', START + 5000)
    expect(await judged()).toMatchObject({ state: 'sanctioned', way: 'dns-question' })
  })

  it('a second name takes the judgement away, however late it comes', async () => {
    await ask('api.openai.com', START + 5000)
    expect(await judged()).toMatchObject({ state: 'sanctioned' })
    await ask('files.example.com', START + 25 * MINUTE, START - 20_000)
    await work(START + 26 * MINUTE)
    expect(await connections()).toMatchObject([{ state: 'unverified', reason: 'provider_unknown' }])
    expect(await query('SELECT 1 FROM dns_name')).toEqual([])
  })

  it.each([
    ['asked too long before', () => ask('api.openai.com', START + 5000, START - 40_000)],
    ['asked after', () => ask('api.openai.com', START + 15_000, START + 8000)],
    ['asked by another pod', () => ask('api.openai.com', START + 5000, START - 1000, '10.244.1.8')],
    ['asked by the node, as a cache on it does', () => ask('api.openai.com', START + 5000, START - 1000, NODE)],
    [
      'of the other family',
      () => sendQuestions([corednsLine(POD, 'api.openai.com', START - 1000, 'AAAA')], START + 5000),
    ],
    [
      'that does not exist',
      () => sendQuestions([corednsLine(POD, 'api.openai.com', START - 1000, 'A', 'NXDOMAIN')], START + 5000),
    ],
  ])('a name %s names nothing', async (_words, question) => {
    await question()
    expect(await judged()).toMatchObject({ state: null, way: null })
  })

  it('an answer stands above a question: another name by it, and the connection goes to no provider', async () => {
    await ask('api.openai.com', START + 5000)
    await sendAnswers([answer('cdn.example.com', START - 2000)], START + 5000)
    expect(await judged()).toMatchObject({ state: null })
  })

  it('an answer that comes late names the connection, and says so', async () => {
    expect(await judged()).toMatchObject({ state: null })
    await sendAnswers([answer('api.openai.com', START - 2000)], START + 25 * MINUTE)
    await work(START + 26 * MINUTE)
    expect(await connections()).toMatchObject([{ state: 'sanctioned', way: 'dns-map' }])
  })

  it('are kept with their connection when retention has dropped the questions', async () => {
    await ask('api.openai.com', START + 5000)
    await judged()
    const kept = 30 * 24 * 60 * MINUTE
    const retention = { evidence: kept, buckets15s: kept, buckets1m: kept, buckets1h: kept }
    await dropOldPartitions(retention, START + 6 * 60 * MINUTE)
    expect(await query('SELECT 1 FROM dns_question')).toEqual([])
    await query('UPDATE egress_connection SET dirty = true')
    await judgeEgress()
    expect(await connections()).toMatchObject([{ state: 'sanctioned', way: 'dns-question' }])
  })
})

const answer = (qname: string, atMs: number) => ({
  start_time: Math.floor(atMs / 1000),
  end_time: Math.floor(atMs / 1000) + 300,
  type: 'LOG',
  count: 1,
  client_name: '-',
  client_name_aggr: 'agent-7d9c8b6f5-*',
  client_namespace: 'ml',
  qname,
  qtype: 'A',
  rcode: 'NoError',
  rrsets: [{ name: qname, type: 'A', class: 'IN', rdata: [SERVER] }],
})

describe('a lease that nobody watches any more', () => {
  const watchedUntil = (ms: number) =>
    query(
      `INSERT INTO inventory_sync (cluster, kind, synced_at) VALUES ($1, 'Pod', to_timestamp($2::float8 / 1000))
       ON CONFLICT (cluster, kind) DO UPDATE SET synced_at = EXCLUDED.synced_at`,
      [CLUSTER, ms],
    )
  const list = (uids: readonly string[]) =>
    commitInventory({
      cluster: CLUSTER,
      changes: [{ what: 'pods-listed', uids, heldUntilMs: START - 30 * MINUTE, atMs: START + 4 * MINUTE }],
      synced: [],
      rejects: {},
      gaps: [],
      nowMs: START + 4 * MINUTE,
    })

  beforeEach(async () => {
    await saveLease({ ...LEASE, fromMs: START - 60 * MINUTE })
    await watchedUntil(START - 30 * MINUTE)
    await sendTranslations(CALL, START + MINUTE)
    await ask('api.openai.com', START + MINUTE)
    await work(START + 3 * MINUTE)
  })

  it('tells whose an address was no longer: it may have been given to another pod', async () => {
    expect(await connections()).toEqual([])
  })

  it('counts again for the time between, once a list says that the pod still has it', async () => {
    await list(['uid of agent'])
    await work(START + 5 * MINUTE)
    expect(await connections()).toMatchObject([{ workload: 'ml/agent', state: 'violation' }])
  })

  it('does not, where the list has another pod', async () => {
    await list(['uid of another'])
    await work(START + 5 * MINUTE)
    expect(await connections()).toEqual([])
  })
})

describe('more names than are compared', () => {
  const answer = (qname: string) => ({
    start_time: Math.floor(START / 1000) - 1,
    end_time: Math.floor(START / 1000) - 1,
    type: 'log',
    client_namespace: 'ml',
    client_name: 'agent-7d9c8b6f5-x2x5v',
    qname,
    rcode: 'NoError',
    rrsets: [{ name: qname, class: 'IN', type: 'A', rdata: [SERVER] }],
  })
  const many = Array.from({ length: LIMITS.dnsNames }, (_, n) => answer(`t${n}.openai.azure.com`))

  it('name no provider for certain: one that was left out may be of somebody else', async () => {
    await saveLease(LEASE)
    await sendTranslations(CALL, START + MINUTE)
    await sendAnswers(many, START + MINUTE)
    await work(START + 5 * MINUTE)
    expect(await connections()).toMatchObject([{ state: 'violation', way: 'dns-map' }])
    await sendAnswers([answer('zeta.example.com')], START + 6 * MINUTE)
    await work(START + 7 * MINUTE)
    expect(await connections()).toMatchObject([{ state: 'unverified', reason: 'provider_unknown' }])
  })
})
