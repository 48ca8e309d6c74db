import { describe, expect, it } from 'vitest'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import { compareEdge, compareNode } from './compare-edge'

const COUNTERS = { connections: 5, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const variant = (name: string): EdgeVariant => ({
  id: name,
  source: 'calico',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  enforced: [{ kind: 'CalicoNetworkPolicy', namespace: 'ml', tier: 'default', name, action: 'allow', ruleIndex: 3 }],
  counters: COUNTERS,
  firstMs: 0,
  lastMs: 0,
})
const edge = (part: Partial<GraphEdge> = {}): GraphEdge => ({
  id: '1',
  client: 'a',
  server: 'b',
  cluster: 'c',
  protocol: 'tcp',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed: 5,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: COUNTERS,
  variants: [variant('p')],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const node = (id: string): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'c',
  namespace: '',
  name: id,
  label: `N ${id}`,
})

describe('compareEdge', () => {
  it('says nothing of what is the same', () => {
    expect(compareEdge(edge(), edge())).toEqual({
      presence: 'both',
      counters: [{ name: 'connections', before: 5, now: 5 }],
      policiesAdded: [],
      policiesRemoved: [],
      modelsAdded: [],
      modelsRemoved: [],
    })
  })

  it('tells verdict, door, figures, deciding policies and models that became others', () => {
    const counts = { violation: 1, sanctioned: 0, unverified: 0, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 }
    const ai = { calls: 1, errors: 0, inputTokens: 7, outputTokens: 2, models: ['m1'], addressRefused: 0 }
    expect(
      compareEdge(
        edge({ ai: { ...ai, models: ['m0', 'm1'] } }),
        edge({
          state: 'mixed',
          denied: 3,
          variants: [variant('q')],
          ai,
          door: { state: 'violation', lean: 'none', counts, observedIps: [], expected: [] },
        }),
      ),
    ).toMatchObject({
      state: { before: 'allowed_by_policy', now: 'mixed' },
      door: { before: 'none', now: 'violation' },
      counters: expect.arrayContaining([
        { name: 'denied', before: 0, now: 3 },
        { name: 'tokens', before: 9, now: 9 },
      ]),
      policiesAdded: [{ kind: 'CalicoNetworkPolicy', namespace: 'ml', tier: 'default', name: 'q' }],
      policiesRemoved: [{ name: 'p' }],
      modelsAdded: [],
      modelsRemoved: ['m0'],
    })
  })

  it('of an edge in one window alone says which, and a rule’s index makes no other policy', () => {
    expect(compareEdge(undefined, edge())).toMatchObject({ presence: 'added', policiesAdded: [{ name: 'p' }] })
    expect(compareEdge(edge(), undefined)).toMatchObject({
      presence: 'removed',
      counters: [{ name: 'connections', before: 5, now: 0 }],
    })
    expect(compareEdge(undefined, undefined)).toMatchObject({ presence: 'absent', counters: [] })
    const [hit] = variant('p').enforced ?? []
    const moved = hit ? { ...variant('p'), enforced: [{ ...hit, ruleIndex: 4 }] } : variant('p')
    expect(compareEdge(edge(), edge({ variants: [moved] })).policiesAdded).toEqual([])
  })
})

describe('compareNode', () => {
  it('lists exactly the peers that came, went, or whose verdict is another, and sums over its own edges alone', () => {
    const nodes = ['a', 'b', 'c', 'd', 'e'].map(node)
    const same = edge({ id: '4', server: 'e' })
    const before = [
      same,
      edge(),
      edge({ id: '2', client: 'c', server: 'a' }),
      edge({ id: '9', client: 'd', server: 'e' }),
    ]
    const now = [
      same,
      edge({ state: 'denied_by_rule', denied: 2 }),
      edge({ id: '3', server: 'd' }),
      edge({ id: '8', client: 'd', server: 'e' }),
    ]
    expect(compareNode('a', { nodes, edges: before }, { nodes, edges: now })).toEqual({
      counters: [
        { name: 'connections', before: 15, now: 15 },
        { name: 'denied', before: 0, now: 2 },
      ],
      added: { peers: [{ edgeId: '3', label: 'N d', end: 'server', state: 'allowed_by_policy' }], total: 1 },
      removed: { peers: [{ edgeId: '2', label: 'N c', end: 'client', state: 'allowed_by_policy' }], total: 1 },
      verdicts: {
        peers: [{ edgeId: '1', label: 'N b', end: 'server', state: 'denied_by_rule', before: 'allowed_by_policy' }],
        total: 1,
      },
    })
  })
})
