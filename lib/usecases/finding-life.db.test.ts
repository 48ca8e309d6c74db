import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DEMO_EGRESS_YAML } from '@/lib/demo/demo-config'
import { query, useDatabase, withTransaction } from '@/lib/store/client'
import { deleteOldRows } from '@/lib/store/delete-old-rows'
import { loadFindings } from '@/lib/store/load-findings'
import { createTestDatabase } from '@/lib/store/test-database'
import { callLeavesBy, callsLeaveBy, OTHER, SANCTIONED } from './__fixtures__/door-calls'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { listDetectors } from './list-detectors'
import { trackFindings } from './track-findings'

const NOW = Date.now()
const MINUTE = 60_000

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
    `TRUNCATE ingest_batch, nat_record, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change,
       finding, finding_event, incident_case, case_event, detector_state, judgement_history, judged_edge, incident, share_link`,
  ),
)

const violations = async () =>
  (await loadFindings({ dataset: '' }, 50)).findings.filter(({ detector }) => detector === 'D0')
const events = () =>
  query<{ kind: string }>(
    `SELECT e.kind FROM finding_event e JOIN finding f ON f.id = e.finding_id WHERE f.detector = 'D0' ORDER BY e.at, e.position`,
  )
const kinds = async () => (await events()).map(({ kind }) => kind)

describe('a finding', () => {
  it('counts the same violation a hundred times, however it is cut into passes, by four addresses of one name', async () => {
    const call = (n: number) => ({
      port: 41_000 + 3 * n,
      atMs: NOW - 2 * MINUTE + n * 500,
      publicIp: OTHER,
      server: `162.159.140.${n % 4}`,
    })
    for (let from = 0; from < 100; from += 10) {
      await callsLeaveBy(
        Array.from({ length: 10 }, (_, n) => call(from + n)),
        NOW,
      )
      await trackFindings(NOW)
    }
    await Promise.all([trackFindings(NOW), trackFindings(NOW)])
    expect(await violations()).toMatchObject([{ count: 100, workload: 'ml/agent', target: 'OpenAI (api.openai.com)' }])
    expect(await kinds()).toEqual(['opened'])
  })

  it('resolves by quiet and comes back, and every turn is an event of the same transaction', async () => {
    await callLeavesBy({ port: 41_000, atMs: NOW - 2 * MINUTE, publicIp: OTHER }, NOW)
    await trackFindings(NOW)
    await trackFindings(NOW + 20 * MINUTE)
    await callLeavesBy({ port: 42_000, atMs: NOW, publicIp: OTHER }, NOW)
    await trackFindings(NOW + 21 * MINUTE)
    expect(await kinds()).toEqual(['opened', 'resolved', 'reopened'])
    expect(await violations()).toMatchObject([{ status: 'open', count: 2 }])
  })

  it('of which there is news a day after it was resolved is another one, which counts from there', async () => {
    await callLeavesBy({ port: 41_000, atMs: NOW - 2 * MINUTE, publicIp: OTHER }, NOW)
    await trackFindings(NOW)
    await trackFindings(NOW + 20 * MINUTE)
    const [first] = await violations()
    await query(`UPDATE finding SET resolved_at = resolved_at - interval '1 day'`)
    await callLeavesBy({ port: 42_000, atMs: NOW, publicIp: OTHER }, NOW)
    await trackFindings(NOW + 20 * MINUTE)
    const [second] = await violations()
    expect(second).toMatchObject({ status: 'open', count: 1 })
    expect(second?.id).not.toBe(first?.id)
    expect(await query('SELECT status, count::int, is_current FROM finding ORDER BY opened_at')).toEqual([
      { status: 'resolved', count: 1, is_current: false },
      { status: 'open', count: 1, is_current: true },
    ])
  })
})

describe('what the version before wrote', () => {
  const old = (id: string, edgeId: string, target: string, count: number, status = 'open') =>
    query(
      `INSERT INTO finding (id, detector, dataset, cluster, edge_id, status, severity, title, workload, target, count, first_seen, last_seen)
       VALUES ($1::uuid, 'D0', '', 'demo', $2::bigint, $3, 'critical', 't', 'ml/agent', $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($6::float8 / 1000))`,
      [id, edgeId, status, target, count, NOW],
    )
  const [A, B] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b']

  it('becomes one finding per name, with the counts of all its addresses, and links to any of them lead to it', async () => {
    await old(A, '1', 'OpenAI (api.openai.com, 192.0.2.1)', 3)
    await old(B, '2', 'OpenAI (api.openai.com, 192.0.2.2)', 4)
    await query(
      `INSERT INTO incident (id, title, finding_id, snapshot, sha256) VALUES (gen_random_uuid(), 't', $1::uuid, '{}', '')`,
      [B],
    )
    await trackFindings(NOW)
    expect(await violations()).toMatchObject([
      { id: A, count: 7, target: 'OpenAI (api.openai.com)', edgeIds: ['1', '2'], status: 'open' },
    ])
    expect(await query('SELECT finding_id::text AS id FROM incident')).toEqual([{ id: A }])
  })

  it('goes on counting as the same finding', async () => {
    await callLeavesBy({ port: 41_000, atMs: NOW - 2 * MINUTE, publicIp: OTHER }, NOW)
    const [edge] = await query<{ id: string }>('SELECT edge_id::text AS id FROM judged_edge')
    await old(A, edge?.id ?? '', 'OpenAI (api.openai.com, 162.159.140.245)', 1)
    await trackFindings(NOW)
    await callLeavesBy({ port: 42_000, atMs: NOW - MINUTE, publicIp: OTHER }, NOW)
    await trackFindings(NOW)
    expect(await violations()).toMatchObject([{ id: A, count: 2 }])
  })

  it('by a replica of that version, of a finding that is there already, adds nothing', async () => {
    await callLeavesBy({ port: 41_000, atMs: NOW - 2 * MINUTE, publicIp: OTHER }, NOW)
    await trackFindings(NOW)
    const [edge] = await query<{ id: string }>('SELECT edge_id::text AS id FROM judged_edge')
    await old(B, edge?.id ?? '', 'OpenAI (api.openai.com, 162.159.140.245)', 1)
    await trackFindings(NOW)
    expect(await violations()).toMatchObject([{ count: 1 }])
    expect(await query('SELECT 1 FROM finding WHERE is_current IS NULL')).toEqual([])
  })
})

