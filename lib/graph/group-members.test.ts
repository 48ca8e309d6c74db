import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode, NodeGroup } from '@/lib/model/graph'
import { countEdges, edgesBetween, membersOf } from './group-members'

const node = (id: string, namespace: string, part: Partial<GraphNode> = {}): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'c',
  namespace,
  name: id,
  label: `${namespace} / ${id}`,
  ...part,
})
const group = (kind: NodeGroup['kind'], namespace = ''): GraphNode =>
  node('g0000000000000001', namespace, { group: { kind, members: 9, innerEdges: 0, aiWorkloads: 0 } })
const NODES = [
  node('b', 'shop'),
  node('a', 'shop'),
  node('x', 'ml'),
  node('y', 'shop', { cluster: 'other' }),
  node('net', '', { class: 'internet' }),
  node('openai', '', { class: 'provider' }),
  node('ip', '', { class: 'external' }),
  node('set', 'shop', { class: 'network-set' }),
  node('who', '', { class: 'caller' }),
  node('named', '', {
    class: 'external',
    provider: { id: 'p', name: 'P', category: 'llm', matchedBy: 'cidr', certain: true },
  }),
]
const ids = (of: GraphNode) => membersOf(of, { nodes: NODES }).map(({ id }) => id)
const edge = (id: string, client: string, server: string): GraphEdge => ({
  id,
  client,
  server,
  cluster: 'c',
  protocol: 'tcp',
  serverPort: 1,
  state: 'no_verdict',
  passed: 0,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: { connections: 0, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 },
  variants: [],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
})

describe('membersOf', () => {
  it('are those of the namespace, the cluster, or outside without a provider, and of its own cluster alone', () => {
    expect(ids(group('namespace', 'shop'))).toEqual(['a', 'b'])
    expect(ids(group('cluster'))).toEqual(['x', 'a', 'b'])
    expect(ids(group('outside'))).toEqual(['ip', 'net', 'set'])
  })

  it('are in no group where a drawing puts them in none: providers, and what only calls the cluster', () => {
    const all = ['namespace', 'cluster', 'outside'] as const
    const found = all.flatMap((kind) => ids(group(kind, kind === 'namespace' ? 'shop' : '')))
    for (const id of ['openai', 'named', 'who']) expect(found).not.toContain(id)
  })
})

describe('edgesBetween', () => {
  it('lead from a part of one end to a part of the other; a node that is no group is itself', () => {
    const edges = [edge('1', 'a', 'x'), edge('2', 'x', 'a'), edge('3', 'a', 'b'), edge('4', 'b', 'openai')]
    const shop = group('namespace', 'shop')
    const found = (client: GraphNode, server: GraphNode) =>
      edgesBetween(client, server, { nodes: NODES, edges }).map(({ id }) => id)
    expect(found(shop, group('namespace', 'ml'))).toEqual(['1'])
    expect(found(shop, node('openai', '', { class: 'provider' }))).toEqual(['4'])
    expect(found(shop, shop)).toEqual(['3'])
  })
})

it('an edge of a group counts as all that it stands for, any other as one', () => {
  const bundle = { edges: 3, states: {}, worst: 'no_verdict', ports: [] } as const
  expect(countEdges([edge('one', 'a', 'b'), { ...edge('g', 'a', 'x'), bundle }])).toBe(4)
  expect(countEdges([])).toBe(0)
})
