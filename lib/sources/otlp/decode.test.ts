import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAppError } from '@/lib/errors'
import { expectGolden } from '@/lib/sources/golden'
import { decodeOtlpTraces, type OtlpDecoded } from './decode'
import { type EncodableResourceSpans, type EncodableSpan, encodeTracesJson, encodeTracesProtobuf } from './encode'
import { linkCalls } from './link-calls'
import { spanKey } from './trace-nodes'

const here = import.meta.dirname
const fixtures = readdirSync(path.join(here, '__fixtures__')).filter((name) => name.endsWith('.json'))

describe('the dialects of the field, decoded', () => {
  it.each(fixtures)('%s: golden, the same from JSON and protobuf', async (name) => {
    const resourceSpans = readFixture(name)
    const decoded = decodeOtlpTraces(encodeTracesJson(resourceSpans), 'json')
    expect(decodeOtlpTraces(encodeTracesProtobuf(resourceSpans), 'protobuf')).toEqual(decoded)
    expect(decoded.total).toBe(decoded.spans.length + decoded.rejected + sum(decoded.ignored))
    await expectGolden(path.join(here, '__golden__', name), { ...decoded, links: linksOf(decoded) })
  })

  it.each(fixtures)('%s: no prompt, answer, header, query, password or argument comes out', (name) => {
    const resourceSpans = readFixture(name)
    expect(readFileSync(path.join(here, '__fixtures__', name), 'utf8')).toContain('MARKER')
    const decoded = decodeOtlpTraces(encodeTracesProtobuf(resourceSpans), 'protobuf')
    expect(JSON.stringify({ ...decoded, links: linksOf(decoded) })).not.toContain('MARKER')
  })
})

const GOOD: EncodableSpan = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'POST',
  kind: 3,
  startNs: 1_769_904_000_000_000_001n,
  endNs: 1_769_904_000_500_001_999n,
  attributes: { 'server.address': 'api.openai.com', 'server.port': 443 },
}
const request = (...spans: Partial<EncodableSpan>[]): EncodableResourceSpans[] => [
  { resource: { 'service.name': 'x' }, scope: { name: 's' }, spans: spans.map((span) => ({ ...GOOD, ...span })) },
]
const decode = (...spans: Partial<EncodableSpan>[]): OtlpDecoded =>
  decodeOtlpTraces(encodeTracesProtobuf(request(...spans)), 'protobuf')

