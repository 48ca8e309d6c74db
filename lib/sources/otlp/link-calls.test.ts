import { describe, expect, it } from 'vitest'
import type { Span, SpanBridge } from '@/lib/model/span'
import { type CallLink, linkCalls, withEnclosingSpans } from './link-calls'
import { emitterKey, spanKey } from './trace-nodes'

const TRACE = 'a'.repeat(32)

/** A span `id` under `parent`; a host makes it a transport or a GenAI span with a peer. */
function span(id: string, parent: string | undefined, rest: Partial<Span> & { host?: string } = {}): Span {
  const { host, ...fields } = rest
  return {
    traceId: TRACE,
    spanId: id,
    ...(parent && { parentSpanId: parent }),
    name: id,
    kind: 'client',
    startMs: 0,
    endMs: 1,
    durationNs: 1,
    isError: false,
    workload: { class: 'workload', namespace: 'ai', name: 'agent' },
    serviceName: 'agent',
    ...(host && { peer: { name: host, namedBy: 'server.address', port: 443 } }),
    attributes: {},
    ...fields,
  }
}
const chat = (tokens?: number): Pick<Span, 'ai'> => ({
  ai: { operation: 'chat', countsTokens: true, ...(tokens !== undefined && { inputTokens: tokens }) },
})
const post = (id: string, parent: string | undefined, host: string, startMs = 0): Span =>
  span(id, parent, { host, startMs, attributes: { 'http.request.method': 'POST' } })

function link(spans: readonly Span[], id: string, bridges: readonly SpanBridge[] = []): CallLink | undefined {
  return linkCalls(spans, bridges).get(`${TRACE}:${id}`)
}

