import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS } from '@/lib/model/units'
import { decodeOtlpTraces, type OtlpDecoded } from '@/lib/sources/otlp/decode'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestSpans } from './ingest-spans'
import { queryGraph } from './query-graph'
import { settleSpans } from './settle-spans'

const captured = path.resolve(import.meta.dirname, '../../../shared/corpus/otlp/captured')
const isThere = existsSync(captured)
const SETTLE_MS = 120_000

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
  await query('TRUNCATE span, span_bridge, edge, endpoint, endpoint_fact, source_minute')
})

function decode(file: string) {
  return decodeOtlpTraces(readFileSync(path.join(captured, file)), file.endsWith('.json') ? 'json' : 'protobuf')
}

/** Sends recorded bodies as if they had come right after they were recorded, waits out the settle window, and draws. */
const draw = (files: readonly string[]): Promise<string[]> => drawBodies(files.map(decode))

async function drawBodies(bodies: readonly OtlpDecoded[]): Promise<string[]> {
  const nowMs = Math.ceil(Math.max(...bodies.flatMap(({ spans }) => spans.map((span) => span.endMs)))) + 1000
  const common = { dataset: '', defaultCluster: 'default', retentionMs: DAY_MS, settleMs: SETTLE_MS }
  for (const decoded of bodies) await ingestSpans({ ...common, decoded, nowMs })
  await settleSpans(nowMs + 2 * SETTLE_MS, SETTLE_MS)
  const graph = await queryGraph(
    { dataset: '', fromMs: nowMs - DAY_MS, toMs: nowMs + 1, windowMs: 0, namespaces: [], scope: 'all', states: [] },
    nowMs,
  )
  const label = new Map(graph.nodes.map((node) => [node.id, node.label]))
  return graph.edges
    .map(({ client, server, serverPort, counters, ai }) => {
      const facts = ai ? `; ${ai.calls} model calls, ${ai.inputTokens} in, ${ai.outputTokens} out` : ''
      return `${label.get(client)} → ${label.get(server)}:${serverPort} ${counters.spans}/${counters.spanErrors}${facts}`
    })
    .sort()
}

const PARTS = ['frontend', 'support-agent', 'inventory']
const shop = (folder: string, name: string, form: string, parts = PARTS) =>
  parts.map((part) => `${folder}/${name}.${part}.${form}`)

/** PROVENANCE.md: user→frontend 3/0, frontend→agent 3/0, agent→inventory 6/3, agent→PostgreSQL 3 queries, agent→LLM 18/3. */
const TRUTH = [
  'external users → shop / frontend:14700 3/0',
  'shop / frontend → shop / support-agent:14600 3/0',
  'shop / support-agent → PostgreSQL shop:14432 3/0',
  'shop / support-agent → localhost of support-agent:14400 18/3; 18 model calls, 426 in, 135 out',
  'shop / support-agent → shop / inventory:14501 6/3',
]

