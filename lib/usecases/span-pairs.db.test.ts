import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '@/lib/model/units'
import { decodeOtlpTraces } from '@/lib/sources/otlp/decode'
import { type EncodableAttributes, type EncodableSpan, encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { requestOf } from './__fixtures__/flow-scene'
import { ingestSpans } from './ingest-spans'
import { listViewSpans } from './list-flows'
import { queryGraph } from './query-graph'
import { settleSpans } from './settle-spans'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const SETTLE_MS = 120_000
const CLIENT = 3
const SERVER = 2
const INTERNAL = 1
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
const empty = () => query('TRUNCATE span, span_bridge, edge, endpoint, endpoint_fact, source_minute, pod_ip_lease')
beforeEach(async () => {
  await empty()
})

interface Part {
  readonly service: string
  readonly span: EncodableSpan
}

interface Given {
  readonly attributes?: EncodableAttributes
  readonly hasFailed?: boolean
  readonly atMs?: number
  readonly traceId?: string
}

const idOf = (name: string): string => Buffer.from(name.padEnd(8, '.').slice(0, 8)).toString('hex')

/** A span that ended ten seconds ago; its id is made of its name, which is at most 8 characters. */
function part(service: string, name: string, kind: number, parent?: string, given: Given = {}): Part {
  const startMs = given.atMs ?? NOW - 11_000
  return {
    service,
    span: {
      traceId: given.traceId ?? TRACE,
      spanId: idOf(name),
      ...(parent && { parentSpanId: idOf(parent) }),
      name,
      kind,
      startNs: BigInt(startMs) * 1_000_000n,
      endNs: BigInt(startMs + 1000) * 1_000_000n,
      attributes: given.attributes ?? {},
      ...(given.hasFailed && { status: { code: 2 } }),
    },
  }
}

const http = (host: string, port: number): EncodableAttributes => ({
  'http.request.method': 'POST',
  'server.address': host,
  'server.port': port,
})

/** One request through a shop: every way in which two spans can be one call, or one span the only word of it. */
const SHOP: readonly Part[] = [
  part('frontend', 'entry', SERVER, undefined, {
    attributes: { 'server.port': 8080, 'client.address': '198.51.100.7' },
  }),
  part('frontend', 'handler', INTERNAL, 'entry'),
  part('frontend', 'ask', CLIENT, 'handler', { attributes: http('agent', 80) }),
  part('agent', 'asked', SERVER, 'ask', { attributes: { 'server.port': 8000 } }),
  part('agent', 'work', INTERNAL, 'asked'),
  part('agent', 'chat', INTERNAL, 'work', {
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.usage.input_tokens': 31,
      'gen_ai.usage.output_tokens': 12,
    },
  }),
  part('agent', 'retry', INTERNAL, 'chat'),
  part('agent', 'post', CLIENT, 'retry', { attributes: http('api.openai.com', 443) }),
  part('agent', 'stock', CLIENT, 'work', {
    attributes: { 'rpc.system': 'grpc', 'server.address': '10.96.0.9', 'server.port': 50051 },
  }),
  part('stock', 'stocked', SERVER, 'stock', { hasFailed: true, attributes: { 'rpc.system': 'grpc' } }),
  part('stock', 'nested', SERVER, 'stocked'),
  part('stock', 'select', CLIENT, 'stocked', {
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'server.address': '127.0.0.1',
      'server.port': 5432,
    },
  }),
  part('agent', 'bare', CLIENT, 'work'),
  part('mailer', 'mailed', SERVER, 'bare', { attributes: { 'server.port': 25 } }),
  part('proxy', 'proxied', INTERNAL, 'work'),
  part('search', 'found', SERVER, 'proxied', { attributes: { 'server.port': 9200 } }),
  part('agent', 'send', 4, 'work', {
    attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
  }),
  part('billing', 'bill', 5, 'send', {
    attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
  }),
  part('billing', 'cache', CLIENT, 'bill', { attributes: http('redis', 6379) }),
  part('audit', 'orphan', SERVER, 'nowhere', {
    attributes: { 'server.port': 7000, 'network.peer.address': '10.244.9.9' },
  }),
]

const DRAWN = [
  'agent → Kafka orders:0 1/0',
  'agent → OpenAI · api.openai.com:443 1/0; 1 model calls, 31 in, 12 out',
  'agent → mailer:25 1/0',
  'agent → stock:50051 1/1',
  'Kafka orders → billing:0 1/0',
  'billing → redis:6379 1/0',
  'external users → frontend:8080 1/0',
  'frontend → agent:80 1/0',
  'proxy → search:9200 1/0',
  'stock → PostgreSQL shop:5432 1/0',
  'untraced caller → audit:7000 1/0',
].sort()

