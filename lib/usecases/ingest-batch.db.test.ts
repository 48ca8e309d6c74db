import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IngestResult } from '@/lib/model/ingest-result'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestBatch } from './ingest-batch'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const HOUR = 3_600_000

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
    'TRUNCATE ingest_batch, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, flow_record, denial_seen, egress_connection, source_minute, gap, dns_name, pod_owner',
  )
})

interface LineOptions {
  readonly uuid?: string
  readonly atMs?: number
  readonly verdict?: string
  readonly client?: string
  readonly server?: Record<string, unknown>
  readonly serverIp?: string
  readonly names?: readonly string[]
  readonly port?: number
  readonly clientPort?: number
  readonly type?: number
  readonly extra?: Record<string, unknown>
}

const pod = (name: string, workload?: string) => ({
  ID: 7,
  namespace: 'shop',
  pod_name: name,
  labels: [`k8s:app=${workload ?? name}`],
  ...(workload && { workloads: [{ name: workload, kind: 'Deployment' }] }),
})

/** A policy verdict as Cilium 1.19 exports it. */
function line(options: LineOptions = {}): Record<string, unknown> {
  const time = new Date(options.atMs ?? NOW - 60_000).toISOString()
  const flow = {
    time,
    uuid: options.uuid ?? randomUUID(),
    verdict: options.verdict ?? 'FORWARDED',
    IP: { source: '10.0.0.1', destination: options.serverIp ?? '10.0.0.2', ipVersion: 'IPv4' },
    l4: {
      TCP: {
        source_port: options.clientPort ?? 40_000,
        destination_port: options.port ?? 80,
        flags: { SYN: true },
      },
    },
    source: pod(options.client ?? 'web-6f7d8c9b4-x2x5v', 'web'),
    destination: options.server ?? { ...pod('api-6f7d8c9b4-b2b5v', 'api') },
    Type: 'L3_L4',
    node_name: 'prod/node-1',
    event_type: { type: options.type ?? 5 },
    traffic_direction: 'EGRESS',
    is_reply: false,
    ...(options.names && { destination_names: options.names }),
    ...(options.verdict === 'DROPPED' && { drop_reason_desc: 'POLICY_DENIED' }),
    ...options.extra,
  }
  return { flow, node_name: 'prod/node-1', time }
}

const ndjson = (lines: readonly unknown[]): string => `${lines.map((item) => JSON.stringify(item)).join('\n')}\n`

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

const send = (text: string, change: Partial<Parameters<typeof ingestBatch>[0]> = {}): Promise<IngestResult> =>
  ingestBatch({
    source: 'hubble',
    body: chunks(text),
    dataset: '',
    tokenId: 't',
    defaultCluster: 'default',
    retentionMs: 24 * HOUR,
    nowMs: NOW,
    ...change,
  })

async function totals(): Promise<Record<string, number>> {
  const rows = await query<Record<string, number>>(
    `SELECT coalesce(sum(connections), 0)::float8 AS connections, coalesce(sum(events), 0)::float8 AS events, count(*)::float8 AS buckets,
       (SELECT count(*)::float8 FROM flow_record) AS evidence FROM edge_bucket`,
  )
  return rows[0] ?? {}
}

const OPENAI = {
  serverIp: '203.0.113.200',
  server: { labels: ['reserved:world'] },
  names: ['api.openai.com.'],
  port: 443,
}