describe('all detectors', () => {
  it('run by one replica, at most every 30 seconds, and leave their states', async () => {
    await callLeavesBy({ port: 41_000, atMs: NOW - 2 * MINUTE, publicIp: SANCTIONED }, NOW)
    await judgeEgress()
    const ran = await Promise.all([
      trackFindings(NOW, 'all'),
      trackFindings(NOW, 'all'),
      trackFindings(NOW + 29_999, 'all'),
    ])
    expect(ran.filter((changes) => changes === undefined)).toHaveLength(2)
    expect(await trackFindings(NOW + 60_000, 'all')).not.toBeUndefined()
    const { detectors: states, clusters } = await listDetectors('')
    expect(clusters).toBe(1)
    expect(states.map(({ detector }) => detector).slice(0, 2)).toEqual(['D0', 'D0u'])
    expect(states.every(({ cluster, checkedMs }) => cluster === 'demo' && checkedMs === NOW + 60_000)).toBe(true)
  })
})

it('of more clusters than detectors are listed of, their number is told', async () => {
  await query(
    `INSERT INTO detector_state (dataset, cluster, detector, name, state, missing, checked_at)
     SELECT 'many', 'c' || lpad(c::text, 3, '0'), 'D' || d, 'd', 'on', '{}', now() FROM generate_series(1, 120) c, generate_series(0, 19) d`,
  )
  const { detectors, clusters } = await listDetectors('many')
  expect(clusters).toBe(120)
  expect(new Set(detectors.map(({ cluster }) => cluster)).size).toBe(100)
})

describe('the database', () => {
  it('refuses a second current finding of one key', async () => {
    const add = () =>
      query(
        `INSERT INTO finding (id, detector, dataset, cluster, is_current, status, severity, title, workload, target, count, first_seen, last_seen)
         VALUES (gen_random_uuid(), 'D0', '', 'demo', true, 'open', 'critical', 't', 'w', 'x', 1, now(), now())`,
      )
    await add()
    await expect(add()).rejects.toMatchObject({ code: '23505' })
    await withTransaction((client) => client.query('UPDATE finding SET is_current = false'))
    await add()
  })
})

describe('retention', () => {
  it('takes what ended and what nothing goes on from, and leaves current findings and what is young', async () => {
    const add = (target: string, isCurrent: boolean, daysAgo: number) =>
      query(
        `INSERT INTO finding (id, detector, dataset, cluster, is_current, status, severity, title, workload, target, count, first_seen, last_seen, resolved_at)
         SELECT gen_random_uuid(), 'D0', '', 'demo', $2, 'resolved', 'high', 't', 'w', $1, 1, at, at, at
         FROM (SELECT to_timestamp($3::float8 / 1000) AS at) x`,
        [target, isCurrent, NOW - daysAgo * 24 * 60 * MINUTE],
      )
    await add('current and old', true, 20)
    await add('past and old', false, 20)
    await add('past and young', false, 5)
    for (const daysAgo of [20, 5]) {
      const atMs = NOW - daysAgo * 24 * 60 * MINUTE
      await query(
        `INSERT INTO finding_event (dataset, finding_id, kind, at, position, actor, detail) VALUES ('', gen_random_uuid(), 'opened', to_timestamp($1::float8 / 1000), 0, 'postern', '{}')`,
        [atMs],
      )
      await query(
        `INSERT INTO incident_case (dataset, cluster, cause, title, summary, status, opened_by, opened_at, resolved_at)
         VALUES ('', 'demo', 'c', 't', 's', 'resolved', 'postern', to_timestamp($1::float8 / 1000), to_timestamp($1::float8 / 1000))`,
        [atMs],
      )
    }
    const day = 24 * 60 * MINUTE
    await deleteOldRows({ evidence: day, buckets15s: day, buckets1m: day, buckets1h: 10 * day }, NOW)
    expect(await query('SELECT target FROM finding ORDER BY 1')).toEqual([
      { target: 'current and old' },
      { target: 'past and young' },
    ])
    expect(
      await query(
        'SELECT (SELECT count(*)::int FROM finding_event) AS events, (SELECT count(*)::int FROM incident_case) AS cases',
      ),
    ).toEqual([{ events: 1, cases: 1 }])
  })
})
