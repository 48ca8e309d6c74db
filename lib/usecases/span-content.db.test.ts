import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeOtlpTraces } from '@/lib/sources/otlp/decode'
import { type EncodableAttributes, encodeTracesJson, encodeTracesProtobuf } from '@/lib/sources/otlp/encode'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ingestSpans } from './ingest-spans'
import { settleSpans } from './settle-spans'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const SECRET = 'Zx9kQ1mN7pR4'

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

/** A secret in every place that instrumentations are known to put content, credentials and addresses of people. */
const PLANTED: readonly (readonly [key: string, value: string | readonly string[]])[] = [
  ...[
    'gen_ai.prompt',
    'gen_ai.completion',
    'gen_ai.prompt.0.content',
    'gen_ai.completion.0.content',
    'gen_ai.completion.0.tool_calls.0.arguments',
    'gen_ai.input.messages',
    'gen_ai.output.messages',
    'gen_ai.system_instructions',
    'gen_ai.tool.definitions',
    'gen_ai.tool.call.arguments',
    'gen_ai.tool.call.result',
    'gen_ai.conversation.id',
    'traceloop.entity.input',
    'traceloop.entity.output',
    'traceloop.association.properties.user_id',
    'input.value',
    'output.value',
    'llm.input_messages.0.message.content',
    'llm.output_messages.0.message.content',
    'llm.prompts.0',
    'embedding.embeddings.0.embedding.text',
    'retrieval.documents.0.document.content',
    'document.content',
    'session.id',
    'user.id',
    'enduser.id',
    'ai.prompt',
    'ai.prompt.messages',
    'ai.response.text',
    'ai.response.object',
    'ai.response.toolCalls',
    'ai.toolCall.args',
    'ai.toolCall.result',
    'ai.value',
    'ai.embedding',
    'ai.telemetry.metadata.userId',
    'metadata.user_api_key_hash',
    'litellm.team_alias',
    'http.request.header.authorization',
    'http.request.header.x-api-key',
    'http.request.header.cookie',
    'http.response.header.set-cookie',
    'http.request.body',
    'url.query',
    'url.fragment',
    'db.statement',
    'db.query.text',
    'db.query.parameter.0',
    'db.user',
    'db.connection_string',
    'db.mongodb.query',
    'rpc.grpc.request.metadata.authorization',
    'messaging.kafka.message.key',
    'messaging.message.id',
    'mcp.request.argument.query',
    'process.command_args',
    'exception.message',
    'exception.stacktrace',
    'error.message',
    'constructor',
    '__proto__',
    'anything.else',
  ].map((key) => [key, `x ${SECRET}`] as const),
  ...[
    'url.full',
    'http.url',
    'gen_ai.openai.api_base',
    'gen_ai.endpoint',
    'server.address',
    'net.peer.name',
    'http.host',
    'peer.service',
    'service.peer.name',
  ].map((key) => [key, `https://user:${SECRET}@api.example.com/v1?key=${SECRET}#${SECRET}`] as const),
  ['url.path', `/v1/chat?key=${SECRET}`],
  ['http.target', `/v1/chat?key=${SECRET}#${SECRET}`],
  ['db.namespace', `postgres://u:${SECRET}@db.example.com/shop?password=${SECRET}`],
  ['db.name', `user:${SECRET}@shop`],
  ['db.system', `postgresql://u:${SECRET}@h`],
  ['messaging.destination.name', `amqp://u:${SECRET}@mq.example.com/orders?token=${SECRET}`],
  ['messaging.destination', `u:${SECRET}@orders`],
  ['messaging.system', 'rabbitmq'],
  ['upstream_cluster.name', `outbound|443||u:${SECRET}@api.example.com`],
  ['llm.invocation_parameters', `{"model":"gpt","api_key":"${SECRET}","messages":["${SECRET}"]}`],
]

const given = fc.record({
  planted: fc.subarray([...PLANTED], { minLength: 1 }),
  kind: fc.integer({ min: 0, max: 5 }),
  isAi: fc.boolean(),
  hasFailed: fc.boolean(),
  isJson: fc.boolean(),
})

const EVERYTHING = { planted: [...PLANTED], isAi: true, hasFailed: true, isJson: false }

function bodyOf({ planted, kind, isAi, hasFailed, isJson }: typeof given extends fc.Arbitrary<infer T> ? T : never) {
  const attributes: EncodableAttributes = {
    ...Object.fromEntries(planted),
    ...(isAi && { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'openai', 'gen_ai.usage.prompt_tokens': 3 }),
  }
  const hidden: EncodableAttributes = Object.fromEntries(planted)
  const request = [
    {
      resource: {
        'service.name': 'bot',
        'process.command_args': [SECRET],
        'process.command_line': SECRET,
        'host.id': SECRET,
      },
      scope: { name: 'test' },
      spans: [
        {
          traceId: 'a'.repeat(32),
          spanId: 'b'.repeat(16),
          name: `GET https://u:${SECRET}@api.example.com/v1?key=${SECRET}`,
          kind,
          startNs: BigInt(NOW - 2000) * 1_000_000n,
          endNs: BigInt(NOW - 1000) * 1_000_000n,
          attributes,
          events: [
            { name: 'gen_ai.user.message', atNs: BigInt(NOW) * 1_000_000n, attributes: hidden },
            { name: 'exception', atNs: BigInt(NOW) * 1_000_000n, attributes: hidden },
          ],
          links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), attributes: hidden }],
          status: { code: hasFailed ? 2 : 0, message: SECRET },
        },
      ],
    },
  ]
  return isJson ? encodeTracesJson(request) : encodeTracesProtobuf(request)
}

/** Every row that a span can leave behind, as text. */
async function stored(): Promise<string> {
  const tables = [
    'span',
    'span_bridge',
    'endpoint',
    'endpoint_fact',
    'edge',
    'pod_owner',
    'source_minute',
    'source_reject',
  ]
  const rows = await Promise.all(
    tables.map((table) => query<{ text: string }>(`SELECT row_to_json(t)::text AS text FROM ${table} t`)),
  )
  return rows
    .flat()
    .map((row) => row.text)
    .join('\n')
}

async function store(one: Parameters<typeof bodyOf>[0]): Promise<string> {
  await query('TRUNCATE span, span_bridge, endpoint, endpoint_fact, edge, source_minute')
  const decoded = decodeOtlpTraces(bodyOf(one), one.isJson ? 'json' : 'protobuf')
  await ingestSpans({ dataset: '', defaultCluster: 'c', retentionMs: 3_600_000, nowMs: NOW, settleMs: 0, decoded })
  await settleSpans(NOW + 1, 0)
  return stored()
}

describe('what of a span is stored', () => {
  it('no prompt, answer, header, query string, credential, statement or person, wherever it stands in a span', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (one) => {
        const text = await store(one)
        expect(text).toMatch(/"trace_id":"a{32}"/)
        expect(text).not.toContain(SECRET)
      }),
      { numRuns: 40, examples: [0, 1, 2, 3, 4, 5].map((kind) => [{ ...EVERYTHING, kind }]) },
    )
  })

  it('while what may be shown is', async () => {
    const planted = [['url.full', `https://api.example.com/v1/chat?key=${SECRET}`] as const]
    expect(await store({ planted, kind: 3, isAi: true, hasFailed: false, isJson: true })).toContain(
      'https://api.example.com/v1/chat"',
    )
  })
})
