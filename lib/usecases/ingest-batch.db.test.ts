import { randomUUID } from 'node:crypto'
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
    'TRUNCATE ingest_batch, edge_bucket, flow_record, denial_seen, egress_connection, source_minute, gap, dns_name, pod_owner',
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
    await send(ndjson([retry(3).flow ? line({ verdict: 'DROPPED', atMs, clientPort: 40_001 }) : {}]))
    expect(await totals()).toMatchObject({ connections: 2 })
  })
})
