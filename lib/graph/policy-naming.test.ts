import { expect, it } from 'vitest'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import { namingOf } from './policy-naming'

const node = (id: string): GraphNode => ({ id, class: 'workload', cluster: 'c', namespace: 'ml', name: id, label: id })
const counters = { connections: 2, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const HIT = { kind: 'K', namespace: '', tier: '', name: 'p', action: 'allow' } as const
const variant = (change: Partial<EdgeVariant>): EdgeVariant => ({
  id: '1',
  source: 'hubble',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  counters,
  firstMs: 1,
  lastMs: 2,
  ...change,
})
const naming = (...variants: readonly EdgeVariant[]) => {
  const edge: GraphEdge = {
    id: 'e',
    client: 'a',
    server: 'b',
    cluster: 'c',
    protocol: 'tcp',
    serverPort: 1,
    state: 'no_verdict',
    passed: 0,
    denied: 0,
    wouldBeDenied: 0,
    dropped: 0,
    counters,
    variants,
    isAi: false,
    openFindings: 0,
    firstMs: 1,
    lastMs: 2,
  }
  return namingOf({ nodes: [node('a'), node('b')], edges: [edge] })
}
const ends = (sides: readonly { readonly node: GraphNode; readonly direction?: string }[]) =>
  sides.map(({ node: { id }, direction }) => [id, direction])

it('a verdict without a policy, be its list absent or empty, leaves its end unnamed; one with a policy does not', () => {
  for (const enforced of [undefined, []])
    expect(ends(naming(variant({ ...(enforced && { enforced }) })).unnamed)).toEqual([['a', 'egress']])
  expect(naming(variant({ enforced: [HIT] })).unnamed).toEqual([])
  expect(
    ends(naming(variant({ enforced: [HIT] }), variant({ outcome: 'denied', observer: 'server' })).unnamed),
  ).toEqual([['b', 'ingress']])
})

it('traffic seen without a verdict leaves its end unnamed, unless the same side named a policy for the edge', () => {
  const seen = variant({ outcome: 'observed', basis: 'not_reported' })
  expect(ends(naming(seen).unnamed)).toEqual([['a', 'egress']])
  expect(naming(seen, variant({ enforced: [HIT] })).unnamed).toEqual([])
})

it('where the side is not told, both ends are unnamed', () => {
  expect(ends(naming(variant({ observer: 'unknown' })).unnamed)).toEqual([
    ['a', 'egress'],
    ['b', 'ingress'],
  ])
})

it('tells who names policies, how much came without, and whether pending evaluations came at all', () => {
  expect(naming(variant({})).clusters.get('c')).toEqual({
    cluster: 'c',
    naming: [],
    silent: ['hubble'],
    unnamed: 2,
    hasPending: false,
  })
  expect(naming(variant({ outcome: 'observed' })).clusters.get('c')).toMatchObject({ unnamed: 0, hasPending: false })
  const calico = variant({ source: 'calico', enforced: [HIT], pendingTrace: [HIT] })
  expect(naming(calico)).toMatchObject({ unnamed: [], unstaged: [] })
  expect(naming(calico).clusters.get('c')).toMatchObject({
    naming: ['calico'],
    silent: [],
    unnamed: 0,
    hasPending: true,
  })
  expect(naming({ ...calico, repeats: true, enforced: [] }).clusters.get('c')).toMatchObject({ unnamed: 0 })
})

it('what NAT records and spans tell says nothing of policies', () => {
  expect(naming(variant({ source: 'nat' }), variant({ source: 'otlp' }))).toMatchObject({ unnamed: [], unstaged: [] })
})
