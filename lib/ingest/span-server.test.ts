import { describe, expect, it } from 'vitest'
import type { Span, SpanPeer } from '@/lib/model/span'
import { spanServer } from './span-server'

const span = (peer: SpanPeer | undefined): Span => ({
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 'POST',
  kind: 'client',
  startMs: 0,
  endMs: 1,
  durationNs: 1,
  isError: false,
  workload: { class: 'workload', namespace: 'ml', name: 'agent' },
  serviceName: 'agent',
  attributes: {},
  ...(peer && { peer }),
})
const of = (name: string, change: Partial<SpanPeer> = {}) =>
  spanServer(span({ name, namedBy: 'server.address', ...change }))

describe('spanServer', () => {
  it('an outside host is external by its name in lower case', () => {
    expect(of('API.OpenAI.com.')).toEqual({
      identity: { class: 'external', namespace: '', name: 'api.openai.com' },
      serverPort: 443,
    })
  })
  it.each(['vllm.serving.svc', 'vllm.serving.svc.cluster.local', 'vllm.serving.svc.my.zone'])(
    '%s is a workload',
    (name) => {
      expect(of(name, { port: 8000 })).toEqual({
        identity: { class: 'workload', namespace: 'serving', name: 'vllm' },
        serverPort: 8000,
      })
    },
  )
  it.each([
    ['qdrant', { namespace: 'ml', name: 'qdrant' }],
    ['qdrant.vectors', { namespace: 'vectors', name: 'qdrant' }],
  ])('%s may be a Service, and is a host until one is known', (name, candidate) => {
    expect(of(name)).toMatchObject({ identity: { class: 'external', name }, candidate })
  })
  it('a host outranks the given name of a service', () => {
    expect(of('openai', { namedBy: 'peer.service', host: 'eu.api.openai.com' })?.identity.name).toBe(
      'eu.api.openai.com',
    )
  })
  it('a database known by its kind alone has no port', () => {
    expect(of('postgresql/shop', { namedBy: 'db' })?.serverPort).toBe(0)
  })
  it.each(['localhost', '127.0.0.1', '::1', '127.8.9.1'])('%s is the calling pod itself', (name) => {
    expect(of(name, { port: 4000 })).toEqual({
      identity: { class: 'local', namespace: 'ml', name: 'agent' },
      serverPort: 4000,
    })
  })
  it('a database is its host; without a host that others know, it is named by itself, in the caller’s namespace', () => {
    const database = 'postgresql/shop'
    expect(of('pg.example.com', { database, port: 5432 })?.identity.name).toBe('pg.example.com')
    expect(of('127.0.0.1', { database, port: 5432 })).toEqual({
      identity: { class: 'database', namespace: 'ml', name: database },
      serverPort: 5432,
    })
    expect(of(database, { database, namedBy: 'db' })).toEqual({
      identity: { class: 'database', namespace: 'ml', name: database },
      serverPort: 0,
    })
  })
  it('a given name stands before an address, not before a host name', () => {
    const given = (host: string) => of('inventory', { namedBy: 'peer.service', host, port: 8080 })?.identity.name
    expect([given('10.0.0.7'), given('127.0.0.1'), given('inventory.example.com')]).toEqual([
      'inventory',
      'inventory',
      'inventory.example.com',
    ])
  })
  it('the holder of the socket’s address is asked for names of the inside, never for a public host behind a proxy', () => {
    const asks = (name: string, ip = '10.244.1.9') => of(name, { ip })?.address
    expect(
      ['10.244.1.9', 'inventory', 'inventory.shop', 'inventory.shop.svc', 'db.prod.internal'].map((name) => asks(name)),
    ).toEqual(Array.from({ length: 5 }, () => '10.244.1.9'))
    expect(asks('api.openai.com')).toBeUndefined()
    expect(asks('inventory', '127.0.0.1')).toBeUndefined()
  })
  it('a message goes to its queue, or comes from it', () => {
    const queue = (does: 'send' | 'process' | 'receive') =>
      spanServer({ ...span(undefined), queue: { name: 'kafka/orders', does } })
    expect(queue('send')).toEqual({
      identity: { class: 'queue', namespace: '', name: 'kafka/orders' },
      serverPort: 0,
      protocol: 'messaging',
    })
    expect([queue('process')?.isSource, queue('receive')?.isSource]).toEqual([true, true])
  })
  it('no peer, no server', () => {
    expect(spanServer(span(undefined))).toBeUndefined()
  })
})
