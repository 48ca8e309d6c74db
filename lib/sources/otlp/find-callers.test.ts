import { describe, expect, it } from 'vitest'
import type { Span, SpanBridge, SpanKind } from '@/lib/model/span'
import { type Caller, findCallers } from './find-callers'
import { linkCalls } from './link-calls'
import { emitterKey, traceNodes } from './trace-nodes'

const TRACE = 'a'.repeat(32)

function span(id: string, service: string, kind: SpanKind, parent?: string, rest: Partial<Span> = {}): Span {
  return {
    traceId: TRACE,
    spanId: id,
    ...(parent && { parentSpanId: parent }),
    name: id,
    kind,
    startMs: 0,
    endMs: 1,
    durationNs: 1,
    isError: false,
    workload: { class: 'workload', namespace: 'shop', name: service },
    serviceName: service,
    attributes: {},
    ...rest,
  }
}
const bridge = (id: string, service: string, parent?: string): SpanBridge => ({
  traceId: TRACE,
  spanId: id,
  ...(parent && { parentSpanId: parent }),
  kind: 'internal',
  emitter: emitterKey(span('x', service, 'internal')),
})

/** The caller of the span `in`, in short. */
function caller(spans: readonly Span[], bridges: readonly SpanBridge[] = []): string {
  const found = findCallers(spans, traceNodes(spans, bridges)).get(`${TRACE}:in`)
  return found ? words(found) : 'receives nothing'
}

function words(found: Caller): string {
  if (found.by === 'call') return `call ${found.span.spanId}`
  return found.by === 'service' ? `service ${found.key.slice(TRACE.length + 1)}` : found.by
}

describe('findCallers', () => {
  const entered = span('in', 'b', 'server', 'up')

  it.each<[string, readonly Span[], readonly SpanBridge[], string]>([
    ['the calling span above', [span('up', 'a', 'client')], [], 'call up'],
    ['a producer above', [span('up', 'a', 'producer')], [], 'call up'],
    ['a call of its own service', [span('up', 'b', 'client')], [], 'call up'],
    ['a kept span of another service', [span('up', 'a', 'server')], [], 'service up'],
    ['a dropped step of another service', [], [bridge('up', 'a')], 'service up'],
    ['the call around a dropped step', [span('top', 'a', 'client')], [bridge('up', 'a', 'top')], 'call top'],
    ['the entry around a dropped step', [span('top', 'a', 'server')], [bridge('up', 'a', 'top')], 'service top'],
    [
      'a dropped step of a, not the call of z to it',
      [span('top', 'z', 'client')],
      [bridge('up', 'a', 'top')],
      'service up',
    ],
    ['the call above its own dropped step', [span('top', 'a', 'client')], [bridge('up', 'b', 'top')], 'call top'],
    ['its own entry: nothing came in', [span('up', 'b', 'server')], [], 'own'],
    ['its own dropped root: nothing came in', [], [bridge('up', 'b')], 'own'],
    ['nobody that was sent', [], [], 'absent'],
    ['nobody that was sent, above its own step', [], [bridge('up', 'b', 'top')], 'absent'],
    ['itself', [], [bridge('up', 'b', 'in')], 'absent'],
  ])('is %s', (_name, spans, bridges, expected) => {
    expect(caller([entered, ...spans], bridges)).toBe(expected)
  })

  it('a span without a parent begins its trace; a calling span has no caller', () => {
    expect(caller([span('in', 'b', 'server')])).toBe('root')
    expect(caller([span('in', 'b', 'client')])).toBe('receives nothing')
  })

  it('endless chains end', () => {
    const chain = Array.from({ length: 5000 }, (_, index) => bridge(`s${index}`, 'b', `s${index + 1}`))
    expect(caller([span('in', 'b', 'server', 's0')], chain)).toBe('own')
    const outside = Array.from({ length: 5000 }, (_, index) => bridge(`s${index}`, 'a', `s${index + 1}`))
    expect(caller([span('in', 'b', 'server', 's0')], outside)).toBe('service s0')
  })
})

