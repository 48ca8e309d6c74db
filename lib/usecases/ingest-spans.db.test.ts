import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Span } from '@/lib/model/span'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestBatch } from './ingest-batch'
import { ingestSpans } from './ingest-spans'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const AT = NOW - 120_000
const COMMON = { dataset: '', clusterHeader: 'prod', defaultCluster: 'default', retentionMs: 3_600_000, nowMs: NOW }
const TRACE = 'a'.repeat(32)

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
    'TRUNCATE ingest_batch, span, egress_connection, source_minute, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change, endpoint_fact',
  )
})

const workload = { class: 'workload', namespace: 'ml', name: 'agent', workloadKind: 'Deployment' } as const
const span = (id: string, change: Partial<Span> = {}): Span => ({
  traceId: TRACE,
  spanId: id.padStart(16, '0'),
  name: 'POST',
  kind: 'client',
  startMs: AT,
  endMs: AT + 500,
  durationNs: 500_000_000,
  isError: false,
  workload,
  serviceName: 'agent',
  attributes: {},
  ...change,
})
const http = (id: string, change: Partial<Span> = {}) =>
  span(id, {
    peer: { name: 'api.openai.com', namedBy: 'server.address', port: 443 },
    attributes: { 'http.request.method': 'POST' },
    ...change,
  })
const chat = (id: string, change: Partial<Span> = {}) =>
  span(id, {
    kind: 'internal',
    ai: {
      operation: 'chat',
      providerName: 'openai',
      responseModel: 'gpt-5',
      inputTokens: 100,
      outputTokens: 7,
      countsTokens: true,
    },
    ...change,
  })

const send = (spans: readonly Span[], change: Partial<Parameters<typeof ingestSpans>[0]> = {}) =>
  ingestSpans({
    ...COMMON,
    decoded: {
      spans,
      rejects: [],
      rejectedByReason: {},
      rejected: 0,
      ignored: {},
      problems: [],
      total: spans.length,
      bridges: [],
    },
    ...change,
  })

const stored = () =>
  query<{ id: string; edge: string | null; calls: boolean; ai: boolean; input: string | null }>(
    `SELECT ltrim(span_id, '0') AS id, edge_id::text AS edge, counts_call AS calls, counts_ai_call AS ai, input_tokens::text AS input FROM span ORDER BY span_id`,
  )

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

const sendFlow = () =>
  ingestBatch({
    ...COMMON,
    tokenId: 't',
    source: 'hubble',
    body: once(
      JSON.stringify({
        flow: {
          time: new Date(AT).toISOString(),
          uuid: '7b4f3c1e-0000-4000-8000-000000000002',
          verdict: 'FORWARDED',
          IP: { source: '10.244.1.7', destination: '203.0.113.200' },
          l4: { TCP: { source_port: 41370, destination_port: 443, flags: { SYN: true } } },
          source: {
            ID: 1,
            namespace: 'ml',
            pod_name: 'agent-6f7d8c9b4-x2x5v',
            labels: [],
            workloads: [{ name: 'agent', kind: 'Deployment' }],
          },
          destination: { labels: ['reserved:world'] },
          destination_names: ['API.openai.com.'],
          event_type: { type: 5 },
          traffic_direction: 'EGRESS',
        },
      }),
    ),
  })

describe('edges', () => {
  it('a call lands on the very edge of its connection', async () => {
    await sendFlow()
    await send([http('1')])
    const [connection] = await query<{ edge: string }>('SELECT edge_id::text AS edge FROM egress_connection')
    expect(await stored()).toMatchObject([{ edge: connection?.edge, calls: true }])
  })

  it('a Service host is a workload; a short name is one where it is known; loopback is the pod’s own', async () => {
    await sendFlow()
    await send([
      http('1', { peer: { name: 'vllm.serving.svc.cluster.local', namedBy: 'url', port: 8000 } }),
      http('2', { peer: { name: 'agent.ml', namedBy: 'url', port: 80 } }),
      http('3', { peer: { name: 'openai.com', namedBy: 'url' } }),
      http('4', { peer: { name: '127.0.0.1', namedBy: 'url', port: 4318 } }),
    ])
    const servers = await query(
      `SELECT s.class, s.namespace, s.name, e.server_port AS port FROM span x JOIN edge e ON e.id = x.edge_id JOIN endpoint s ON s.id = e.server_id ORDER BY x.span_id`,
    )
    expect(servers).toEqual([
      { class: 'workload', namespace: 'serving', name: 'vllm', port: 8000 },
      { class: 'workload', namespace: 'ml', name: 'agent', port: 80 },
      { class: 'external', namespace: '', name: 'openai.com', port: 443 },
      { class: 'local', namespace: 'ml', name: 'agent', port: 4318 },
    ])
  })
})