describe.skipIf(!isThere)('recorded traces, in the database', () => {
  it.each(['pb', 'json', 'grpc.pb'])(
    'the shop of the OTel SDK has its documented edges, calls and tokens (%s)',
    async (form) => {
      expect(await draw(shop('js-otel-2.12-shop', 'otel', form))).toEqual(TRUTH)
    },
  )

  it.each([
    [['inventory', 'support-agent', 'frontend']],
    [['support-agent', 'frontend', 'inventory']],
    [['inventory', 'frontend', 'support-agent', 'frontend', 'inventory']],
  ])('in whatever order its parts come, and again: %s', async (parts) => {
    expect(await draw(shop('js-otel-2.12-shop', 'otel', 'pb', parts))).toEqual(TRUTH)
  })

  it('15 of the 18 model calls have tokens; a connection that is opened is drawn and is no query', async () => {
    await draw(shop('js-otel-2.12-shop', 'otel', 'json'))
    const [counts] = await query(
      `SELECT (count(*) FILTER (WHERE counts_ai_call AND input_tokens IS NOT NULL))::int AS "withTokens",
         (count(*) FILTER (WHERE span->>'name' = 'pg.connect' AND edge_id IS NOT NULL))::int AS connects,
         (count(*) FILTER (WHERE settle_at IS NOT NULL))::int AS waiting FROM span`,
    )
    expect(counts).toEqual({ withTokens: 15, connects: 1, waiting: 0 })
  })

  it.each(['pb', 'json', 'grpc.pb'])(
    'the shop with OpenInference has the same edges, its facts at the HTTP calls (%s)',
    async (form) => {
      expect(await draw(shop('js-openinference-4.2-shop', 'openinference', form))).toMatchInlineSnapshot(`
        [
          "external users → shop / frontend:14700 3/0",
          "shop / frontend → shop / support-agent:14600 3/0",
          "shop / support-agent → PostgreSQL shop:14432 3/0",
          "shop / support-agent → localhost of support-agent:14400 18/3; 15 model calls, 306 in, 99 out",
          "shop / support-agent → shop / inventory:14501 6/3",
        ]
      `)
    },
  )

  // Its failed calls and embeddings have only an HTTP span, whose parent was never sent.
  it.skipIf(!existsSync(path.join(captured, 'js-traceloop-0.27-shop')))(
    'the shop with OpenLLMetry has the same edges',
    async () => {
      const drawn = await draw(shop('js-traceloop-0.27-shop', 'traceloop', 'pb'))
      expect(drawn.map(withoutFacts)).toEqual(TRUTH.map(withoutFacts))
    },
  )

  it('each provider stands on its own edge by its host, whatever the span calls it', async () => {
    const all = ['otel', 'openinference', 'aws', 'traceloop'].map(
      (name) => `js-providers-by-hostname/providers.${name}.json`,
    )
    expect(await draw(all)).toMatchInlineSnapshot(`
      [
        "ai / ticket-worker → AWS Bedrock · bedrock-runtime.us-east-1.amazonaws.com:443 8/0; 4 model calls, 58 in, 19 out",
        "ai / ticket-worker → Anthropic · api.anthropic.com:443 8/0; 4 model calls, 260 in, 56 out",
        "ai / ticket-worker → Groq · api.groq.com:443 4/0; 3 model calls, 93 in, 36 out",
        "ai / ticket-worker → Mistral AI · api.mistral.ai:443 4/0",
        "ai / ticket-worker → OpenAI · api.openai.com:443 16/4; 10 model calls, 213 in, 63 out",
      ]
    `)
  })

  it('old names are read as new ones', async () => {
    expect(await draw(['js-legacy-otel0.53-traceloop0.12/legacy0.pb'])).toMatchInlineSnapshot(`
      [
        "legacy / legacy-bot → Anthropic · api.anthropic.com:443 1/0; 1 model calls, 5 in, 14 out",
        "legacy / legacy-bot → OpenAI · api.openai.com:443 3/1; 2 model calls, 31 in, 12 out",
        "legacy / legacy-bot → PostgreSQL shop:14432 1/0",
        "legacy / legacy-bot → legacy / legacy-bot:14801 1/0",
      ]
    `)
  })

  it('Istio’s proxies are the workloads that they stand before, and their routes name the callees', async () => {
    const file = path.join(captured, '../upstream/kiali+kiali/tracing_tracingtest_responseTrace.json')
    const { batches }: { batches?: unknown } = JSON.parse(readFileSync(file, 'utf8'))
    const body = new TextEncoder().encode(JSON.stringify({ resourceSpans: batches }))
    expect(await drawBodies([decodeOtlpTraces(body, 'json')])).toMatchInlineSnapshot(`
      [
        "bookinfo / productpage → bookinfo / details:9080 1/0",
        "bookinfo / productpage → bookinfo / reviews:9080 1/0",
        "bookinfo / reviews → bookinfo / ratings:9080 1/0",
        "istio-system / istio-ingressgateway → bookinfo / productpage:9080 1/0",
      ]
    `)
  })

  it.skipIf(!existsSync(path.join(captured, 'js-vercel-ai-sdk-5.0')))(
    'the Vercel AI SDK says its tokens twice and they count once',
    async () => {
      const drawn = await draw(['js-vercel-ai-sdk-5.0/vercel-ai-sdk.pb'])
      const [sums] = await query<{ inner: number; all: number }>(
        `SELECT coalesce(sum(input_tokens), 0)::int AS all,
         coalesce(sum((span->'ai'->>'inputTokens')::int) FILTER (WHERE span->'attributes'->>'ai.operationId' ~ '\\.do[A-Z]'), 0)::int AS inner FROM span`,
      )
      expect(sums?.all).toBe(sums?.inner)
      expect(drawn.join()).not.toMatch(/unknown/)
    },
  )

  it.skipIf(!existsSync(path.join(captured, 'py-genai-sdk1.45')))(
    'Python instrumentations are read and nothing is named unknown',
    async () => {
      const files = ['otel', 'openllmetry', 'openinference'].map((name) => `py-genai-sdk1.45/py.${name}.pb`)
      expect((await draw(files)).join()).not.toMatch(/unknown/)
    },
  )
})

const withoutFacts = (edge: string): string => edge.replace(/;.*/, '')