describe('once', () => {
  it('a body sent twice counts once and says so', async () => {
    const body = ndjson([line(), line(OPENAI)])
    const first = await send(body)
    expect(first).toMatchObject({ accepted: 2, duplicates: 0, rejected: 0, repeatedBatch: false })
    const before = await totals()
    const second = await send(body)
    expect(second).toMatchObject({ accepted: 0, duplicates: 2, repeatedBatch: true, view: first.view })
    expect(await totals()).toEqual(before)
  })

  it('the same body twice at the same moment counts once', async () => {
    const body = ndjson([line(), line(OPENAI)])
    const results = await Promise.all([send(body), send(body), send(body)])
    expect(results.map((result) => result.accepted).sort()).toEqual([0, 0, 2])
    expect(results.filter((result) => result.repeatedBatch)).toHaveLength(2)
    expect(await totals()).toMatchObject({ connections: 2 })
  })

  it('the same body from another token or for another cluster is another body', async () => {
    const body = ndjson([line({ uuid: undefined })])
    await send(body, { clusterHeader: 'a' })
    const other = await send(body, { clusterHeader: 'b' })
    expect(other.repeatedBatch).toBe(false)
  })

  it('a uuid that comes again in another body is a duplicate and counts nowhere', async () => {
    const uuid = randomUUID()
    await send(ndjson([line({ ...OPENAI, uuid })]))
    const before = await totals()
    const again = await send(ndjson([line({ ...OPENAI, uuid }), line({ ...OPENAI, clientPort: 41_000 })]))
    expect(again).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await totals()).toEqual({ ...before, connections: 2, evidence: 2 })
  })

  it('a uuid twice in one body is a duplicate', async () => {
    const uuid = randomUUID()
    expect(await send(ndjson([line({ uuid }), line({ uuid })]))).toMatchObject({ accepted: 1, duplicates: 1 })
    expect(await totals()).toMatchObject({ connections: 1 })
  })

  it('a denied connection that is retried within a minute counts once, and every record is kept', async () => {
    const atMs = NOW - 120_000
    const retry = (seconds: number) => line({ verdict: 'DROPPED', atMs: atMs + seconds * 1000 })
    await send(ndjson([retry(0), retry(1)]))
    await send(ndjson([retry(3)]))
    expect(await totals()).toMatchObject({ connections: 1, events: 2, evidence: 3 })
    await send(ndjson([line({ verdict: 'DROPPED', atMs, clientPort: 40_001 })]))
    expect(await totals()).toMatchObject({ connections: 2 })
  })
})

