import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { countWaiting } from '@/lib/store/count-waiting'
import { loadDoorEvidence } from '@/lib/store/load-door-evidence'
import { loadDoors } from '@/lib/store/load-doors'
import { loadFindings } from '@/lib/store/load-findings'
import { markForIntent } from '@/lib/store/mark-for-intent'
import { dropPartition, ensurePartitions, finishDrops, listPartitions, PARTITIONED } from '@/lib/store/partitions'
import { expectIndexed, type Statement, statementsOf } from '@/lib/store/plan-check'
import { saveNatRecords } from '@/lib/store/save-nat-records'
import { createTestDatabase } from '@/lib/store/test-database'
import {
  CLUSTER,
  common,
  corednsLine,
  EGRESS_YAML,
  forgetScene,
  NODE,
  OTHER,
  saveLease,
  sendAnswers,
  sendQuestions,
  sendTranslations,
} from './__fixtures__/calico-scene'
import { drawNatEdges } from './draw-nat-edges'
import { setEgressConfig } from './egress-config'
import { ingestBatch } from './ingest-batch'
import { judgeEgress } from './judge-egress'
import { trackFindings } from './track-findings'

const MINUTE = 60_000
const WIDTH = PARTITIONED.egress_connection.widthMs
/** Where a partition ends, some hours ago. */
const BORDER = Math.floor(Date.now() / WIDTH) * WIDTH
const CALL = { ip: '10.244.1.7', server: '198.51.100.20', publicIp: OTHER }

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
beforeEach(async () => {
  await forgetScene()
  await query('TRUNCATE judged_past, judged_edge')
})

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

let records = 0
/** A flow record of the call with a port, at a time: its opening, or a later packet. */
function sendFlow(port: number, atMs: number, flag: 'SYN' | 'ACK' = 'SYN', name = 'api.openai.com') {
  records += 1
  return ingestBatch({
    ...common(atMs + MINUTE),
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(atMs).toISOString(),
          uuid: `7b4f3c1e-0000-4000-8000-${String(records).padStart(12, '0')}`,
          verdict: 'FORWARDED',
          IP: { source: CALL.ip, destination: CALL.server },
          l4: { TCP: { source_port: port, destination_port: 443, flags: { [flag]: true } } },
          source: { ID: 1, namespace: 'ml', pod_name: 'agent-7d9c8b6f5-x2x5v', labels: ['k8s:app=agent'] },
          destination: { labels: ['reserved:world'] },
          destination_names: [name],
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })
}

async function violation(port: number, atMs: number): Promise<void> {
  await sendFlow(port, atMs)
  await sendTranslations({ ...CALL, port, atMs }, atMs + MINUTE)
  await judgeEgress()
}

const partitionAt = async (table: 'egress_connection' | 'judgement_history', atMs: number) => {
  const found = (await listPartitions(table)).find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
  if (!found) throw new Error(`no partition of ${table}`)
  return found
}

const findings = async () => (await loadFindings({ dataset: '' }, 50)).findings

it('an earlier record moves a connection, with its history, to the partition of its beginning, and it stays one', async () => {
  await sendFlow(41_000, BORDER + 1000, 'ACK')
  await judgeEgress()
  await sendFlow(41_000, BORDER - 1000, 'SYN')
  await judgeEgress()
  const where = (table: string) =>
    query<{ at: number; part: string }>(
      `SELECT DISTINCT (extract(epoch FROM first_at) * 1000)::float8 AS at, tableoid::regclass::text AS part FROM ${table}`,
    )
  const early = await partitionAt('egress_connection', BORDER - 1000)
  const history = await partitionAt('judgement_history', BORDER - 1000)
  expect(await where('egress_connection')).toEqual([{ at: BORDER - 1000, part: early.name }])
  expect(await where('judgement_history')).toEqual([{ at: BORDER - 1000, part: history.name }])
  await sendFlow(41_000, BORDER + 2000, 'ACK')
  expect(await where('egress_connection')).toEqual([{ at: BORDER - 1000, part: early.name }])
})

