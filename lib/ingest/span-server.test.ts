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
  it.each(['localhost', '127.0.0.1', '::1', '127.8.9.1'])('%s stays in the pod', (name) => {
    expect(of(name)).toBeUndefined()
  })
  it('no peer, no server', () => {
    expect(spanServer(span(undefined))).toBeUndefined()
  })
})