describe('many writers', () => {
  it('six writers on the same keys never deadlock, and the sums are exact', async () => {
    const bodies = Array.from({ length: 36 }, (_, body) =>
      ndjson(
        Array.from({ length: 40 }, (_, index) => {
          const which = (index * 7 + body * 13) % 10
          return which < 5
            ? line({ port: 8000 + which, atMs: NOW - 60_000 - which * 15_000 })
            : line({
                ...OPENAI,
                clientPort: 30_000 + which,
                serverIp: `203.0.113.${which}`,
                atMs: NOW - which * 15_000,
              })
        }),
      ),
    )
    const direct = bodies.map((body) => () => send(body))
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, writer) => inOrder(direct.filter((_, index) => index % 6 === writer))),
    )
    expect(results.flat().reduce((sum, result) => sum + result.accepted, 0)).toBe(36 * 40)
    expect(await totals()).toMatchObject({ connections: 36 * 40 })
    const minutes = await query<{ accepted: number }>('SELECT sum(accepted)::float8 AS accepted FROM source_minute')
    expect(minutes[0]?.accepted).toBe(36 * 40)
  })

  it('a batch that fails before COMMIT leaves nothing but words of the dictionary, and its neighbours are stored', async () => {
    await query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.cluster = 'poison' THEN RAISE EXCEPTION 'injected'; END IF; RETURN NEW; END $$`)
    await query('CREATE TRIGGER refuse BEFORE INSERT ON source_minute FOR EACH ROW EXECUTE FUNCTION refuse()')
    try {
      const bodies = ['good-1', 'poison', 'good-2', 'good-3'].map((clusterHeader) =>
        send(ndjson([line(), line(OPENAI), line({ verdict: 'DROPPED' })]), { clusterHeader }),
      )
      const settled = await Promise.allSettled(bodies)
      expect(settled.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    } finally {
      await query('DROP TRIGGER refuse ON source_minute')
      await query('DROP FUNCTION refuse')
    }
    const left = await query<Record<string, number>>(
      `SELECT (SELECT count(*)::int FROM ingest_batch) AS ledger, (SELECT count(*)::int FROM flow_record) AS evidence,
         (SELECT count(*)::int FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id WHERE e.cluster = 'poison') AS buckets, (SELECT count(*)::int FROM egress_connection) AS connections,
         (SELECT count(*)::int FROM denial_seen) AS denials`,
    )
    expect(left[0]).toEqual({ ledger: 3, evidence: 9, buckets: 0, connections: 3, denials: 3 })
  })
})

async function inOrder<T>(work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  for (const run of work) results.push(await run())
  return results
}

describe('sums', () => {
  it('buckets add up to what a slow reference counts, however records are cut into bodies', async () => {
    const record = fc.record({
      second: fc.integer({ min: 0, max: 119 }),
      port: fc.constantFrom(80, 443, 8080),
      verdict: fc.constantFrom('FORWARDED', 'AUDIT', 'REDIRECTED'),
      type: fc.constantFrom(4, 5),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 5 }),
        async (records, parts) => {
          await query(
            'TRUNCATE ingest_batch, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, flow_record, denial_seen',
          )
          const lines = records.map((item) => line({ ...item, atMs: NOW - 600_000 + item.second * 1000 }))
          const bodies = Array.from({ length: parts }, (_, part) => lines.filter((_, index) => index % parts === part))
          await Promise.all(bodies.filter((body) => body.length > 0).map((body) => send(ndjson(body))))
          const expected = new Map<string, number>()
          for (const item of records) {
            const bucket = Math.floor((NOW - 600_000 + item.second * 1000) / 15_000) * 15_000
            const outcome = item.type === 4 && item.verdict !== 'AUDIT' ? 'observed' : 'allowed'
            const unit = item.type === 5 ? 'connections' : 'events'
            const key = `${bucket} ${item.port} ${outcome} ${item.verdict === 'AUDIT' ? 'would_deny' : 'same'} ${unit}`
            expected.set(key, (expected.get(key) ?? 0) + 1)
          }
          const rows = await query<{ key: string; connections: number; events: number }>(
            `SELECT b.bucket_start || ' ' || e.server_port || ' ' || v.outcome || ' ' || v.pending AS key,
             sum(b.connections)::int AS connections, sum(b.events)::int AS events
           FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id GROUP BY 1`,
          )
          const found = new Map<string, number>()
          for (const row of rows) {
            if (row.connections > 0) found.set(`${row.key} connections`, row.connections)
            if (row.events > 0) found.set(`${row.key} events`, row.events)
          }
          expect([...found].sort()).toEqual([...expected].sort())
        },
      ),
      { numRuns: 15, seed: 11 },
    )
  })
})

describe('time', () => {
  it('live refuses what is older than retention or ahead of the clock, with the reason', async () => {
    const body = ndjson([line({ atMs: NOW - 25 * HOUR }), line({ atMs: NOW + HOUR }), line()])
    const result = await send(body)
    expect(result).toMatchObject({ accepted: 1, rejected: 2 })
    expect(result.rejects.map((group) => group.reason).sort()).toEqual(['in_the_future', 'too_old'])
    expect(result.rejects.every((group) => group.hint.length > 0)).toBe(true)
    expect(result.rejects.flatMap((group) => group.lines).sort()).toEqual([1, 2])
  })

  it('a pinned dataset takes old records, is named, and keeps apart from live ones', async () => {
    const result = await send(ndjson([line({ atMs: NOW - 9000 * HOUR })]), { dataset: 'incident-7' })
    expect(result).toMatchObject({ accepted: 1, rejected: 0 })
    expect(result.view).toContain('dataset=incident-7')
    expect(await query(`SELECT name FROM dataset WHERE name = 'incident-7'`)).toHaveLength(1)
    expect(await query(`SELECT 1 FROM edge WHERE dataset = 'incident-7'`)).toHaveLength(1)
  })

  it.each(['Incident', '../x', 'a b', 'x'.repeat(65), '-x'])('the dataset name %s is refused', async (dataset) => {
    await expect(send(ndjson([line()]), { dataset })).rejects.toMatchObject({ code: 'bad_request' })
  })

  it('an empty body is answered with zeros', async () => {
    expect(await send('')).toMatchObject({ accepted: 0, duplicates: 0, rejected: 0, rejects: [] })
  })

  it('a body over 20 MiB is refused as a whole', async () => {
    async function* flood() {
      for (let index = 0; index < 21; index += 1) yield new Uint8Array(1024 * 1024).fill(0x20)
    }
    await expect(send('', { body: flood() })).rejects.toMatchObject({ code: 'too_large' })
  })
})

describe('names from outside', () => {
  const NASTY = `a'"\\); DROP TABLE edge;--\u0000\ud800{},NULL`

  it('quotes, backslashes, NUL, lone surrogates and array syntax are stored as text and change nothing else', async () => {
    const server = {
      ID: 9,
      namespace: NASTY,
      pod_name: NASTY,
      labels: [`k8s:${NASTY}=${NASTY}`],
      workloads: [{ name: NASTY, kind: NASTY }],
    }
    const extra = {
      egress_allowed_by: [{ name: NASTY, namespace: NASTY, labels: [NASTY], kind: 'CiliumNetworkPolicy' }],
    }
    const nasty = [
      line({ server, extra }),
      line({ ...OPENAI, names: [NASTY], extra }),
      line({ verdict: 'DROPPED', server, extra: { ...extra, drop_reason_desc: NASTY } }),
      line({ extra: { node_name: NASTY, uuid: NASTY } }),
    ]
    const result = await send(ndjson(nasty), { clusterHeader: NASTY, tokenId: 'x' })
    expect(result).toMatchObject({ accepted: 4, rejected: 0 })
    const names = await query<{ name: string; cluster: string }>(
      `SELECT name, cluster FROM endpoint WHERE namespace LIKE 'a%'`,
    )
    expect(names[0]?.name).toContain('DROP TABLE edge')
    expect(names[0]?.cluster).not.toContain('\0')
    expect(await send(ndjson(nasty), { clusterHeader: NASTY, tokenId: 'y' })).toMatchObject({
      accepted: 0,
      duplicates: 4,
    })
  })

  it('numbers that no source can mean are refused alone', async () => {
    const result = await send(ndjson([line(), line({ port: 1e15 }), line({ clientPort: -1 })]))
    expect(result.accepted).toBe(1)
    expect(result.rejects[0]).toMatchObject({ reason: 'bad_value', count: 2 })
  })

  it('very long names keep their records', async () => {
    const long = 'é'.repeat(4000)
    const server = { ID: 9, namespace: long, pod_name: long, labels: [] }
    expect(await send(ndjson([line({ server })]), { clusterHeader: long })).toMatchObject({ accepted: 1 })
  })
})

