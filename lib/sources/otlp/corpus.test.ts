import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isAppError } from '@/lib/errors'
import type { Span } from '@/lib/model/span'
import { decodeOtlpTraces, type OtlpDecoded } from './decode'
import { linkCalls } from './link-calls'
import { resolveBodyEncoding } from './sniff'
import { spanKey } from './trace-nodes'

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/otlp')
const isThere = existsSync(corpus)

const filesBelow = (folder: string): string[] =>
  isThere
    ? readdirSync(path.join(corpus, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(json|pb|gz)$/.test(name) && !name.endsWith('.headers.json'))
        .map((name) => path.join(folder, name))
        .sort()
    : []

const captured = filesBelow('captured')
const upstream = filesBelow('upstream')

function bodyOf(name: string): Uint8Array {
  const bytes = readFileSync(path.join(corpus, name))
  return Uint8Array.from(name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
}

/** Decoded as the receiver would, with the content type left out: the first byte has to tell. */
function decode(name: string): OtlpDecoded {
  const body = bodyOf(name)
  return decodeOtlpTraces(body, resolveBodyEncoding(undefined, body).encoding)
}

const byKey = (spans: readonly Span[]): Span[] => spans.toSorted((a, b) => spanKey(a).localeCompare(spanKey(b)))

/** What the workers of the captures asked and were answered, and what their resources say of the process. */
const CONTENT = [
  'Order 1001',
  'ships today',
  'Stock is 7',
  'Refund approved',
  'Rate limit reached',
  'org-mock',
  'hello',
  'command_args',
  'otlp-capture',
  'SELECT id',
  '"content"',
  '__REDACTED__',
]

describe.skipIf(!isThere)('recorded OTLP', () => {
  it.each(captured)('%s: every span is accepted or has a reason, and none is refused', (name) => {
    const decoded = decode(name)
    const ignored = Object.values(decoded.ignored).reduce((sum, count) => sum + count, 0)
    expect(decoded.total).toBeGreaterThan(0)
    expect(decoded.spans.length + decoded.rejected + ignored).toBe(decoded.total)
    expect(decoded.rejects).toEqual([])
  })

  it.each(captured.filter((name) => !name.endsWith('.json')))('%s: the same spans as from JSON', (name) => {
    const json = name.replace(/(\.grpc)?\.pb(\.gz)?$/, '.json').replace(/\.gz$/, '')
    expect(byKey(decode(name).spans)).toEqual(byKey(decode(json).spans))
  })

  it.each(captured)('%s: no content comes out', (name) => {
    const decoded = decode(name)
    const text = JSON.stringify(decoded)
    for (const content of CONTENT) expect(text).not.toContain(content)
    for (const span of decoded.spans) expect(span.peer?.name ?? '').not.toMatch(/[/?@]|^unknown$/)
  })

  it('the content that must not come out is in the recordings', () => {
    const all = captured.map((name) => Buffer.from(bodyOf(name)).toString('latin1')).join('')
    for (const content of CONTENT) expect(all).toContain(content)
  })

  it('the shop of the OTel SDK adds up to its ground truth', () => {
    const decoded = decode('captured/js-otel-2.12-shop/otel.support-agent.json')
    const links = linkCalls(decoded.spans, decoded.bridges)
    const calls = decoded.spans.filter((span) => links.get(spanKey(span))?.countsCall)
    const toLlm = calls.filter((span) => span.peer?.port === 14400)
    expect([toLlm.length, toLlm.filter((span) => span.isError).length]).toEqual([18, 3])
    const toInventory = calls.filter((span) => span.peer?.port === 14501)
    expect([toInventory.length, toInventory.filter((span) => span.isError).length]).toEqual([6, 3])
    const ai = decoded.spans.filter((span) => links.get(spanKey(span))?.countsAiCall)
    expect(ai).toHaveLength(18)
    const counted = decoded.spans.filter((span) => links.get(spanKey(span))?.countsTokens)
    const sum = (pick: (span: Span) => number | undefined) => counted.reduce((all, span) => all + (pick(span) ?? 0), 0)
    expect([sum((span) => span.ai?.inputTokens), sum((span) => span.ai?.outputTokens)]).toEqual([426, 135])
  })

  it('hosts, claimed providers, models and tokens of the provider recordings', () => {
    const table = captured
      .filter((name) => /providers-by-hostname.*\.json$|legacy0\.json$/.test(name))
      .flatMap((name) => [path.basename(name, '.json'), ...factsByHost(decode(name)).map((row) => `  ${row}`)])
    expect(table).toMatchInlineSnapshot(`
      [
        "legacy0",
        "  127.0.0.1: 2 calls; no AI facts",
        "  api.anthropic.com: 1 calls; anthropic claude-3-5-sonnet-20240620 5/14",
        "  api.openai.com: 3 calls; openai gpt-4o-mini -/-, openai gpt-4o-mini 31/12",
        "providers.aws",
        "  api.anthropic.com: 2 calls; no AI facts",
        "  api.groq.com: 1 calls; no AI facts",
        "  api.mistral.ai: 1 calls; no AI facts",
        "  api.openai.com: 4 calls; no AI facts",
        "  bedrock-runtime.us-east-1.amazonaws.com: 2 calls; aws.bedrock amazon.nova-lite-v1:0 22/7, aws.bedrock anthropic.claude-3-5-sonnet-20241022-v2:0 18/6",
        "providers.openinference",
        "  api.anthropic.com: 2 calls; anthropic claude-sonnet-4-5 125/14, anthropic claude-sonnet-4-5 125/14",
        "  api.groq.com: 1 calls; groq llama-3.3-70b-versatile 31/12",
        "  api.mistral.ai: 1 calls; no AI facts",
        "  api.openai.com: 4 calls; openai gpt-4o-mini -/-, openai gpt-4o-mini 31/12, openai gpt-4o-mini 40/9",
        "  bedrock-runtime.us-east-1.amazonaws.com: 2 calls; no AI facts",
        "providers.otel",
        "  api.anthropic.com: 2 calls; no AI facts",
        "  api.groq.com: 1 calls; openai llama-3.3-70b-versatile 31/12",
        "  api.mistral.ai: 1 calls; no AI facts",
        "  api.openai.com: 4 calls; openai gpt-4o-mini -/-, openai gpt-4o-mini 31/12, openai gpt-4o-mini 40/9, openai rate-limited -/-",
        "  bedrock-runtime.us-east-1.amazonaws.com: 2 calls; no AI facts",
        "providers.traceloop",
        "  api.anthropic.com: 2 calls; anthropic claude-sonnet-4-5 5/14, anthropic claude-sonnet-4-5 5/14",
        "  api.groq.com: 1 calls; openai llama-3.3-70b-versatile 31/12",
        "  api.mistral.ai: 1 calls; no AI facts",
        "  api.openai.com: 4 calls; openai gpt-4o-mini -/-, openai gpt-4o-mini 31/12, openai gpt-4o-mini 40/9",
        "  bedrock-runtime.us-east-1.amazonaws.com: 2 calls; aws.bedrock claude-3-5-sonnet-20241022-v2:0 18/6, aws.bedrock nova-lite-v1:0 -/-",
      ]
    `)
  })

  it.each(upstream)('%s: OTLP is decoded, other formats are named', (name) => {
    const isOtlp = !name.includes('kiali')
    if (isOtlp) {
      const decoded = decode(name)
      const ignored = Object.values(decoded.ignored).reduce((sum, count) => sum + count, 0)
      expect(decoded.spans.length + decoded.rejected + ignored).toBe(decoded.total)
      expect(decoded.total).toBeGreaterThan(0)
      return
    }
    const error = thrownBy(() => decode(name))
    expect(isAppError(error) && error.code).toBe('bad_request')
    expect(String(error)).toMatch(/Tempo.*not OTLP/)
  })

  it('an Istio trace of Tempo, put under its OTLP name, is read with its base64 ids and enum names', () => {
    const name = 'upstream/kiali+kiali/tracing_tracingtest_responseTrace.json'
    const { batches }: { batches?: unknown } = JSON.parse(Buffer.from(bodyOf(name)).toString('utf8'))
    const decoded = decodeOtlpTraces(new TextEncoder().encode(JSON.stringify({ resourceSpans: batches })), 'json')
    expect(decoded.rejected).toBe(0)
    expect(decoded.spans.length).toBeGreaterThan(0)
    expect(decoded.problems.join(' ')).toMatch(/ids are base64.*enums are names/)
  })
})

/** `host: calls; claimed provider, model, tokens in/out` of every AI call drawn on it, equal lines once. */
function factsByHost({ spans, bridges }: OtlpDecoded): string[] {
  const links = linkCalls(spans, bridges)
  const spanOf = new Map(spans.map((span) => [spanKey(span), span]))
  const hostOf = (span: Span): string | undefined => spanOf.get(links.get(spanKey(span))?.edgeSpan ?? '')?.peer?.name
  const hosts = [...new Set(spans.flatMap((span) => hostOf(span) ?? []))].sort()
  return hosts.map((host) => {
    const here = spans.filter((span) => hostOf(span) === host)
    const calls = here.filter((span) => links.get(spanKey(span))?.countsCall).length
    const facts = here
      .filter((span) => links.get(spanKey(span))?.countsAiCall)
      .map(({ ai }) => `${ai?.providerName} ${ai?.requestModel} ${ai?.inputTokens ?? '-'}/${ai?.outputTokens ?? '-'}`)
    return `${host}: ${calls} calls; ${facts.sort().join(', ') || 'no AI facts'}`
  })
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
