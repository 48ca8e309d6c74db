import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allFlows } from '@/lib/store/all-flows'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestBatch } from './ingest-batch'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const BUCKET_S = NOW / 1000 - 600
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await query(
    'TRUNCATE ingest_batch, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, flow_record, egress_connection, source_minute',
  )
})

interface Telling {
  readonly policy?: string
  readonly service?: string
  readonly bytes: number
  readonly connections?: number
  readonly reporter?: number
  readonly server?: object
  readonly bucket?: number
  readonly rest?: object
}

const INTERNET = { dest_name: 'pub', dest_namespace: '', dest_type: 4 }

const record = ({
  policy = 'a',
  service,
  bytes,
  connections = 1,
  reporter = 1,
  server,
  bucket = 0,
  rest,
}: Telling) => ({
  Key: {
    source_name: 'agent-7d9c8b6f5-*',
    source_namespace: 'ml',
    source_type: 1,
    ...(server ?? { dest_name: 'store-7d9c8b6f5-*', dest_namespace: 'rag', dest_type: 1 }),
    dest_port: 443,
    proto: 'tcp',
    reporter,
    action: 1,
    policies: { enforced_policies: [`0|default|np:ml/${policy}|allow|0`] },
    ...(service && { dest_service_name: service, dest_service_namespace: 'rag', dest_service_port: 443 }),
  },
  start_time: BUCKET_S + bucket * 15,
  end_time: BUCKET_S + bucket * 15 + 15,
  bytes_out: bytes,
  bytes_in: bytes * 2,
  num_connections_started: connections,
  ...rest,
})

const send = (...tellings: readonly Telling[]) => post(...tellings.map(record))

async function post(...records: readonly object[]) {
  const text = records.map((one) => JSON.stringify(one)).join('\n')
  return ingestBatch({
    source: 'calico',
    body: (async function* () {
      yield Buffer.from(text)
    })(),
    dataset: '',
    tokenId: 't',
    defaultCluster: 'prod',
    retentionMs: 24 * 3_600_000,
    nowMs: NOW,
  })
}

/** What counts: sums of the variants that repeat nobody, by observer. */
async function sums(observer = 'client') {
  const rows = await query<{ connections: number; events: number; sent: number; received: number; rows: number }>(
    `SELECT coalesce(sum(b.connections), 0)::float8 AS connections, coalesce(sum(b.events), 0)::float8 AS events,
       coalesce(sum(b.bytes_sent), 0)::float8 AS sent, coalesce(sum(b.bytes_received), 0)::float8 AS received, count(*)::float8 AS rows
     FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id WHERE NOT v.repeats AND v.observer = $1`,
    [observer],
  )
  return rows[0]
}
const repeatedBytes = async () =>
  (
    await query<{ sent: number }>(
      `SELECT coalesce(sum(b.bytes_sent), 0)::float8 AS sent FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id WHERE v.repeats`,
    )
  )[0]?.sent

describe('a Goldmane record that is told again', () => {
  it('with grown counters replaces what was stored, and is a duplicate', async () => {
    expect(await send({ bytes: 100, connections: 1 })).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await send({ bytes: 250, connections: 4 })).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(await sums()).toMatchObject({ connections: 4, sent: 250, received: 500, rows: 1 })
    expect((await allFlows()).map((row) => row.flow.raw)).toMatchObject([
      { bytes_out: 250, num_connections_started: 4 },
    ])
  })

  it('as it was before, or with older counters, changes nothing', async () => {
    await send({ bytes: 250, connections: 4 })
    await send({ bytes: 250, connections: 4, rest: { source_labels: ['new=label'] } })
    await send({ bytes: 100, connections: 1 })
    expect(await sums()).toMatchObject({ connections: 4, sent: 250, rows: 1 })
  })

  it('twice in one body counts its fullest telling', async () => {
    expect(await send({ bytes: 100 }, { bytes: 300 }, { bytes: 200 })).toMatchObject({ accepted: 1, duplicates: 2 })
    expect(await sums()).toMatchObject({ connections: 1, sent: 300 })
  })

  it('that started no connection at first and some later has no event left', async () => {
    await send({ bytes: 100, connections: 0 })
    expect(await sums()).toMatchObject({ connections: 0, events: 1 })
    await send({ bytes: 101, connections: 2 })
    expect(await sums()).toMatchObject({ connections: 2, events: 0 })
  })

  it('makes its egress connection stand for more, and be judged again', async () => {
    await send({ bytes: 100, connections: 1, server: INTERNET })
    await query('UPDATE egress_connection SET dirty = false')
    await send({ bytes: 250, connections: 4, server: INTERNET })
    expect(await query('SELECT weight, dirty FROM egress_connection')).toEqual([{ weight: 4, dirty: true }])
  })
})