it('a NAT record whose beginning is told after its end is one row, in the partition of its beginning', async () => {
  const place = { dataset: '', cluster: CLUSTER, hop: 'node', trusted: true }
  const end = {
    recordKey: 'k',
    source: 'conntrack',
    protocol: 'tcp',
    atMs: BORDER + 500,
    endMs: BORDER + 9000,
    originalIp: CALL.ip,
    originalPort: 41_000,
    destinationIp: CALL.server,
    destinationPort: 443,
    translatedIp: NODE,
    translatedPort: 20_000,
    raw: 'end',
  } as const
  const { endMs: _end, ...begun } = { ...end, atMs: BORDER - 200, raw: 'beginning' }
  const save = (record: Parameters<typeof saveNatRecords>[2][number]) =>
    withTransaction((client) => saveNatRecords(client, place, [record]))
  const rows = () =>
    query(
      `SELECT (extract(epoch FROM at) * 1000)::float8 AS at, (extract(epoch FROM end_at) * 1000)::float8 AS "end", raw FROM nat_record`,
    )
  expect(await save(end)).toEqual({ changed: 1 })
  expect(await save(begun)).toEqual({ changed: 1 })
  expect(await rows()).toEqual([{ at: BORDER - 200, end: BORDER + 9000, raw: 'end' }])
  expect([await save(end), await save(begun)]).toEqual([{ changed: 0 }, { changed: 0 }])
  await query('TRUNCATE nat_record')
  await Promise.all([save(end), save(begun), save(begun), save(end)])
  expect(await rows()).toMatchObject([{ at: BORDER - 200, end: BORDER + 9000 }])
})

describe('when retention drops the partition of what a finding saw', () => {
  const then = BORDER - 10 * MINUTE

  beforeEach(async () => {
    await violation(41_000, then)
    await violation(42_000, then + 1000)
    await trackFindings(then + MINUTE)
    expect(await findings()).toMatchObject([{ detector: 'D0', status: 'open', count: 2, firstSeenMs: then }])
  })

  const drop = async () => {
    for (const table of ['egress_connection', 'judgement_history'] as const)
      await dropPartition(await partitionAt(table, then))
  }

  it('it stays as it is, and counts on with what it sees later', async () => {
    await drop()
    expect(await query('SELECT 1 FROM egress_connection UNION ALL SELECT 1 FROM judgement_history')).toEqual([])
    expect(await trackFindings(then + 2 * MINUTE)).toBe(0)
    await violation(43_000, BORDER + MINUTE)
    await trackFindings(BORDER + 2 * MINUTE)
    await trackFindings(BORDER + 2 * MINUTE)
    expect(await findings()).toMatchObject([
      { status: 'open', count: 3, firstSeenMs: then, lastSeenMs: expect.closeTo(BORDER + MINUTE, -3) },
    ])
  })

  it('it ends by quiet as any other does', async () => {
    await drop()
    await trackFindings(then + 20 * MINUTE)
    expect(await findings()).toMatchObject([{ status: 'resolved', count: 2 }])
  })

  it('a drop that a crash cut in two is ended, and counts once', async () => {
    const { name } = await partitionAt('egress_connection', then)
    await query(`ALTER TABLE egress_connection DETACH PARTITION ${name}`)
    await Promise.all([finishDrops(), finishDrops()])
    await finishDrops()
    expect(await query('SELECT weight::int FROM judged_past')).toEqual([{ weight: 2 }])
    expect(await query('SELECT to_regclass($1) AS name', [name])).toEqual([{ name: null }])
  })
})