describe('model calls', () => {
  it.each([
    ['in one body', [[chat('1'), http('2', { parentSpanId: '1'.padStart(16, '0') })]]],
    ['the GenAI span first', [[chat('1')], [http('2', { parentSpanId: '1'.padStart(16, '0') })]]],
    ['the transport span first', [[http('2', { parentSpanId: '1'.padStart(16, '0') })], [chat('1')]]],
  ])('a GenAI span stands on the edge of its transport span: %s', async (_name, bodies) => {
    for (const body of bodies) await send(body)
    const [ai, transport] = await stored()
    expect(transport).toMatchObject({ id: '2', calls: true, ai: false, input: null })
    expect(ai).toMatchObject({ id: '1', calls: false, ai: true, input: '100', edge: transport?.edge })
  })

  it('bodies with parts of one trace at the same moment see each other', async () => {
    const parent = '1'.padStart(16, '0')
    await Promise.all([
      send([chat('1')]),
      send([http('2', { parentSpanId: parent })]),
      send([http('3', { traceId: 'b'.repeat(32) })]),
    ])
    const rows = await stored()
    expect(rows[0]?.edge).toBe(rows[1]?.edge)
    expect(rows[0]?.edge).not.toBeNull()
  })

  it('a span sent again replaces itself', async () => {
    expect(await send([chat('1')])).toMatchObject({ accepted: 1, duplicates: 0 })
    expect(await send([chat('1')])).toMatchObject({ accepted: 0, duplicates: 1 })
    expect(await stored()).toHaveLength(1)
  })

  it('the emitter of AI spans is an AI workload, and a better role stays', async () => {
    await send([chat('1'), http('2')])
    expect(await query('SELECT ai_role, ai_role_by FROM endpoint_fact')).toEqual([
      { ai_role: 'app', ai_role_by: 'span' },
    ])
    await query(`UPDATE endpoint_fact SET ai_role = 'agent', ai_role_by = 'label'`)
    await send([chat('3')])
    expect(await query('SELECT ai_role FROM endpoint_fact')).toEqual([{ ai_role: 'agent' }])
  })

  it('a refusal by the provider has the connections of its edge judged again', async () => {
    await sendFlow()
    await query('UPDATE egress_connection SET dirty = false')
    await send([http('1', { ai: { countsTokens: false, addressRefused: true } })])
    expect(await query('SELECT dirty FROM egress_connection')).toEqual([{ dirty: true }])
  })
})

describe('refusals', () => {
  it('spans out of time are refused with their reason; decoder rejects that are only counted are counted', async () => {
    const decoded = {
      spans: [http('1', { startMs: NOW - 7_200_000, endMs: NOW - 7_200_000 }), http('2')],
      rejects: [{ line: 3, reason: 'bad_id' as const }],
      rejectedByReason: { bad_id: 4 },
      rejected: 4,
      ignored: {},
      problems: [],
      total: 6,
      bridges: [],
    }
    const result = await send([], { decoded })
    expect(result).toMatchObject({ accepted: 1, rejected: 5 })
    expect(result.rejects).toMatchObject([
      { reason: 'bad_id', count: 4, lines: [3] },
      { reason: 'too_old', count: 1, lines: [] },
    ])
  })

  it('NUL and huge numbers in a span cost nothing but themselves', async () => {
    const nasty = http('1', {
      name: 'a\0b',
      serviceName: '\ud800',
      durationNs: 1e300,
      attributes: { 'x\0': 'y\0' },
      ai: { countsTokens: true, operation: 'chat', inputTokens: 1e300, providerName: 'o\0' },
    })
    expect(await send([nasty, http('2')])).toMatchObject({ accepted: 2 })
  })
})