describe('records of one key that was split by policies', () => {
  it.each([
    [
      'the largest first',
      [
        { policy: 'a', bytes: 300 },
        { policy: 'b', bytes: 200 },
      ],
    ],
    [
      'the largest last',
      [
        { policy: 'b', bytes: 200 },
        { policy: 'a', bytes: 300 },
      ],
    ],
  ])('count by maximum across bodies, %s', async (_name, [first = { bytes: 0 }, second = { bytes: 0 }]) => {
    await send(first)
    await send(second)
    expect(await sums()).toMatchObject({ sent: 300, rows: 1 })
    expect(await repeatedBytes()).toBe(200)
    for (const { flow } of await allFlows())
      expect(flow.raw.notes).toEqual([expect.stringContaining('split by policy set')])
  })

  it('of both reporters, of other buckets and of other clusters stay apart', async () => {
    await send({ bytes: 300 }, { bytes: 310, reporter: 2 })
    await send({ bytes: 50, policy: 'b', bucket: 1 })
    expect(await sums('client')).toMatchObject({ sent: 350, rows: 2 })
    expect(await sums('server')).toMatchObject({ received: 310 })
  })

  it('that name no Service give way to one that does, across bodies', async () => {
    await send({ bytes: 900 })
    await send({ bytes: 300, service: 'store' })
    expect(await sums()).toMatchObject({ sent: 300, rows: 1 })
  })

  it('are one egress connection, whose weight is that of the part that counts', async () => {
    await send({ policy: 'a', bytes: 100, connections: 2, server: INTERNET })
    await send({ policy: 'b', bytes: 300, connections: 5, server: INTERNET })
    await send({ policy: 'c', bytes: 200, connections: 4, server: INTERNET })
    expect(await query('SELECT weight FROM egress_connection')).toEqual([{ weight: 5 }])
  })
})

/** What must come out, computed the slow way: per family the largest of the fullest tellings. */
function reference(tellings: readonly Telling[]) {
  const families = new Map<string, Telling[]>()
  for (const telling of tellings) {
    const key = String(telling.bucket)
    families.set(key, [...(families.get(key) ?? []), telling])
  }
  let [sent, connections] = [0, 0]
  for (const family of families.values()) {
    const named = family.filter((telling) => telling.service)
    const counting = named.length > 0 ? named : family
    for (const service of new Set(counting.map((telling) => telling.service ?? ''))) {
      const own = counting.filter((telling) => (telling.service ?? '') === service)
      const [best] = [...own].sort((a, b) => b.bytes - a.bytes || (b.connections ?? 0) - (a.connections ?? 0))
      sent += best?.bytes ?? 0
      connections += best?.connections ?? 0
    }
  }
  return { sent, connections }
}

const telling = fc.record({
  policy: fc.constantFrom('a', 'b', 'c'),
  service: fc.constantFrom(undefined, undefined, 'store', 'other'),
  bytes: fc.integer({ min: 1, max: 6 }),
  connections: fc.integer({ min: 1, max: 3 }),
  bucket: fc.integer({ min: 0, max: 1 }),
})

describe('a family', () => {
  it('of very many parts is read by the part that counts alone', async () => {
    await send(...Array.from({ length: 300 }, (_, n) => ({ policy: `p${n}`, bytes: n + 1 })))
    await send({ policy: 'late', bytes: 900 })
    expect(await sums()).toMatchObject({ sent: 900, rows: 1 })
    expect(await query('SELECT count(*)::int AS counting FROM flow_record WHERE rest ^@ $${"family":$$')).toEqual([
      { counting: 1 },
    ])
  })
})