describe('links of calls that both ends sent', () => {
  const peer = { name: 'b.example', namedBy: 'server.address', port: 80 } as const
  const link = (spans: readonly Span[], id: string) => linkCalls(spans).get(`${TRACE}:${id}`)

  it('the calling span counts, without a name too, and the receiving one does not', () => {
    const spans = [span('call', 'a', 'client'), span('in', 'b', 'server', 'call', { isError: true })]
    expect(link(spans, 'call')).toMatchObject({
      countsCall: true,
      hasFailed: true,
      edgeSpan: `${TRACE}:call`,
      receivedBy: `${TRACE}:in`,
    })
    expect(link(spans, 'in')).toMatchObject({ countsCall: false })
  })

  it('a call without a name that nobody received is no edge', () => {
    expect(link([span('call', 'a', 'client')], 'call')).toMatchObject({ countsCall: false })
    expect(link([span('call', 'a', 'client')], 'call')?.edgeSpan).toBeUndefined()
  })

  it('two instrumentations of a call stand on its one edge, whichever of them was received', () => {
    for (const received of ['outer', 'inner']) {
      const spans = [
        span('outer', 'a', 'client', undefined, { peer }),
        span('inner', 'a', 'client', 'outer', { peer }),
        span('in', 'b', 'server', received),
      ]
      const both = ['outer', 'inner'].map((id) => link(spans, id))
      expect(both.map((one) => one?.edgeSpan)).toEqual([`${TRACE}:${received}`, `${TRACE}:${received}`])
      expect(both.filter((one) => one?.countsCall)).toHaveLength(1)
    }
  })

  it('a sidecar of either end is part of its workload: the call is still one', () => {
    const sidecar = (workload: string) => ({ serviceName: `${workload}.shop` })
    const spans = [
      span('app', 'a', 'client', undefined, { peer: { name: 'b', namedBy: 'server.address', port: 80 } }),
      span('out', 'a', 'client', 'app', {
        ...sidecar('a'),
        peer: { name: 'b.shop.svc.cluster.local', namedBy: 'server.address', port: 80 },
      }),
      span('in', 'b', 'server', 'out', sidecar('b')),
      span('served', 'b', 'server', 'in'),
    ]
    const counted = spans.filter((one) => link(spans, one.spanId)?.countsCall).map((one) => one.spanId)
    expect(counted).toEqual(['out'])
    expect(link(spans, 'app')?.edgeSpan).toBe(`${TRACE}:out`)
    expect(link(spans, 'served')?.caller).toEqual({ by: 'own' })
  })

  it('another host within a call is another call', () => {
    const login = { name: 'login.example', namedBy: 'server.address', port: 443 } as const
    const spans = [
      span('outer', 'a', 'client', undefined, { peer }),
      span('inner', 'a', 'client', 'outer', { peer: login }),
      span('in', 'b', 'server', 'outer'),
    ]
    expect(link(spans, 'inner')).toMatchObject({ countsCall: true, edgeSpan: `${TRACE}:inner` })
    expect(link(spans, 'outer')).toMatchObject({ countsCall: true, edgeSpan: `${TRACE}:outer` })
  })

  it('facts without a host follow the model call, not another call that was received', () => {
    const spans = [
      span('chat', 'a', 'internal', undefined, { ai: { operation: 'chat', countsTokens: true, inputTokens: 1 } }),
      span('auth', 'a', 'client', 'chat', { peer }),
      span('in', 'b', 'server', 'auth'),
      span('post', 'a', 'client', 'chat', {
        peer: { name: 'api.openai.com', namedBy: 'server.address', port: 443 },
        attributes: { 'http.request.method': 'POST' },
      }),
    ]
    expect(link(spans, 'chat')?.edgeSpan).toBe(`${TRACE}:post`)
  })

  it('a message passes through its queue, by the sender’s name for it where the receiver has none', () => {
    const queue = { name: 'kafka/orders', does: 'send' } as const
    const spans = [span('send', 'a', 'producer', undefined, { queue }), span('in', 'b', 'consumer', 'send')]
    expect(link(spans, 'send')).toMatchObject({ countsCall: true, edgeSpan: `${TRACE}:send` })
    expect(link(spans, 'send')?.receivedBy).toBeUndefined()
    expect(link(spans, 'in')?.queue).toBe('kafka/orders')
    const fetched = span('fetch', 'b', 'client', undefined, { queue: { name: 'kafka/orders', does: 'receive' } })
    expect(link([fetched], 'fetch')).toMatchObject({ countsCall: false, edgeSpan: `${TRACE}:fetch` })
  })

  it('opening a connection is no query', () => {
    const database = { ...peer, database: 'postgresql/shop' }
    const names = ['pg.connect', 'redis-connect', 'CONNECT', 'pg.query:SELECT shop', 'reconnect']
    const counts = names.map(
      (name) => link([span('db', 'a', 'client', undefined, { name, peer: database })], 'db')?.countsCall,
    )
    expect(counts).toEqual([false, false, false, true, true])
    expect(link([span('db', 'a', 'client', undefined, { name: 'x.connect', peer })], 'db')?.countsCall).toBe(true)
  })

  it('forged: thousands of receivers of one call, and loops through them, end', () => {
    const many = Array.from({ length: 5000 }, (_, index) => span(`r${index}`, 'b', 'server', 'call'))
    const links = linkCalls([span('call', 'a', 'client', 'r1'), ...many])
    expect([...links.values()].filter((one) => one.countsCall)).toHaveLength(1)
  })
})