describe('of partitions of three days', () => {
  const now = Date.now()
  /** A day before, and the window's own ends. */
  const LIMITS = {
    maxPartitions: 6,
    scanned: ['finding', 'judged_edge', 'judged_past', 'judgement_group', 'edge', 'endpoint'],
  }

  /** Connections of others, so that plans are those of full tables. */
  beforeEach(async () => {
    const times = Array.from({ length: 12 }, (_, n) => now - n * WIDTH)
    await ensurePartitions('egress_connection', times)
    await ensurePartitions('judgement_history', times)
    await ensurePartitions('nat_record', times)
    await ensurePartitions(
      'dns_question',
      Array.from({ length: 12 }, (_, n) => now - n * 60 * MINUTE),
    )
    await query(
      `INSERT INTO egress_connection (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port, first_at, last_at,
         weight, blocked, broken, facts, dirty, judgement, group_id, state)
       SELECT n, '', $1, n % 200, 'tcp', '10.9.' || n % 40 || '.' || n % 7, 1024 + n % 60000, '192.0.2.' || n % 250, 443, t, t + interval '1 s',
         1, false, false, '{}', false, '{}', 1, 'unverified'
       FROM generate_series(1, 30000) AS n, LATERAL (SELECT to_timestamp($2::float8 / 1000) - n * interval '7 s') AS x(t)`,
      [CLUSTER, now],
    )
    await query(
      `INSERT INTO nat_record (dataset, record_id, source, cluster, hop, protocol, at, original_ip, original_port, destination_ip, destination_port,
         translated_ip, translated_port, trusted, raw)
       SELECT '', gen_random_uuid(), 'conntrack', $1, 'node', 'tcp', to_timestamp($2::float8 / 1000) - n * interval '7 s', '10.9.' || n % 40 || '.' || n % 7,
         1024 + n % 60000, '192.0.2.' || n % 250, 443, '10.0.1.' || n % 250, n % 60000, true, '' FROM generate_series(1, 30000) AS n`,
      [CLUSTER, now],
    )
    await query('ANALYZE egress_connection')
    await query('ANALYZE nat_record')
    await violation(41_000, now - 2 * MINUTE)
  })

  const ofConnections = (sent: readonly Statement[]) =>
    sent.filter(({ text }) => /egress_connection|judgement_history|nat_record|dns_question/.test(text))
  /** What waits, and what is forgotten, can be of any time. */
  const isOfQueue = ({ text }: Statement) => /WHERE (c\.)?dirty|DELETE FROM dns_question/.test(text)

  async function expectBounded(work: () => Promise<unknown>, least: number, limits = LIMITS): Promise<void> {
    const sent = ofConnections(await statementsOf(work)).filter((statement) => !isOfQueue(statement))
    expect(sent.length).toBeGreaterThanOrEqual(least)
    for (const { text, values } of sent) await expectIndexed(text, values, limits)
  }

  it('flow records read those of a day before, by index', async () => {
    await expectBounded(() => sendFlow(42_000, now - MINUTE), 5)
    await expectBounded(() => sendFlow(42_000, now - MINUTE + 1000, 'ACK'), 5)
  })

  it('NAT records, questions, answers and leases mark by index in those of a day before', async () => {
    await saveLease({ ip: CALL.ip, namespace: 'ml', workload: 'agent', fromMs: now - 60 * MINUTE })
    const question = corednsLine(CALL.ip, 'api.openai.com', now - 2 * MINUTE - 500)
    await expectBounded(() => sendTranslations({ ...CALL, port: 43_000, atMs: now - MINUTE }, now), 6)
    await expectBounded(() => sendQuestions([question], now), 1)
    const answer = {
      start_time: Math.floor(now / 1000) - 100,
      end_time: Math.floor(now / 1000) - 100,
      type: 'log',
      client_name: '-',
      client_namespace: 'ml',
      qname: 'api.openai.com',
      rcode: 'NoError',
      rrsets: [{ name: 'api.openai.com', class: 'IN', type: 'A', rdata: [CALL.server] }],
    }
    await expectBounded(() => sendAnswers([answer], now), 1)
    await expectBounded(() => drawNatEdges({ nowMs: now + 5 * MINUTE, settleMs: MINUTE }), 4)
    await expectBounded(() => withTransaction((client) => markForIntent(client, CLUSTER, now)), 1)
  })

  it('judging writes by key; what waits is found by the index of what waits', async () => {
    await query('UPDATE egress_connection SET dirty = true')
    const sent = ofConnections(await statementsOf(judgeEgress))
    expect(sent.filter((statement) => !isOfQueue(statement)).length).toBeGreaterThanOrEqual(2)
    for (const statement of [...sent, ...(await statementsOf(countWaiting))]) {
      if (!isOfQueue(statement)) await expectIndexed(statement.text, statement.values, LIMITS)
      else await expectQueueIndex(statement)
    }
  })

  it('doors and the panel read the window and a day before', async () => {
    const window = { fromMs: now - 15 * MINUTE, toMs: now }
    const [edge] = await query<{ id: string }>('SELECT edge_id::text AS id FROM judged_edge')
    await expectBounded(() => loadDoors('', window), 1)
    await expectBounded(() => loadDoors('', window, [edge?.id ?? '']), 1)
    await expectBounded(() => loadDoorEvidence('', edge?.id ?? '', window, { limit: 10 }), 1)
    expect((await loadDoors('', window)).size).toBe(1)
  })

  it('findings add up all that is kept, edge by edge', async () => {
    await expectBounded(() => trackFindings(now), 1, { ...LIMITS, maxPartitions: 30 })
  })
})

/** Only rows that wait are in it: nothing else of a partition is read. */
async function expectQueueIndex({ text, values }: Statement): Promise<void> {
  const plan = await withTransaction(async (client) => {
    await client.query('SET LOCAL enable_seqscan = off')
    return (await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, [...values])).rows
  })
  const scans = plan.map((row) => row['QUERY PLAN']).filter((line) => /Scan .*on egress_connection/.test(line))
  expect(scans.length).toBeGreaterThan(0)
  for (const scan of scans) expect(scan).toMatch(/using \S*first_at\S* on|Bitmap/)
}
