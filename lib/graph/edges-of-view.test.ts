import { describe, expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { READABLE } from './choose-level'
import { edgesOfView } from './edges-of-view'
import { viewGraph } from './view-graph'

const node = (id: string, change: Partial<GraphNode> = {}): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'c',
  namespace: 'web',
  name: `app-${id}`,
  label: `web / app-${id}`,
  ...change,
})
const counters = {
  connections: 1,
  events: 0,
  requests: 0,
  requestErrors: 0,
  spans: 0,
  bytesSent: 0,
  bytesReceived: 0,
}
const edge = (id: string, client: string, server: string): GraphEdge => ({
  id,
  client,
  server,
  cluster: 'c',
  protocol: 'tcp',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed: 1,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters,
  variants: [],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
})
const graphOf = (nodes: readonly GraphNode[], edges: readonly GraphEdge[]): ServiceGraph => ({
  window: { fromMs: 0, toMs: 1 },
  dataset: '',
  nodes,
  edges,
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  headline: { violations: 0, providerConnections: 0 },
  revision: '1',
})
const ALL: GraphQuery = { dataset: '', windowMs: 1, namespaces: [], scope: 'all', states: [] }
const NODES = [
  node('1'),
  node('2'),
  node('3', { namespace: 'db', label: 'db / app-3' }),
  node('4', { class: 'external', namespace: '', name: '203.0.113.1' }),
]
const GRAPH = graphOf(NODES, [edge('12', '1', '2'), edge('13', '1', '3'), edge('14', '1', '4'), edge('24', '2', '4')])
const idsOf = (selected: string, query: Partial<GraphQuery> = {}) =>
  edgesOfView(GRAPH, { ...ALL, ...query }, selected)
    .edges.map(({ id }) => id)
    .sort()

describe('the edges of a view', () => {
  it('are all that its filters keep, far more than are drawn', () => {
    const many = Array.from({ length: READABLE.edges * 3 }, (_, n) => edge(String(100 + n), '1', '2'))
    expect(edgesOfView(graphOf(NODES, many), ALL, '').edges).toHaveLength(many.length)
    expect(idsOf('', { chips: [chipOf('either', 'text', 'app-3')] })).toEqual(['13'])
  })

  it('of a place are those that begin or end in it', () => {
    expect(idsOf('', { inside: { cluster: 'c', namespace: 'db' } })).toEqual(['13'])
    expect(idsOf('', { inside: { cluster: 'c', namespace: 'web', workload: 'app-2' } })).toEqual(['12', '24'])
    expect(idsOf('', { inside: { cluster: 'other' } })).toEqual([])
  })

  it('of a selected edge or node are theirs, of an unknown one none', () => {
    expect(idsOf('edge:13')).toEqual(['13'])
    expect(idsOf('node:2')).toEqual(['12', '24'])
    expect(idsOf('edge:99')).toEqual([])
    expect(idsOf('node:g0123456789abcdef')).toEqual([])
  })

  it('of a group or a bundle are those of its members, also where the view is drawn finer by now', () => {
    const drawn = viewGraph(GRAPH, { ...ALL, level: 'namespace' })
    const group = (label: string) => drawn.nodes.find((one) => one.group && one.label === label)?.id ?? ''
    const [web, db, out] = ['web', 'db', 'outside the cluster'].map(group)
    const bundle = (client?: string, server?: string) =>
      drawn.edges.find((one) => one.client === client && one.server === server)?.id
    for (const level of ['namespace', undefined] as const) {
      expect(idsOf(`node:${web}`, { level })).toEqual(['12', '13', '14', '24'])
      expect(idsOf(`node:${db}`, { level })).toEqual(['13'])
      expect(idsOf(`node:${out}`, { level })).toEqual(['14', '24'])
      expect(idsOf(`edge:${bundle(web, db)}`, { level })).toEqual(['13'])
      expect(idsOf(`edge:${bundle(web, out)}`, { level })).toEqual(['14', '24'])
    }
    // What the view keeps out stays out.
    expect(idsOf(`node:${web}`, { level: 'namespace', chips: [chipOf('either', 'text', 'app-3')] })).toEqual(['13'])
  })

  it('of a bundle are those in the states that are asked for', () => {
    const mixed = graphOf(NODES, [
      edge('13', '1', '3'),
      { ...edge('23', '2', '3'), state: 'denied_by_rule', denied: 1 },
    ])
    const query: GraphQuery = { ...ALL, level: 'namespace', states: ['denied_by_rule'] }
    expect(edgesOfView(mixed, query, '').edges.map(({ id }) => id)).toEqual(['23'])
  })

  it('of a pod are those of its workload, with the pod named', () => {
    const id = 'p0123456789abcdef'
    const query: GraphQuery = { ...ALL, inside: { cluster: 'c', namespace: 'web' }, level: 'pod' }
    const withPods = {
      ...graphOf(
        [...NODES, node(id, { name: 'app-2', pod: 'app-2-x', partOf: '2' })],
        [...GRAPH.edges, { ...edge('pfedcba9876543210', '1', id), partOf: '12' }],
      ),
      pods: { records: 1, recordsLeft: 0, edgesWithoutPods: 0 },
    }
    const ofNode = edgesOfView(GRAPH, query, `node:${id}`, withPods)
    expect(ofNode.edges.map((one) => one.id)).toEqual(['12', '24'])
    expect(ofNode.pod).toBe('app-2-x')
    const ofEdge = edgesOfView(GRAPH, query, 'edge:pfedcba9876543210', withPods)
    expect(ofEdge.edges.map((one) => one.id)).toEqual(['12'])
    expect(ofEdge.pod).toBe('app-2-x')
  })
})