async function send(parts: readonly Part[], nowMs = NOW): Promise<void> {
  const body = encodeTracesProtobuf(
    parts.map(({ service, span }) => ({
      resource: { 'service.name': service, 'k8s.namespace.name': 'shop', 'k8s.deployment.name': service },
      scope: { name: 'test' },
      spans: [span],
    })),
  )
  const decoded = decodeOtlpTraces(body, 'protobuf')
  await ingestSpans({ dataset: '', defaultCluster: 'c', retentionMs: DAY_MS, nowMs, settleMs: SETTLE_MS, decoded })
}

const settle = (nowMs = NOW + 2 * SETTLE_MS) => settleSpans(nowMs, SETTLE_MS)

async function drawn(): Promise<string[]> {
  const window = { fromMs: NOW - DAY_MS, toMs: NOW + DAY_MS }
  const graph = await queryGraph({ dataset: '', ...window, windowMs: 0, namespaces: [], scope: 'all', states: [] }, NOW)
  const label = new Map(graph.nodes.map((node) => [node.id, node.label.replace('shop / ', '')]))
  return graph.edges
    .map(({ client, server, serverPort, counters, ai }) => {
      const facts = ai ? `; ${ai.calls} model calls, ${ai.inputTokens} in, ${ai.outputTokens} out` : ''
      return `${label.get(client)} → ${label.get(server)}:${serverPort} ${counters.spans}/${counters.spanErrors}${facts}`
    })
    .sort()
}

/** Everything that is concluded of the spans, row by row. What a span's own names give is no conclusion where its other half is known. */
const concluded = () =>
  query(
    `SELECT span->>'name' AS name, edge_id::text, received_edge_id::text, counts_call, counts_ai_call, has_failed,
       input_tokens::text, settle_at FROM span ORDER BY span_id`,
  )

/** An order of the shop's spans, cut into bodies, some of them sent twice. */
const deliveries = fc
  .tuple(
    fc.shuffledSubarray([...SHOP], { minLength: SHOP.length }),
    fc.array(fc.integer({ min: 1, max: SHOP.length - 1 }), { maxLength: 5 }),
    fc.array(fc.nat(), { maxLength: 2 }),
  )
  .map(([order, cuts, again]) => {
    const edges = [...new Set([0, ...cuts, order.length])].sort((a, b) => a - b)
    const bodies = edges.slice(1).map((end, index) => order.slice(edges[index], end))
    return [...bodies, ...again.map((index) => bodies[index % bodies.length] ?? [])]
  })

describe('edges from spans', () => {
  it('a call that both ends sent is one call between workloads; what nobody else names is named by the best that is known', async () => {
    await send(SHOP)
    await settle()
    expect(await drawn()).toEqual(DRAWN)
  })

  it('every order, split and repeat of a trace over bodies gives the same edges, counts and tokens', async () => {
    await send(SHOP)
    await settle()
    const expected = await concluded()
    await fc.assert(
      fc.asyncProperty(deliveries, async (bodies) => {
        await empty()
        for (const body of bodies) await send(body)
        await settle()
        expect(await concluded()).toEqual(expected)
        expect(await drawn()).toEqual(DRAWN)
      }),
      { numRuns: 25 },
    )
  })

  it('however its parts race each other and the settling of other replicas', async () => {
    await send(SHOP)
    await settle()
    const expected = await concluded()
    await fc.assert(
      fc.asyncProperty(deliveries, async (bodies) => {
        await empty()
        await Promise.all([...bodies.map((body) => send(body)), settle(), settle()])
        await Promise.all([settle(), settle(), settle()])
        expect(await concluded()).toEqual(expected)
      }),
      { numRuns: 10 },
    )
  })

  it('parts that come hours late move their calls, and none is counted twice', async () => {
    const isLate = ({ span }: Part) => span.kind === CLIENT || span.kind === INTERNAL
    await send(SHOP.filter((one) => !isLate(one)))
    await settle()
    const before = await drawn()
    expect(before).toContain('untraced caller → agent:8000 1/0')
    const later = NOW + 5 * HOUR_MS
    await send(SHOP.filter(isLate), later)
    await settle(later + 2 * SETTLE_MS)
    expect(await drawn()).toEqual(DRAWN)
  })
})

