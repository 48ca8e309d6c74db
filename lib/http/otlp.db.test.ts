import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { answerOtlp } from './otlp'

const settings = vi.hoisted(() => ({ adminToken: undefined as string | undefined }))
vi.mock('@/lib/env', async (load) => {
  const real = await load<typeof import('@/lib/env')>()
  return { ...real, env: () => ({ ...real.env(), POSTERN_ADMIN_TOKEN: settings.adminToken }) }
})

const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'
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
  settings.adminToken = undefined
  await useDatabase(database.url)
  await query(
    'TRUNCATE ingest_batch, span, source_minute, source_reject, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change',
  )
})

interface Sent {
  readonly path?: string
  readonly type?: string
  readonly encoding?: string
  readonly headers?: Record<string, string>
}
async function post(body: string | Uint8Array, { path = '/v1/traces', type, encoding, headers = {} }: Sent = {}) {
  const response = await answerOtlp(
    new Request(`http://localhost:4318${path}`, {
      method: 'POST',
      body: Buffer.from(body),
      headers: {
        host: 'localhost:4318',
        ...(type && { 'content-type': type }),
        ...(encoding && { 'content-encoding': encoding }),
        ...headers,
      },
    }),
  )
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    retryAfter: response.headers.get('retry-after'),
    body: await response.text(),
  }
}

const span = (spanId = '1'.repeat(16)) => ({
  traceId: 'a'.repeat(32),
  spanId,
  kind: 3,
  startTimeUnixNano: `${Date.now() - 1000}000000`,
  endTimeUnixNano: `${Date.now() - 900}000000`,
  attributes: [{ key: 'server.address', value: { stringValue: 'api.openai.com' } }],
})
const traces = (...spans: unknown[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
const logs = (...bodies: string[]) =>
  JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: bodies.map((text) => ({ body: { stringValue: text } })) }] }],
  })

describe('answers', () => {
  it.each([
    [JSON_TYPE, JSON_TYPE, '{}'],
    ['application/json; charset=utf-8', JSON_TYPE, '{}'],
    [undefined, JSON_TYPE, 'The content type is missing'],
    ['text/plain', JSON_TYPE, 'The content type is text/plain'],
    [PROTOBUF, PROTOBUF, 'but the body is OTLP json'],
  ])('%s: the type of the answer is exact, and a wrong one is told by a warning', async (type, answered, text) => {
    const answer = await post(traces(span()), { ...(type && { type }) })
    expect([answer.status, answer.type]).toEqual([200, answered])
    expect(answer.body).toContain(text)
    expect(answer.body).not.toContain('rejectedSpans":"1')
  })

  it('an empty protobuf request succeeds with no bytes, for each signal', async () => {
    for (const path of ['/v1/traces', '/v1/logs', '/v1/metrics'])
      expect(await post('', { path, type: PROTOBUF })).toMatchObject({ status: 200, type: PROTOBUF, body: '' })
  })

  it.each([
    ['gzip', gzipSync(traces(span())), 200],
    ['snappy', 'x', 415],
    ['lz4', 'x', 415],
  ] as const)('Content-Encoding %s', async (encoding, body, status) => {
    const answer = await post(body, { type: JSON_TYPE, encoding })
    expect(answer).toMatchObject({ status, type: JSON_TYPE, retryAfter: null })
    if (status === 415) expect(JSON.parse(answer.body).message).toMatch(/gzip/)
  })

  it('a broken or foreign body is 400 with a Status in the encoding of the request', async () => {
    const json = await post('{"resourceLogs":[]}', { type: JSON_TYPE })
    expect([json.status, JSON.parse(json.body)]).toEqual([
      400,
      { code: 3, message: expect.stringContaining('OTLP logs, not traces') },
    ])
    const protobuf = await post(Uint8Array.of(0x0a, 0x7f), { type: PROTOBUF })
    expect([protobuf.status, protobuf.type, protobuf.body.slice(0, 2)]).toEqual([400, PROTOBUF, '\b\x03'])
    const traceInLogs = await post(traces(span()), { path: '/v1/logs', type: JSON_TYPE })
    expect(JSON.parse(traceInLogs.body).message).toContain('OTLP traces, not logs')
  })

  it('a body may decode to 64 MiB and no more, however small it comes', async () => {
    const bomb = gzipSync(Buffer.alloc(LIMITS.otlpBodyBytes + 1))
    expect(await post(bomb, { type: PROTOBUF, encoding: 'gzip' })).toMatchObject({
      status: 413,
      type: PROTOBUF,
      retryAfter: null,
    })
    const large = traces({ ...span(), name: 'x'.repeat(30 << 20) })
    expect(await post(large, { type: JSON_TYPE })).toMatchObject({ status: 200, body: '{}' })
  })

  it('a database that is away is 503 with a short Retry-After, for each signal', async () => {
    await useDatabase('postgresql://nobody@127.0.0.1:1/none')
    const metrics = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{}]}}]}]}]}'
    for (const [path, body] of [
      ['/v1/traces', traces(span())],
      ['/v1/logs', logs('hello')],
      ['/v1/metrics', metrics],
    ] as const)
      expect(await post(body, { path, type: JSON_TYPE })).toMatchObject({
        status: 503,
        type: JSON_TYPE,
        retryAfter: '2',
      })
  })

  it('a sender without a token gets a Status too', async () => {
    settings.adminToken = 'an-admin-token-of-this-test-0123456789'
    expect(await post(traces(span()), { type: PROTOBUF })).toMatchObject({ status: 401, type: PROTOBUF })
    const json = await post(traces(span()), { type: JSON_TYPE })
    expect([json.status, JSON.parse(json.body).code]).toEqual([401, 16])
  })

  it('what another web page sends is refused', async () => {
    const headers = { origin: 'https://attacker.example' }
    expect(await post(traces(span()), { type: JSON_TYPE, headers })).toMatchObject({ status: 403 })
  })

  it.each([
    ['POST', '/v1/trace', 404, /There is no OTLP path \/v1\/trace\. Traces go to http:\/\/localhost:4318\/v1\/traces/],
    ['POST', '/', 404, /Set the exporter’s endpoint to http:\/\/localhost:4318 /],
    ['POST', '/v1/profiles', 404, /Profiles are not read/],
    ['GET', '/v1/traces', 405, /by POST, not GET/],
    ['OPTIONS', '/v1/logs', 405, /by POST, not OPTIONS/],
  ])('%s %s is %i in words', async (method, path, status, words) => {
    const headers = { host: 'localhost:4318', 'content-type': JSON_TYPE }
    const response = await answerOtlp(new Request(`http://localhost:4318${path}`, { method, headers }))
    expect(response.status).toBe(status)
    expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null)
    expect((await response.json()).message).toMatch(words)
  })
})

