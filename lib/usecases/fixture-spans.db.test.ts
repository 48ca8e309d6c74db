import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { DAY_MS } from '@/lib/model/units'
import { decodeOtlpTraces } from '@/lib/sources/otlp/decode'
import { type EncodableResourceSpans, encodeTracesJson } from '@/lib/sources/otlp/encode'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestSpans } from './ingest-spans'
import { queryGraph } from './query-graph'
import { settleSpans } from './settle-spans'

const fixtures = path.resolve(import.meta.dirname, '../sources/otlp/__fixtures__')

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
  await query('TRUNCATE span, span_bridge, edge, endpoint, endpoint_fact')
})

/** The fixtures are written in the encoder's own shape; a wrong one fails in the encoder. */
const read = (name: string): readonly EncodableResourceSpans[] =>
  JSON.parse(readFileSync(path.join(fixtures, name), 'utf8'), (key, value) =>
    typeof value === 'string' && /^(start|end|at)Ns$/.test(key) ? BigInt(value) : value,
  )

/** Edges with calls/failed and model calls, sorted; each span in a body of its own, the last first. */
async function draw(name: string): Promise<string[]> {
  const bodies = read(name).flatMap((resource) => resource.spans.map((span) => [{ ...resource, spans: [span] }]))
  const decoded = bodies.toReversed().map((body) => decodeOtlpTraces(encodeTracesJson(body), 'json'))
  const nowMs = Math.ceil(Math.max(...decoded.flatMap(({ spans }) => spans.map((span) => span.endMs)))) + 1
  const common = { dataset: '', defaultCluster: 'c', retentionMs: DAY_MS, nowMs, settleMs: 1000 }
  for (const one of decoded) await ingestSpans({ ...common, decoded: one })
  await settleSpans(nowMs + 2000, 1000)
  const window = { fromMs: nowMs - DAY_MS, toMs: nowMs + 1, windowMs: 0 }
  const graph = await queryGraph({ dataset: '', ...window, namespaces: [], scope: 'all', states: [] }, nowMs)
  const label = new Map(graph.nodes.map((node) => [node.id, node.label]))
  return graph.edges
    .map(({ client, server, serverPort, counters, ai }) => {
      const facts = ai
        ? `; ${ai.calls} model calls, ${ai.errors} failed, ${ai.inputTokens} in, ${ai.outputTokens} out`
        : ''
      return `${label.get(client)} → ${label.get(server)}:${serverPort} ${counters.spans}/${counters.spanErrors}${facts}`
    })
    .sort()
}

// A person read these against the fixtures: calls once, tokens once, each at the host that was called.
it.each<[string, readonly string[]]>([
  [
    'aws-sdk-bedrock.json', // no host on the GenAI span: its request says it, not the one for credentials
    [
      'ai / ticket-worker → AWS Bedrock · bedrock-runtime.us-east-1.amazonaws.com:443 1/0; 1 model calls, 0 failed, 18 in, 6 out',
      'ai / ticket-worker → sts.us-east-1.amazonaws.com:443 1/0',
    ],
  ],
  [
    'litellm-proxy.json', // the gateway's call is another call than its client's
    [
      'agents / support-agent → ai / litellm:4000 1/0; 1 model calls, 0 failed, 50 in, 20 out',
      'ai / litellm → Azure OpenAI · contoso.openai.azure.com:443 1/0; 1 model calls, 0 failed, 50 in, 20 out',
      'ai / litellm → ai / litellm-db:5432 1/0',
    ],
  ],
  [
    'openinference.json', // chains and agents repeat the tokens of their calls; the embedding has no request
    [
      'research / notebook → Anthropic · api.anthropic.com:443 1/1; 1 model calls, 1 failed, 125 in, 14 out',
      'research / notebook → OpenAI · api.openai.com:443 1/0; 1 model calls, 0 failed, 40 in, 12 out',
      'research / notebook → openai (host not told):0 1/0; 1 model calls, 0 failed, 0 in, 0 out',
    ],
  ],
  [
    'openllmetry.json', // a failed call has only its HTTP span, whose parent never comes
    [
      'agents / planner → Anthropic · api.anthropic.com:443 1/0; 1 model calls, 0 failed, 5 in, 14 out',
      'agents / planner → OpenAI · api.openai.com:443 1/1',
      'agents / planner → ai / gateway:4000 1/0; 1 model calls, 0 failed, 31 in, 12 out',
    ],
  ],
  [
    'otel-js-openai.json', // two attempts of one model call
    ['agents / support-agent → OpenAI · api.openai.com:443 3/2; 2 model calls, 1 failed, 31 in, 12 out'],
  ],
  [
    'otel-python-genai.json', // one call has neither host nor request
    [
      'agents / rag-worker → AWS Bedrock · bedrock-runtime.eu-central-1.amazonaws.com:443 1/0; 1 model calls, 0 failed, 22 in, 7 out',
      'agents / rag-worker → OpenAI · api.openai.com:443 1/1; 1 model calls, 1 failed, 0 in, 0 out',
      'agents / rag-worker → openai (host not told):0 1/0; 1 model calls, 0 failed, 40 in, 9 out',
    ],
  ],
  [
    'vercel-ai-sdk.json', // the outer span repeats the tokens of the inner one
    ['web / chat-ui → OpenAI · api.openai.com:443 1/0; 1 model calls, 0 failed, 31 in, 12 out'],
  ],
])(
  '%s, each span in a body of its own and the last first: one edge per host, calls and tokens once',
  async (name, edges) => {
    expect(await draw(name)).toEqual(edges)
  },
)