describe('the settle window', () => {
  const received = part('audit', 'root', SERVER, undefined, { attributes: { 'server.port': 7000 } })

  it('a received call without its caller is drawn only when nothing is waited for any more', async () => {
    await send([received])
    expect(await drawn()).toEqual([])
    expect(await settle(NOW + SETTLE_MS - 10_001)).toBe(0)
    expect(await drawn()).toEqual([])
    expect(await settle(NOW + SETTLE_MS - 10_000)).toBe(1)
    expect(await drawn()).toEqual(['external users → audit:7000 1/0'])
    expect(await settle()).toBe(0)
  })

  it('one that comes after its window is drawn at once', async () => {
    await send([received], NOW + HOUR_MS)
    expect(await drawn()).toEqual(['external users → audit:7000 1/0'])
  })

  it('a call by name is drawn at once, and is a workload’s as soon as the window finds one of that name', async () => {
    const call = part('agent', 'call', CLIENT, undefined, { attributes: http('vectors', 6333) })
    await send([call])
    expect(await drawn()).toEqual(['agent → vectors:6333 1/0'])
    await send([
      part('vectors', 'other', CLIENT, undefined, { traceId: 'b'.repeat(32), attributes: http('x.example', 1) }),
    ])
    await settle()
    expect(
      await query(
        `SELECT e.class FROM endpoint e JOIN edge g ON g.server_id = e.id JOIN span s ON s.edge_id = g.id WHERE s.trace_id = $1`,
        [TRACE],
      ),
    ).toEqual([{ class: 'workload' }])
  })

  it('pods of the inventory name callers and callees by their addresses, at the time of the call', async () => {
    await query(
      `INSERT INTO pod_ip_lease (cluster, ip, namespace, pod, uid, workload, host_network, valid_from, valid_to) VALUES
         ('c', '10.244.1.5', 'shop', 'old-1', 'u1', 'old', false, to_timestamp($1::float8 / 1000) - interval '1 day', to_timestamp($1::float8 / 1000) - interval '1 hour'),
         ('c', '10.244.1.5', 'shop', 'batch-1', 'u2', 'batch', false, to_timestamp($1::float8 / 1000) - interval '1 hour', NULL),
         ('c', '10.0.0.2', 'kube-system', 'proxy-1', 'u3', 'kube-proxy', true, to_timestamp($1::float8 / 1000) - interval '1 day', NULL)`,
      [NOW],
    )
    const by = (address: string, at: Given = {}) => ({
      attributes: { 'server.port': 80, 'client.address': address },
      ...at,
    })
    await send([
      part('a', 'r1', SERVER, undefined, by('10.244.1.5')),
      part('b', 'r2', SERVER, undefined, by('10.244.1.5', { atMs: NOW - 2 * HOUR_MS })),
      part('c', 'r3', SERVER, undefined, by('10.0.0.2')),
      part('d', 'r4', CLIENT, undefined, {
        attributes: { ...http('batch-svc', 80), 'network.peer.address': '10.244.1.5' },
      }),
      part('e', 'r5', CLIENT, undefined, {
        attributes: { ...http('api.openai.com', 443), 'network.peer.address': '10.244.1.5' },
      }),
    ])
    await settle()
    expect(await drawn()).toEqual([
      'batch → a:80 1/0',
      'cluster nodes → c:80 1/0',
      'd → batch:80 1/0',
      'e → OpenAI · api.openai.com:443 1/0',
      'old → b:80 1/0',
    ])
  })
})

describe('the worker', () => {
  it('settles every dataset, and deletes the links of dropped spans after a day, not before', async () => {
    const body = encodeTracesProtobuf([
      {
        resource: { 'service.name': 'a' },
        scope: { name: 'test' },
        spans: [part('a', 'root', SERVER).span, part('a', 'step', INTERNAL, 'root').span],
      },
    ])
    for (const dataset of ['', 'import']) {
      const decoded = decodeOtlpTraces(body, 'protobuf')
      await ingestSpans({ dataset, defaultCluster: 'c', retentionMs: DAY_MS, nowMs: NOW, settleMs: SETTLE_MS, decoded })
    }
    const links = async () => (await query<{ n: number }>('SELECT count(*)::int AS n FROM span_bridge'))[0]?.n
    await query('UPDATE span_bridge SET received_at = to_timestamp($1::float8 / 1000)', [NOW])
    expect(await settle(NOW + DAY_MS)).toBe(2)
    expect(await links()).toBe(2)
    expect(await settle(NOW + DAY_MS + 1)).toBe(0)
    expect(await links()).toBe(0)
  })

  it('a longer window that was set meanwhile is waited out', async () => {
    await send([part('a', 'root', SERVER)])
    const longer = 10 * SETTLE_MS
    await settleSpans(NOW + 2 * SETTLE_MS, longer)
    expect(await drawn()).toEqual([])
    await settleSpans(NOW + 2 * longer, longer)
    expect(await drawn()).toEqual(['external users → a:0 1/0'])
  })
})