describe('clusters', () => {
  it('the token decides, then the header, then the record; a conflict is counted', async () => {
    const byToken = await send(ndjson([line()]), { tokenCluster: 'token', clusterHeader: 'header' })
    expect(byToken.clusterConflicts).toBe(1)
    await send(ndjson([line({ port: 81 })]), { clusterHeader: 'header' })
    await send(ndjson([line({ port: 82 })]))
    const rows = await query<{ cluster: string; port: number }>(
      `SELECT e.cluster, e.server_port AS port FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id ORDER BY 2`,
    )
    expect(rows.map((row) => row.cluster)).toEqual(['token', 'header', 'prod'])
  })
})

describe('owners', () => {
  it('a pod seen from afar takes the workload that an earlier batch told', async () => {
    const named = { ...pod('job-28391-x2x5v'), workloads: [{ name: 'nightly', kind: 'CronJob' }] }
    await send(ndjson([line({ server: named })]))
    await send(ndjson([line({ server: pod('job-28391-x2x5v'), port: 81 })]))
    const rows = await query<{ name: string }>(
      `SELECT DISTINCT s.name FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id JOIN endpoint s ON s.id = e.server_id`,
    )
    expect(rows).toEqual([{ name: 'nightly' }])
  })
})

describe('egress connections', () => {
  const connections = () =>
    query<{
      port: number | null
      blocked: boolean
      dirty: boolean
      weight: number
      records: number
      facts: Record<string, unknown>
    }>(
      `SELECT client_port AS port, blocked, dirty, weight, jsonb_array_length(facts->'recordIds') AS records, facts FROM egress_connection ORDER BY first_at, client_port`,
    )

  it('records of one tuple are one connection, across bodies; another port is another one', async () => {
    const at = NOW - 120_000
    await send(ndjson([line({ ...OPENAI, atMs: at }), line({ ...OPENAI, atMs: at + 1, type: 4 })]))
    await send(
      ndjson([line({ ...OPENAI, atMs: at + 30_000, type: 4 }), line({ ...OPENAI, atMs: at, clientPort: 40_001 })]),
    )
    expect(await connections()).toMatchObject([
      { port: 40_000, records: 3, weight: 1, dirty: true },
      { port: 40_001, records: 1 },
    ])
  })

  it('a port that is opened again is a new connection', async () => {
    const at = NOW - 120_000
    await send(ndjson([line({ ...OPENAI, atMs: at })]))
    await send(ndjson([line({ ...OPENAI, atMs: at + 60_000 })]))
    expect(await connections()).toHaveLength(2)
  })

  it('a connection that only goes on is not judged again; one with a new claim is', async () => {
    const at = NOW - 120_000
    await send(ndjson([line({ ...OPENAI, atMs: at })]))
    await query('UPDATE egress_connection SET dirty = false')
    await send(ndjson([line({ ...OPENAI, atMs: at + 5000, type: 4 })]))
    expect(await connections()).toMatchObject([{ dirty: false, records: 2 }])
    const xlated = {
      IP: { source: '10.0.0.1', destination: OPENAI.serverIp, source_xlated: '203.0.113.10' },
      trace_observation_point: 'TO_NETWORK',
    }
    await send(ndjson([line({ ...OPENAI, atMs: at + 5001, type: 4, extra: xlated })]))
    expect(await connections()).toMatchObject([
      {
        dirty: true,
        port: 40_000,
        facts: { translated: [{ ip: '203.0.113.10', isEgressObservation: true, isOnlyCandidate: true }] },
      },
    ])
  })

  it('a refused connection is blocked, and its retries are the same attempt', async () => {
    const at = NOW - 120_000
    await send(ndjson([0, 1, 3, 7].map((s) => line({ ...OPENAI, atMs: at + s * 1000, verdict: 'DROPPED' }))))
    expect(await connections()).toMatchObject([{ blocked: true, records: 4 }])
  })
})

describe('notifications', () => {
  it('one is sent per commit, with a revision, on COMMIT; what changed stands in the row of that revision', async () => {
    const { default: pg } = await import('pg')
    const listener = new pg.Client({ connectionString: database.url })
    await listener.connect()
    try {
      const heard: { revision: string }[] = []
      listener.on('notification', (message) => heard.push(JSON.parse(message.payload ?? '')))
      await listener.query('LISTEN postern_graph')
      await send(ndjson([line(), line(OPENAI)]), { clusterHeader: 'c1' })
      await listener.query('SELECT 1')
      expect(heard).toEqual([{ revision: expect.stringMatching(/^\d+$/), egress: true }])
      const changes = await query(
        'SELECT revision::text, datasets, clusters FROM graph_change ORDER BY graph_change.revision DESC LIMIT 1',
      )
      expect(changes).toEqual([{ revision: heard[0]?.revision, datasets: [''], clusters: ['c1'] }])
    } finally {
      await listener.end()
    }
  })
})
