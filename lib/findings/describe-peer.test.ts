import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '@/lib/egress/catalogue/catalogue'
import { createProviderMatcher } from '@/lib/egress/match-provider'
import { aiRoleOf, describePeer, type PeerContext, providerOf, type SeenPeer } from './describe-peer'

const matcher = createProviderMatcher(CATALOGUE)
const peer = (change: Partial<SeenPeer>): SeenPeer => ({
  id: '1',
  class: 'external',
  namespace: '',
  name: '198.51.100.20',
  labels: {},
  emitsAiSpans: false,
  ...change,
})
const workload = (change: Partial<SeenPeer> = {}) =>
  peer({ class: 'workload', namespace: 'ml', name: 'agent', ...change })

describe('the provider behind an endpoint', () => {
  it.each<[string, Partial<SeenPeer>, PeerContext, object | undefined]>([
    ['a name of the flow', { name: 'api.openai.com' }, {}, { id: 'openai', certain: true, matchedBy: 'flow-dns-name' }],
    [
      'a name of a span',
      { name: 'api.openai.com' },
      { isSpanWord: true },
      { id: 'openai', certain: false, matchedBy: 'span' },
    ],
    [
      'an address by answers',
      {},
      { known: { names: ['api.openai.com'], origin: 'answer' } },
      { id: 'openai', certain: true, matchedBy: 'dns-map' },
    ],
    [
      'an address by the one question',
      {},
      { known: { names: ['api.openai.com'], origin: 'question' } },
      { id: 'openai', matchedBy: 'dns-question' },
    ],
    [
      'names that disagree',
      {},
      { known: { names: ['api.openai.com', 'example.com'], origin: 'answer' } },
      { id: 'openai', certain: false },
    ],
    [
      'a name by which only others got the address',
      {},
      { known: { names: ['api.openai.com'], origin: 'answer', isPossible: true } },
      { id: 'openai', certain: false },
    ],
    ['an address alone', {}, {}, undefined],
    [
      'a workload called as a provider is',
      { class: 'workload', namespace: 'a', name: 'api.openai.com' },
      {},
      undefined,
    ],
  ])('%s', (_name, change, context, expected) => {
    const found = providerOf(peer(change), context, matcher)
    if (expected) expect(found).toMatchObject(expected)
    else expect(found).toBeUndefined()
  })
})

describe('the AI role of a workload', () => {
  it('what software it is stands above its spans, and these above what it calls', () => {
    const all = { serverPorts: [6333, 6334], callsProvider: { certain: false } }
    expect(aiRoleOf(workload({ emitsAiSpans: true }), all)).toMatchObject({ by: 'qdrant', certain: false })
    expect(aiRoleOf(workload({ emitsAiSpans: true }), { callsProvider: { certain: false } })).toEqual({
      role: 'app',
      by: 'span',
      certain: true,
    })
    expect(aiRoleOf(workload(), { callsProvider: { certain: false } })).toMatchObject({
      by: 'calls a provider',
      certain: false,
    })
    expect(aiRoleOf(workload(), { serverPorts: [443] })).toBeUndefined()
    expect(aiRoleOf(peer({ emitsAiSpans: true }), all)).toBeUndefined()
  })
})

describe('an endpoint', () => {
  const labelOf = (change: Partial<SeenPeer>, context: PeerContext = {}) =>
    describePeer(peer(change), context, {}).label

  it('is called as a person reads it', () => {
    expect(labelOf({ class: 'workload', namespace: 'ml', name: 'agent' })).toBe('ml/agent')
    expect(labelOf({ class: 'network-set', namespace: 'ml', name: 'set' })).toBe('ml/set')
    expect(labelOf({ name: 'api.openai.com' })).toBe('api.openai.com')
    expect(labelOf({}, { known: { names: ['a.example'], origin: 'answer' } })).toBe('a.example (198.51.100.20)')
    expect(labelOf({}, { known: { names: ['a.example', 'b.example'], origin: 'answer' } })).toBe('198.51.100.20')
    expect(labelOf({ class: 'kube-apiserver', name: '' })).toBe('kube-apiserver')
  })

  it('has eight addresses at most, each once, in order, its own first', () => {
    const ips = Array.from({ length: 20 }, (_, n) => `10.0.0.${n % 10}`)
    const facts = describePeer(peer({}), { ips }, {})
    expect(facts.ips).toEqual(['198.51.100.20', ...Array.from({ length: 7 }, (_, n) => `10.0.0.${n}`)])
    expect(describePeer(peer({ name: 'api.openai.com' }), {}, {}).ips).toEqual([])
  })
})