describe('one call, whatever is written about it', () => {
  it('either side’s error fails the call, and each side’s own word stays', async () => {
    await send([
      part('a', 'call', CLIENT, undefined, { attributes: http('b', 80) }),
      part('b', 'answer', SERVER, 'call', { hasFailed: true }),
    ])
    expect(await drawn()).toEqual(['a → b:80 1/1'])
    expect(await query('SELECT is_error, has_failed FROM span ORDER BY span_id')).toEqual([
      { is_error: true, has_failed: true },
      { is_error: false, has_failed: true },
    ])
  })

  it('of failed calls both sides’ spans are listed, and none of a call that went well', async () => {
    await send([
      part('a', 'call', CLIENT, undefined, { attributes: http('b', 80) }),
      part('b', 'answer', SERVER, 'call', { hasFailed: true }),
      part('a', 'well', CLIENT, undefined, { attributes: http('b', 80), traceId: 'b'.repeat(32) }),
    ])
    const request = requestOf({ fromMs: NOW - HOUR_MS, toMs: NOW })
    const named = async (isOnlyFailed: boolean) =>
      (await listViewSpans(request, NOW, isOnlyFailed)).spans.map(
        ({ span, hasFailed }) => `${span.name} ${span.isError} ${hasFailed}`,
      )
    expect((await named(true)).sort()).toEqual(['answer true true', 'call false true'])
    expect((await named(false)).sort()).toEqual(['answer true true', 'call false true', 'well false false'])
  })

  it('a model server that is traced does not repeat the tokens of its caller, and says them where its caller does not', async () => {
    const tokens = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'llama', 'gen_ai.usage.input_tokens': 7 }
    const bodies = (caller: EncodableAttributes, traceId: string) => [
      part('bot', 'chat', CLIENT, undefined, { traceId, attributes: { ...http('vllm', 8000), ...caller } }),
      part('vllm', 'served', SERVER, 'chat', { traceId, attributes: tokens }),
    ]
    await send(bodies(tokens, TRACE))
    expect(await drawn()).toEqual(['bot → vllm:8000 1/0; 1 model calls, 7 in, 0 out'])
    await send(bodies({}, 'b'.repeat(32)))
    expect(await drawn()).toEqual(['bot → vllm:8000 2/0; 2 model calls, 14 in, 0 out'])
  })

  it('several spans of one service for one received call, and a proxy’s second attempt, are one call', async () => {
    await send([
      part('a', 'call', CLIENT, undefined, { attributes: http('b', 80) }),
      part('b', 'first', SERVER, 'call', { attributes: { 'server.port': 81 } }),
      part('b', 'second', SERVER, 'call', { attributes: { 'server.port': 82 } }),
      part('c', 'mirror', SERVER, 'call'),
    ])
    await settle()
    expect(await drawn()).toEqual(['a → b:80 1/0', 'a → c:80 1/0'])
  })

  const fillers = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      part('a', `x${from + index}`.padEnd(8, 'x'), CLIENT, undefined, { attributes: http('other.example', 443) }),
    )

  it('a trace of thousands of spans is still paired where its halves meet', async () => {
    await send(fillers(0, 1500))
    await send([part('b', '~answer', SERVER, '~call', { attributes: { 'server.port': 80 } })])
    await send([part('a', '~call', CLIENT, undefined, { attributes: http('lb.example', 80) })])
    await settle()
    expect(await drawn()).toEqual(['a → b:80 1/0', 'a → other.example:443 1500/0'])
  })

  it('and what was known of it is not forgotten where only a part of it is read again', async () => {
    const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'openai', 'gen_ai.usage.input_tokens': 5 }
    await send([
      ...fillers(0, 1500),
      part('a', '!chat', INTERNAL, undefined, { attributes: chat }),
      part('a', '~post', CLIENT, '!chat', { attributes: http('api.openai.com', 443) }),
    ])
    const before = await drawn()
    expect(before).toContain('a → OpenAI · api.openai.com:443 1/0; 1 model calls, 5 in, 0 out')
    await send(fillers(1500, 1))
    await settle()
    expect(await drawn()).toEqual(before.map((edge) => edge.replace('1500/0', '1501/0')))
  })
})