describe('linkCalls', () => {
  it('GenAI span with a host and its HTTP child are one call, one AI call, and the tokens once', () => {
    const spans = [
      span('genai', undefined, { host: 'api.openai.com', ...chat(31) }),
      post('http', 'genai', 'api.openai.com'),
    ]
    expect(link(spans, 'genai')).toEqual({
      countsCall: false,
      countsAiCall: true,
      countsTokens: true,
      hasFailed: false,
      edgeSpan: `${TRACE}:genai`,
      carriesFactsOf: [],
    })
    expect(link(spans, 'http')).toEqual({
      countsCall: true,
      countsAiCall: false,
      countsTokens: false,
      hasFailed: false,
      edgeSpan: `${TRACE}:http`,
      carriesFactsOf: [],
    })
  })

  it('a GenAI span alone is itself the call where it has a host, and waits where it has none', () => {
    expect(link([span('a', undefined, { host: 'api.openai.com', ...chat(1) })], 'a')).toMatchObject({
      countsCall: true,
      countsAiCall: true,
      edgeSpan: `${TRACE}:a`,
    })
    const alone = link([span('a', undefined, { kind: 'internal', ...chat(1) })], 'a')
    expect(alone).toMatchObject({ countsCall: false, countsAiCall: true, countsTokens: true })
    expect(alone?.edgeSpan).toBeUndefined()
  })

  it('facts without a host go onto the transport below, past spans that were not kept', () => {
    const bridge: SpanBridge = {
      traceId: TRACE,
      spanId: 'middleware',
      parentSpanId: 'genai',
      kind: 'internal',
      emitter: emitterKey(span('x', undefined)),
    }
    const spans = [
      post('http', 'middleware', 'api.openai.com'),
      span('genai', undefined, { kind: 'internal', ...chat(1) }),
    ]
    expect(link(spans, 'genai', [bridge])?.edgeSpan).toBe(`${TRACE}:http`)
    expect(link(spans, 'http', [bridge])?.carriesFactsOf).toEqual([`${TRACE}:genai`])
    expect(link(spans, 'genai')?.edgeSpan).toBeUndefined()
  })

  it('nesting past ignored spans outlives the batch that had them', () => {
    const emitter = emitterKey(span('x', undefined))
    const bridge = (spanId: string, parentSpanId: string, kind: SpanBridge['kind']): SpanBridge => ({
      traceId: TRACE,
      spanId,
      parentSpanId,
      kind,
      emitter,
    })
    const http = post('http', 'inner', 'api.openai.com')
    const genai = span('genai', undefined, { kind: 'internal', ...chat(1) })
    const steps = [bridge('inner', 'outer', 'internal'), bridge('outer', 'genai', 'internal')]
    const spans = withEnclosingSpans([http, genai], steps)
    expect(spans.map((one) => one.enclosingSpanId)).toEqual(['genai', undefined])
    expect(link(spans, 'genai')?.edgeSpan).toBe(`${TRACE}:http`)
    const entered = [bridge('inner', 'outer', 'server'), bridge('outer', 'genai', 'internal')]
    expect(withEnclosingSpans([http, genai], entered)).toEqual([http, genai])
    const loop = [bridge('inner', 'outer', 'internal'), bridge('outer', 'inner', 'internal')]
    expect(link(withEnclosingSpans([http, genai], loop), 'http')?.countsCall).toBe(true)
  })

  it('of several transports the last POST carries the facts, each attempt is a call, and a database never carries', () => {
    const spans = [
      span('genai', undefined, { kind: 'internal', ...chat(1) }),
      post('first', 'genai', 'api.openai.com', 10),
      post('retry', 'genai', 'api.openai.com', 20),
      span('get', 'genai', { host: 'metadata.internal', startMs: 30, attributes: { 'http.request.method': 'GET' } }),
      span('db', 'genai', { host: 'db.svc', startMs: 40, attributes: { 'db.system': 'postgresql' } }),
    ]
    expect(link(spans, 'genai')?.edgeSpan).toBe(`${TRACE}:retry`)
    expect(['first', 'retry', 'get', 'db'].map((id) => link(spans, id)?.countsCall)).toEqual([true, true, true, true])
    const onlyDb = [spans[0], spans[4]].flatMap((one) => (one ? [one] : []))
    expect(link(onlyDb, 'genai')?.edgeSpan).toBeUndefined()
  })

  it('two instrumentations of one call count it once, at the inner one', () => {
    const spans = [
      span('langchain', undefined, { kind: 'internal', ...chat(31) }),
      span('sdk', 'langchain', { host: 'api.openai.com', ...chat(31) }),
      post('http', 'sdk', 'api.openai.com'),
    ]
    expect(link(spans, 'langchain')).toMatchObject({ countsAiCall: false, countsTokens: false })
    expect(link(spans, 'sdk')).toMatchObject({ countsAiCall: true, countsTokens: true })
  })

  it('tokens that only the outer span has are counted there', () => {
    const spans = [
      span('outer', undefined, { kind: 'internal', ...chat(31) }),
      span('inner', 'outer', { host: 'api.openai.com', ...chat() }),
    ]
    expect(link(spans, 'outer')).toMatchObject({ countsAiCall: false, countsTokens: true })
  })

  it('a gateway’s call is another call than its client’s', () => {
    const gateway = {
      serviceName: 'litellm',
      workload: { class: 'workload', namespace: 'ai', name: 'litellm' },
    } as const
    const spans = [
      span('client', undefined, { host: 'litellm.ai.svc', ...chat(50) }),
      post('client-http', 'client', 'litellm.ai.svc'),
      span('server', 'client-http', { kind: 'server', ...gateway, ...chat(50) }),
      span('upstream', 'server', { host: 'api.openai.com', ...gateway }),
    ]
    expect(link(spans, 'client')).toMatchObject({ countsAiCall: true, countsTokens: true })
    expect(link(spans, 'client-http')).toMatchObject({ countsCall: true })
    expect(link(spans, 'server')).toMatchObject({ countsTokens: true, edgeSpan: `${TRACE}:upstream` })
  })

  it('nesting ends at a call received, also within one service', () => {
    const spans = [
      post('self-call', undefined, 'agent.ai.svc'),
      span('server', 'self-call', { kind: 'server' }),
      post('onward', 'server', 'api.openai.com'),
    ]
    expect(link(spans, 'self-call')?.countsCall).toBe(true)
  })

  it('a step inside with a host is drawn but is no call, and an agent’s tools do not take its facts', () => {
    expect(link([span('step', undefined, { kind: 'internal', host: 'x.example' })], 'step')).toMatchObject({
      countsCall: false,
      edgeSpan: `${TRACE}:step`,
    })
    const agent = span('agent', undefined, { kind: 'internal', ai: { operation: 'invoke_agent', countsTokens: false } })
    const tool = post('tool', 'agent', 'tools.example')
    expect(link([agent, tool], 'agent')).toMatchObject({ countsAiCall: false, countsTokens: false })
    expect(link([agent, tool], 'agent')?.edgeSpan).toBeUndefined()
  })

  it('forged loops and endless chains end', () => {
    const loop = [post('a', 'b', 'x.example'), post('b', 'a', 'y.example'), post('self', 'self', 'z.example')]
    expect([...linkCalls(loop).keys()]).toEqual(loop.map(spanKey))
    const chain = Array.from({ length: 20_000 }, (_, index) => post(`s${index}`, `s${index - 1}`, 'x.example'))
    expect([...linkCalls(chain).values()].filter((one) => one.countsCall)).toHaveLength(1)
  })
})