describe('an Enterprise record', () => {
  const enterprise = (change: object) => ({
    start_time: BUCKET_S,
    end_time: BUCKET_S + 300,
    host: 'node-1',
    source_ip: null,
    source_name: '-',
    source_name_aggr: 'agent-6b687c8dcb-*',
    source_namespace: 'ml',
    source_port: null,
    source_type: 'wep',
    dest_ip: null,
    dest_name: '-',
    dest_name_aggr: 'pub',
    dest_namespace: '-',
    dest_port: 443,
    dest_type: 'net',
    dest_domains: ['api.openai.com'],
    proto: 'tcp',
    action: 'allow',
    reporter: 'src',
    policies: null,
    bytes_in: 200,
    bytes_out: 100,
    num_flows_started: 3,
    nat_outgoing_ports: [61_001],
    process_name: '/usr/bin/python3',
    process_args: ['--token=hunter2'],
    ...change,
  })
  const connections = () =>
    query(
      'SELECT client_ip, client_port, server_ip, weight, facts FROM egress_connection ORDER BY client_port NULLS FIRST',
    )

  it('without addresses is an aggregate, and the port of its SNAT proves nothing', async () => {
    expect(await post(enterprise({}))).toMatchObject({ accepted: 1, rejected: 0 })
    expect(await connections()).toEqual([
      {
        client_ip: null,
        client_port: null,
        server_ip: null,
        weight: 3,
        facts: expect.objectContaining({ translated: [], dnsNames: ['api.openai.com'] }),
      },
    ])
    const text = JSON.stringify(await allFlows())
    expect(text).not.toMatch(/hunter2|python3/)
    expect(text).toContain('61001')
  })

  it('with addresses and the client’s own port is a connection that NAT evidence can be joined to', async () => {
    const tuple = { source_ip: '10.48.1.7', source_port: 42_106, dest_ip: '203.0.113.9', num_flows_started: 1 }
    await post(enterprise({ ...tuple, source_name: 'agent-6b687c8dcb-zn5s2' }))
    expect(await connections()).toMatchObject([
      { client_ip: '10.48.1.7', client_port: 42_106, server_ip: '203.0.113.9', weight: 1 },
    ])
  })

  it('of another node or process adds up, of another policy set does not', async () => {
    await post(
      enterprise({}),
      enterprise({ host: 'node-2' }),
      enterprise({ process_name: '/bin/curl' }),
      enterprise({ policies: { enforced_policies: ['0|default|default.egress|allow|0'] }, bytes_out: 90 }),
    )
    expect(await sums()).toMatchObject({ sent: 300, connections: 9 })
  })
})

const STORED = ['ingest_batch', 'edge_bucket_15s', 'edge_bucket_1m', 'edge_bucket_1h', 'bucket_change', 'flow_record']

describe('sums', () => {
  it('are those of the reference however tellings are ordered, repeated and cut into bodies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(telling, { minLength: 1, maxLength: 14 }),
        fc.integer({ min: 1, max: 4 }),
        async (tellings, size) => {
          // A few rows: sixty TRUNCATEs of partitions would take most of the test's time.
          for (const table of STORED) await query(`DELETE FROM ${table}`)
          for (let at = 0; at < tellings.length; at += size) await send(...tellings.slice(at, at + size))
          expect(await sums()).toMatchObject(reference(tellings))
          const negative = await query(
            'SELECT 1 FROM edge_bucket WHERE connections < 0 OR events < 0 OR bytes_sent < 0 OR bytes_received < 0',
          )
          expect(negative).toEqual([])
        },
      ),
      { seed: 11, numRuns: 60 },
    )
  })

  it('are exact where many writers bring the parts at the same moment', async () => {
    const policies = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const all: Telling[] = []
    for (let round = 0; round < 8; round += 1) {
      // One part of every family in each body, so that any two writers at once meet in all of them.
      const bodies = policies.map((policy, n) =>
        [0, 1, 2].map((at) => ({
          policy,
          bucket: round * 3 + at,
          bytes: 100 + ((n * 7 + at) % 8),
          connections: n + 1,
        })),
      )
      await Promise.all([...bodies, ...bodies].map((body, index) => send(...(index < 8 ? body : [...body].reverse()))))
      all.push(...bodies.flat())
    }
    expect(await sums()).toMatchObject(reference(all))
    expect(await query('SELECT count(*)::int AS rows FROM flow_record')).toEqual([{ rows: all.length }])
  })
})
