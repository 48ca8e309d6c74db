import { describe, expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { keptBy } from './keep-edges'
import { viewGraph } from './view-graph'

const node = (id: string, namespace: string): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'c',
  namespace,
  name: id,
  label: id,
})
const edge = (client: string, server: string, serverPort: number, part: Partial<GraphEdge> = {}): GraphEdge => ({
  id: `${client}${server}`,
  client,
  server,
  cluster: 'c',
  protocol: 'tcp',
  serverPort,
  state: 'allowed_by_policy',
  passed: 1,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 },
  variants: [],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
/** A chain a → b → c → d → e, and everybody asks the resolver. */
const NODES = [node('a', 'x'), node('b', 'x'), node('c', 'y'), node('d', 'y'), node('e', 'z'), node('r', 'dns')]
const EDGES = [
  edge('a', 'b', 80),
  edge('b', 'c', 80, { denied: 1, state: 'denied_by_rule' }),
  edge('c', 'd', 443),
  edge('d', 'e', 443),
  edge('a', 'r', 53),
  edge('e', 'r', 53),
]
type Part = Pick<GraphQuery, 'chips' | 'isBothWays' | 'hide' | 'focus'>
const kept = (query: Part): readonly string[] => EDGES.filter(keptBy(query, NODES, EDGES)).map(({ id }) => id)

describe('hide', () => {
  it('of nodes takes them and their edges; of edges takes these alone', () => {
    expect(kept({ hide: 'ns = y' })).toEqual(['ab', 'ar', 'er'])
    expect(kept({ hide: 'port = 53' })).toEqual(['ab', 'bc', 'cd', 'de'])
    expect(kept({ hide: 'dst.ns = y' })).toEqual(['ab', 'de', 'ar', 'er'])
    expect(kept({ hide: 'ns = y or port = 53' })).toEqual(['ab'])
    expect(kept({ hide: 'not ns in (x, y)' })).toEqual(['ab', 'bc', 'cd'])
  })

  it('wins over focus, and a hop does not go through what is hidden', () => {
    expect(kept({ hide: 'ns = x', focus: 'name = a +3' })).toEqual([])
    expect(kept({ hide: 'name = b', focus: 'name = a +2' })).toEqual(['ar', 'er'])
    expect(kept({ hide: 'port = 53', focus: 'name = a +2' })).toEqual(['ab', 'bc'])
  })
})

describe('focus', () => {
  it.each([
    ['name = a', ['ab', 'ar']],
    ['name = a +1', ['ab', 'ar']],
    ['name = a +2', ['ab', 'bc', 'ar', 'er']],
    ['ns = x +0', ['ab']],
    ['ns = x', ['ab', 'bc', 'ar']],
    ['is denied', ['bc']],
    ['is denied +0', ['bc']],
    ['is denied +2', ['ab', 'bc', 'cd']],
    ['name = nobody', []],
    ['name = a +999', ['ab', 'bc', 'cd', 'de', 'ar', 'er']],
  ])('%s keeps %j', (focus, ids) => {
    expect(kept({ focus })).toEqual(ids)
  })
})

describe('a view', () => {
  const graph: ServiceGraph = {
    window: { fromMs: 0, toMs: 1 },
    dataset: '',
    nodes: NODES,
    edges: EDGES,
    hidden: { edges: 0, nodes: 0 },
    coverage: [],
    headline: { violations: 0, providerConnections: 0 },
    revision: '1',
  }
  const query: GraphQuery = { dataset: '', windowMs: 1, namespaces: [], scope: 'all', states: [] }

  it('counts what chips and expressions take away, and leaves no node without an edge', () => {
    const shown = viewGraph(graph, { ...query, hide: 'port = 53', chips: [chipOf('source', 'namespace', 'x')] })
    expect(shown.edges.map(({ id }) => id)).toEqual(['ab', 'bc'])
    expect(shown.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(shown.hidden).toMatchObject({ edges: 4, nodes: 3 })
  })

  it.each(['ns =', '((((', '"', 'namspace = x', '('.repeat(5000), '='])(
    'is whole where an expression cannot be read or asks nothing: %j',
    (text) => {
      expect(viewGraph(graph, { ...query, hide: text })).toEqual(viewGraph(graph, query))
      expect(viewGraph(graph, { ...query, focus: text })).toEqual(viewGraph(graph, query))
    },
  )

  it.each(['change = added', 'not has change', 'name = a or no change'])(
    'is whole where an expression asks what changed and nothing is compared: %j',
    (text) => {
      expect(viewGraph(graph, { ...query, hide: text })).toEqual(viewGraph(graph, query))
      expect(viewGraph(graph, { ...query, focus: text })).toEqual(viewGraph(graph, query))
    },
  )

  it('hops go over what the rest of the view shows', () => {
    const shown = viewGraph(graph, { ...query, states: ['allowed_by_policy'], focus: 'name = a +2' })
    expect(shown.edges.map(({ id }) => id)).toEqual(['ab', 'ar', 'er'])
  })

  it('of the worst expression on a large graph stays linear: each edge is asked a bounded number of times', () => {
    let asked = 0
    const counting = EDGES.map((one) => ({
      ...one,
      get denied() {
        asked += 1
        return 0
      },
    }))
    const hide = Array.from({ length: 40 }, () => 'denied > 1').join(' or ')
    expect(counting.filter(keptBy({ hide }, NODES, counting))).toHaveLength(EDGES.length)
    expect(asked).toBeLessThanOrEqual(40 * EDGES.length)
  })
})
