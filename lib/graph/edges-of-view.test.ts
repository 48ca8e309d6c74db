import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { edgesOfView, isDrawnOnly } from './edges-of-view'
import { MAX_EDGES_ON_SCREEN } from './view-graph'

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
  headline: { violations: 0, verified: undefined, unnamed: undefined } as unknown as ServiceGraph['headline'],
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
const idsOf = (selected: string, query: Partial<GraphQuery> = {}, drawn?: ServiceGraph) =>
  edgesOfView(GRAPH, { ...ALL, ...query }, selected, drawn).edges.map(({ id }) => id)

describe('the edges of a view', () => {
  it('are all that its filters keep, far more than are drawn', () => {
    const many = Array.from({ length: MAX_EDGES_ON_SCREEN * 3 }, (_, n) => edge(String(100 + n), '1', '2'))
    expect(edgesOfView(graphOf(NODES, many), ALL, '').edges).toHaveLength(many.length)
    expect(idsOf('', { text: 'app-3' })).toEqual(['13'])
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

  it('of a group or a bundle are those of its members', () => {
    const group = (id: string, kind: 'cluster' | 'namespace' | 'outside', change: Partial<GraphNode>): GraphNode =>
      node(id, { group: { kind, members: 1, innerEdges: 0 } as NonNullable<GraphNode['group']>, ...change })
    const [web, db, out] = ['gaaaaaaaaaaaaaaaa', 'gbbbbbbbbbbbbbbbb', 'gcccccccccccccccc']
    const drawn = graphOf(
      [
        group(web, 'namespace', {}),
        group(db, 'namespace', { namespace: 'db' }),
        group(out, 'outside', { class: 'external', namespace: '' }),
      ],
      [edge('gdddddddddddddddd', web, db), edge('geeeeeeeeeeeeeeee', web, out), edge('gffffffffffffffff', web, web)],
    )
    expect(idsOf(`node:${web}`, {}, drawn)).toEqual(['12', '13', '14', '24'])
    expect(idsOf(`node:${db}`, {}, drawn)).toEqual(['13'])
    expect(idsOf(`node:${out}`, {}, drawn)).toEqual(['14', '24'])
    expect(idsOf('edge:gdddddddddddddddd', {}, drawn)).toEqual(['13'])
    expect(idsOf('edge:geeeeeeeeeeeeeeee', {}, drawn)).toEqual(['14', '24'])
    expect(idsOf('edge:gffffffffffffffff', {}, drawn)).toEqual(['12'])
    // What the view keeps out stays out.
    expect(idsOf(`node:${web}`, { text: 'app-3' }, drawn)).toEqual(['13'])
  })

  it('of a pod are those of its workload, with the pod named', () => {
    const drawn = graphOf([node('p0123456789abcdef', { name: 'app-2', pod: 'app-2-x' })], [])
    const { edges, pod } = edgesOfView(GRAPH, ALL, 'node:p0123456789abcdef', drawn)
    expect(edges.map(({ id }) => id)).toEqual(['12', '24'])
    expect(pod).toBe('app-2-x')
  })
})

it('what only a drawing knows is told from ids of the store', () => {
  expect(['edge:1', 'node:-5', ''].filter(isDrawnOnly)).toEqual([])
  expect(isDrawnOnly('edge:g0123456789abcdef') && isDrawnOnly('node:p0123456789abcdef')).toBe(true)
})