const hubbleLine = (uuid: string) =>
  JSON.stringify({
    flow: {
      time: new Date(Date.now() - 60_000).toISOString(),
      uuid,
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
      l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
      source: { namespace: 'a', pod_name: 'x-1', labels: [] },
      destination: { namespace: 'b', pod_name: 'y-1', labels: [] },
      Type: 'L3_L4',
      traffic_direction: 'EGRESS',
      is_reply: false,
    },
    time: new Date().toISOString(),
  })

describe('logs', () => {
  it('lines of the Hubble exporter are flows, whatever stands before them; the same request counts once', async () => {
    const body = logs(
      hubbleLine('00000000-0000-4000-8000-000000000001'),
      `2026-11-26T10:00:00Z stdout F ${hubbleLine('00000000-0000-4000-8000-000000000002')}`,
    )
    for (let time = 0; time < 2; time += 1) {
      expect(await post(body, { path: '/v1/logs', type: JSON_TYPE })).toMatchObject({ status: 200, body: '{}' })
      expect(await query('SELECT count(*)::int AS count FROM flow_record')).toEqual([{ count: 2 }])
    }
    expect(
      await query('SELECT sum(accepted)::int AS accepted FROM source_minute WHERE source = $1', ['hubble']),
    ).toEqual([{ accepted: 2 }])
  })

  it('other records are refused beside them, without a word of their text', async () => {
    const body = logs('SECRET-MARKER 1', hubbleLine('00000000-0000-4000-8000-000000000003'), '{"cut": "SECRET-MARK')
    const answer = await post(body, { path: '/v1/logs', type: JSON_TYPE })
    expect(JSON.parse(answer.body)).toEqual({
      partialSuccess: { rejectedLogRecords: '2', errorMessage: expect.stringContaining('docs/otlp.md') },
    })
    expect(answer.body).not.toContain('SECRET')
    expect(await query('SELECT reason, count::int FROM source_reject ORDER BY reason')).toEqual([
      { reason: 'not_json', count: 1 },
      { reason: 'unsupported_dialect', count: 1 },
    ])
    expect(await query("SELECT accepted::int FROM source_minute WHERE source = 'hubble'")).toEqual([{ accepted: 1 }])
  })

  it('X-Postern-Cluster stands above the cluster of the resource', async () => {
    const resourceLogs = [
      {
        resource: { attributes: [{ key: 'k8s.cluster.name', value: { stringValue: 'own' } }] },
        scopeLogs: [{ logRecords: [{ body: { stringValue: hubbleLine('00000000-0000-4000-8000-000000000004') } }] }],
      },
    ]
    const body = JSON.stringify({ resourceLogs })
    await post(body, { path: '/v1/logs', type: JSON_TYPE, headers: { 'x-postern-cluster': 'header' } })
    expect(await query('SELECT DISTINCT cluster FROM source_minute')).toEqual([{ cluster: 'header' }])
  })
})