describe('decodeOtlpTraces', () => {
  it('one bad span is refused with its place and reason, and its neighbours are kept', () => {
    const decoded = decode(
      {},
      { traceId: '00'.repeat(16) },
      { traceId: '5b8e' },
      { spanId: '0000000000000000' },
      { spanId: 'ee' },
      { traceId: '', spanId: '' },
      { startNs: 0n },
      { endNs: 0n },
      { endNs: GOOD.startNs - 1n },
      { spanId: 'eee19b7ec3c1b175' },
    )
    expect(decoded.spans).toHaveLength(2)
    expect(decoded.rejects.map(({ line, reason, detail }) => [line, reason, detail])).toEqual([
      [2, 'bad_id', 'the trace id is all zero'],
      [3, 'bad_id', 'the trace id is not 16 bytes (32 hex digits)'],
      [4, 'bad_id', 'the span id is all zero'],
      [5, 'bad_id', 'the span id is not 8 bytes (16 hex digits)'],
      [6, 'bad_id', 'the span has no ids: is this OTLP logs or metrics, sent to the traces path?'],
      [7, 'missing_time', 'the span has no start time'],
      [8, 'missing_time', 'the span has no end time'],
      [9, 'bad_value', 'the span ends before it starts'],
    ])
    expect(decoded).toMatchObject({ total: 10, rejected: 8 })
    expect(decoded.rejectedByReason).toEqual({ bad_id: 5, missing_time: 2, bad_value: 1 })
  })

  it('keeps the first refused spans and counts the rest', () => {
    const spans = Array.from({ length: 250 }, () => ({ traceId: '00' }))
    const decoded = decodeOtlpTraces(encodeTracesJson(request(...spans)), 'json', { maxRejects: 7 })
    expect(decoded.rejects).toHaveLength(7)
    expect(decoded).toMatchObject({ rejected: 250, rejectedByReason: { bad_id: 250 } })
  })

  it('a body of more spans than allowed is refused as a whole', () => {
    let error: unknown
    try {
      decodeOtlpTraces(encodeTracesProtobuf(request({}, {}, {})), 'protobuf', { maxSpans: 2 })
    } catch (thrown) {
      error = thrown
    }
    expect(isAppError(error) && error.code).toBe('too_large')
    expect(isAppError(error) && error.hint).toMatch(/batch size/)
  })

  it('times keep their microseconds and the duration its nanoseconds', () => {
    const [span] = decode({ startNs: 1_769_904_000_123_456_789n, endNs: 1_769_904_000_123_457_790n }).spans
    expect(span).toMatchObject({ startMs: 1_769_904_000_123.456, endMs: 1_769_904_000_123.457, durationNs: 1001 })
  })

  it('a step inside a service is not kept, and still bridges its children; calls made and received are, without a name too', () => {
    const decoded = decode(
      { kind: 2, parentSpanId: '1111111111111111' },
      { kind: 1, parentSpanId: '1111111111111111', attributes: { 'code.function': 'f' } },
      { kind: 1, attributes: {} },
      { kind: 3, attributes: {} },
    )
    expect(decoded.spans.map((span) => [span.kind, span.peer, span.entry])).toEqual([
      ['server', undefined, { port: 443 }],
      ['client', undefined, undefined],
    ])
    expect(decoded.ignored).toEqual({ internal_span: 2 })
    const root = {
      traceId: GOOD.traceId,
      spanId: GOOD.spanId,
      kind: 'internal',
      emitter: '\n\nx',
      workload: { class: 'workload', namespace: '', name: 'x' },
    }
    expect(decoded.bridges).toEqual([{ ...root, parentSpanId: '1111111111111111' }, root])
  })

  it('an error is the status, an error type, or an HTTP status of a client from 400', () => {
    const errors = decode(
      {},
      { status: { code: 2 } },
      { status: { code: 1 } },
      { attributes: { ...GOOD.attributes, 'error.type': 'timeout' } },
      { attributes: { ...GOOD.attributes, 'http.status_code': 429 } },
    ).spans.map((span) => [span.isError, span.errorType, span.httpStatus])
    expect(errors).toEqual([
      [false, undefined, undefined],
      [true, undefined, undefined],
      [false, undefined, undefined],
      [true, 'timeout', undefined],
      [true, undefined, 429],
    ])
  })

  it('names, values and keys are bounded and free of what a database refuses', () => {
    const [span] = decode({
      name: `\u0000${'n'.repeat(5000)}`,
      attributes: {
        'server.address': 'api.openai.com',
        'gen_ai.agent.name': `a\u0000b${'v'.repeat(9000)}`,
        'user_agent.original': 'ok \ud800 lone',
        __proto__: 'x',
        constructor: 'x',
        ...Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`my.key.${index}`, 'x'])),
      },
    }).spans
    expect(span?.name.length).toBeLessThanOrEqual(256)
    expect(Object.keys(span?.attributes ?? {}).sort()).toEqual([
      'gen_ai.agent.name',
      'server.address',
      'user_agent.original',
    ])
    expect(String(span?.attributes['gen_ai.agent.name']).length).toBeLessThanOrEqual(512)
    expect(JSON.stringify(span)).not.toMatch(/\\u0000|\\ud8/)
  })

  it('a span name loses the query string and credentials of a URL', () => {
    const names = decode(
      { name: 'GET https://u:secret@api.example.com/v1/x?key=secret#secret' },
      { name: 'GET /search?q=secret' },
      { name: 'what? chat gpt-4o' },
    ).spans.map((span) => span.name)
    expect(names).toEqual(['GET https://api.example.com/v1/x', 'GET /search', 'what? chat gpt-4o'])
  })

  it('a parent id that is none makes a root and is told', () => {
    const decoded = decode({ parentSpanId: 'eee1' }, { parentSpanId: '0000000000000000' })
    expect(decoded.spans.map((span) => span.parentSpanId)).toEqual([undefined, undefined])
    expect(decoded.problems).toEqual(['1 ×: parent ids are not 8 bytes; these spans are treated as roots.'])
  })

  it('an empty request is no error', () => {
    expect(decodeOtlpTraces(new Uint8Array(), 'protobuf').total).toBe(0)
    expect(decodeOtlpTraces(new TextEncoder().encode('{}'), 'json').total).toBe(0)
  })

  it('one batch of 8 192 spans with long prompts decodes without reading them', () => {
    const prompt = 'p'.repeat(2_000)
    const spans = Array.from({ length: 8_192 }, (_, index) => ({
      spanId: (index + 1).toString(16).padStart(16, '0'),
      attributes: { ...GOOD.attributes, 'gen_ai.input.messages': prompt },
    }))
    const decoded = decode(...spans)
    expect(decoded.spans).toHaveLength(8_192)
    expect(decoded.problems[0]).toMatch(/^8192 ×: attributes carry prompts/)
  })
})

function readFixture(name: string): EncodableResourceSpans[] {
  const parsed: unknown = JSON.parse(readFileSync(path.join(here, '__fixtures__', name), 'utf8'), (key, value) =>
    typeof value === 'string' && /^(start|end|at)Ns$/.test(key) ? BigInt(value) : value,
  )
  return asResourceSpans(parsed)
}

/** The fixtures are written in the encoder's own shape; a wrong one fails in the encoder. */
const asResourceSpans = (value: unknown): EncodableResourceSpans[] => value as EncodableResourceSpans[]

/** The links in words: which span draws on which host, and what it counts. */
function linksOf(decoded: OtlpDecoded): string[] {
  const links = linkCalls(decoded.spans, decoded.bridges)
  const byKey = new Map(decoded.spans.map((span) => [spanKey(span), span]))
  return decoded.spans.map((span) => {
    const link = links.get(spanKey(span))
    const edge = link?.edgeSpan === undefined ? undefined : byKey.get(link.edgeSpan)
    const counts = [link?.countsCall && 'call', link?.countsAiCall && 'ai call', link?.countsTokens && 'tokens']
    return `${span.serviceName}: ${span.name} → ${edge?.peer?.name ?? 'no edge'}; counts ${counts.filter(Boolean).join(', ') || 'nothing'}; carries ${link?.carriesFactsOf.length}`
  })
}

const sum = (counts: object): number => Object.values(counts).reduce((total, count) => total + Number(count), 0)
