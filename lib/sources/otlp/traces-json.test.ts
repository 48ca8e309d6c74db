import { describe, expect, it } from 'vitest'
import { isAppError } from '@/lib/errors'
import { decodeOtlpTraces, type OtlpDecoded } from './decode'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const decode = (request: unknown): OtlpDecoded => decodeOtlpTraces(bytes(JSON.stringify(request)), 'json')

const SPAN = {
  traceId: '5B8EFFF798038103D269B633813FC60C',
  spanId: 'EEE19B7EC3C1B174',
  parentSpanId: 'EEE19B7EC3C1B173',
  name: 'POST',
  kind: 3,
  startTimeUnixNano: '1769904000000000000',
  endTimeUnixNano: '1769904001000000000',
  attributes: [{ key: 'server.address', value: { stringValue: 'api.openai.com' } }],
}
const withSpan = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
const IDS = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  parentSpanId: 'eee19b7ec3c1b173',
}
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')
const base64OfText = (text: string): string => Buffer.from(text).toString('base64')

describe('OTLP/JSON', () => {
  it('ids are hex of any case, and lower case inside', () => {
    const { spans, problems } = decode(withSpan(SPAN))
    expect(spans[0]).toMatchObject(IDS)
    expect(problems).toEqual([])
  })

  it('base64 ids, and base64 of the hex text, are read and told', () => {
    const converted = {
      traceId: base64(IDS.traceId),
      spanId: base64(IDS.spanId),
      parentSpanId: base64(IDS.parentSpanId),
    }
    const twice = {
      traceId: base64OfText(IDS.traceId),
      spanId: base64OfText(IDS.spanId),
      parentSpanId: base64OfText(IDS.parentSpanId),
    }
    const { spans, problems } = decode(withSpan({ ...SPAN, ...converted }, { ...SPAN, ...twice }))
    expect(spans).toHaveLength(2)
    for (const span of spans) expect(span).toMatchObject(IDS)
    expect(problems).toEqual([
      expect.stringMatching(/^3 ×: ids are base64 where/),
      expect.stringMatching(/^3 ×: ids are base64 of their hex text/),
    ])
  })

  it('snake_case, enum names and attributes as an object are read and told', () => {
    const { spans, problems } = decode({
      resource_spans: [
        {
          resource: { attributes: { 'service.name': 'hand-made' } },
          scope_spans: [
            {
              spans: [
                {
                  trace_id: IDS.traceId,
                  span_id: IDS.spanId,
                  name: 'x',
                  kind: 'SPAN_KIND_CLIENT',
                  start_time_unix_nano: 1769904000000000000,
                  end_time_unix_nano: '1769904001000000000',
                  attributes: { 'server.address': { string_value: 'api.groq.com' }, 'server.port': 443 },
                  status: { code: 'STATUS_CODE_ERROR' },
                },
              ],
            },
          ],
        },
      ],
    })
    expect(spans[0]).toMatchObject({
      serviceName: 'hand-made',
      kind: 'client',
      isError: true,
      startMs: 1769904000000,
      peer: { name: 'api.groq.com', port: 443 },
    })
    expect(problems.join(' ')).toMatch(/snake_case.*attributes are an object.*times are JSON numbers.*enums are names/s)
  })

  it('64-bit integers come as text or number, doubles as words, and nonsense as nothing', () => {
    const attribute = (key: string, value: object) => ({ key, value })
    const { spans } = decode(
      withSpan({
        ...SPAN,
        attributes: [
          ...SPAN.attributes,
          attribute('server.port', { intValue: '443' }),
          attribute('gen_ai.usage.input_tokens', { intValue: 31 }),
          attribute('gen_ai.usage.output_tokens', { doubleValue: 'NaN' }),
          attribute('gen_ai.request.temperature', { doubleValue: 'Infinity' }),
          attribute('gen_ai.request.top_p', { intValue: 'many' }),
        ],
      }),
    )
    expect(spans[0]?.peer?.port).toBe(443)
    expect(spans[0]?.ai).toMatchObject({ inputTokens: 31 })
    expect(spans[0]?.ai?.outputTokens).toBeUndefined()
    expect(Object.keys(spans[0]?.attributes ?? {}).sort()).toEqual([
      'gen_ai.usage.input_tokens',
      'server.address',
      'server.port',
    ])
  })

  it('a span that is no object, has no time, or is a log record is refused alone', () => {
    const log = { timeUnixNano: '1', severityNumber: 9, body: { stringValue: 'x' } }
    const decoded = decode(
      withSpan('text', { ...SPAN, startTimeUnixNano: 'yesterday' }, { ...SPAN, endTimeUnixNano: -5 }, log, SPAN),
    )
    expect(decoded.rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [1, 'not_an_object'],
      [2, 'bad_value'],
      [3, 'bad_value'],
      [4, 'bad_id'],
    ])
    expect(decoded.spans).toHaveLength(1)
  })

  it('a kept value nested too deep flaws its span, and 100 000 levels do not overflow the stack', () => {
    const deep = (levels: number) =>
      `${'{"arrayValue":{"values":['.repeat(levels)}{"intValue":1}${']}}'.repeat(levels)}`
    const body = (levels: number) =>
      JSON.stringify(withSpan({ ...SPAN, attributes: 0 }, SPAN)).replace(
        '"attributes":0',
        `"attributes":[{"key":"error.type","value":${deep(levels)}}]`,
      )
    const decoded = decodeOtlpTraces(bytes(body(100_000)), 'json')
    expect(decoded.rejects.map(({ reason }) => reason)).toEqual(['nested_too_deep'])
    expect(decoded.spans).toHaveLength(1)
    expect(decodeOtlpTraces(bytes(body(20)), 'json').rejected).toBe(0)
  })

  it('keys of Object.prototype are ordinary keys', () => {
    const decoded = decodeOtlpTraces(
      bytes(
        '{"resourceSpans":[{"__proto__":{"scopeSpans":[]},"resource":{"attributes":{"__proto__":{"a":1},"constructor":"x"}},"scopeSpans":[{"spans":[]}]}]}',
      ),
      'json',
    )
    expect(decoded.total).toBe(0)
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false)
  })

  it.each([
    ['not json at all', 'The body is not JSON.'],
    ['{"resourceSpans":[', 'The body is not JSON.'],
    ['[]', 'The body is JSON, but not an OTLP request.'],
    ['[{"traceId":"a","id":"b"}]', 'The body holds Zipkin spans, not OTLP.'],
    ['{"batches":[]}', 'The body is the trace of a Tempo query, not OTLP.'],
    ['{"traces":[]}', 'The body is the search result of Tempo, not OTLP.'],
    ['{"data":[]}', 'The body is the answer of the Jaeger query API, not OTLP.'],
    ['{"resourceLogs":[]}', 'The body is OTLP logs, not traces.'],
    ['{"resource_metrics":[]}', 'The body is OTLP metrics, not traces.'],
    ['{"spans":[]}', 'The body is JSON without `resourceSpans`, so not OTLP traces.'],
  ])('%s is refused as a whole, with a hint', (body, message) => {
    const error = thrownBy(() => decodeOtlpTraces(bytes(body), 'json'))
    expect(isAppError(error) && [error.code, error.message]).toEqual(['bad_request', message])
    expect(isAppError(error) && error.hint).toMatch(/resourceSpans/)
  })

  it.each(['{}', '{"resourceSpans":[]}', '{"resourceSpans":null}', '\ufeff{"resourceSpans":[{}]}'])(
    '%s is an empty request',
    (body) => {
      expect(decodeOtlpTraces(bytes(body), 'json')).toMatchObject({ total: 0, rejected: 0 })
    },
  )
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
