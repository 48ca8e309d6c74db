import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GRAPH_LEVELS, type GraphEdge, type GraphQuery, NOISE_KINDS } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'
import { graphs, makeDoor, makeEdge, makeGraph, makeNode, QUERY } from './__fixtures__/graphs'
import { countStates } from './bundle-edges'
import { READABLE } from './choose-level'
import { headlineOf } from './headline'
import { isNeverHidden, needsPerson, rankProblems } from './needs-person'
import { noiseOf } from './noise'
import { drawnAs, viewGraph } from './view-graph'

const queries: fc.Arbitrary<GraphQuery> = fc.record(
  {
    dataset: fc.constant(''),
    windowMs: fc.constant(1),
    namespaces: fc.subarray(['x', 'y']),
    scope: fc.constantFrom('ai' as const, 'all' as const),
    states: fc.subarray([...EDGE_STATES], { maxLength: 3 }),
    level: fc.constantFrom(...GRAPH_LEVELS),
    inside: fc.constantFrom({ cluster: 'a' }, { cluster: 'a', namespace: 'x' }),
    isOnlyProblems: fc.boolean(),
    quiet: fc.subarray([...NOISE_KINDS]),
  },
  { requiredKeys: ['dataset', 'windowMs', 'namespaces', 'scope', 'states'] },
)

const innerOf = (graph: ReturnType<typeof viewGraph>) =>
  graph.nodes.reduce((total, node) => total + (node.group?.innerEdges ?? 0), 0)
const drawnOf = (edges: readonly GraphEdge[]) => edges.reduce((total, edge) => total + (edge.bundle?.edges ?? 1), 0)

describe('the numbers above a view', () => {
  it('are those of the cluster that it asks for, whatever else the window has', () => {
    const graph = makeGraph(
      [makeNode('1'), makeNode('2'), makeNode('3')],
      [
        makeEdge('10', '1', '2', { cluster: 'a', door: makeDoor('violation') }),
        makeEdge('11', '1', '3', { cluster: 'b', door: makeDoor('violation') }),
        makeEdge('12', '2', '3', { cluster: 'b', door: makeDoor('violation') }),
      ],
    )
    const of = (cluster: string) => viewGraph(graph, { ...QUERY, cluster, scope: 'ai' }).headline.violations
    expect([of('a'), of('b'), of('c')]).toEqual([1, 2, 0])
    const all = { ...graph, headline: headlineOf(graph.nodes, graph.edges) }
    expect(viewGraph(all, QUERY).headline.violations).toBe(3)
  })
})

describe('what a view keeps off the screen', () => {
  it('is counted: drawn, inner and hidden edges are all edges, nodes likewise', () => {
    fc.assert(
      fc.property(graphs, queries, (graph, query) => {
        const view = viewGraph(graph, query)
        expect(drawnOf(view.edges) + innerOf(view) + view.hidden.edges).toBe(graph.edges.length)
        const members = view.nodes.reduce((total, node) => total + (node.group?.members ?? 1), 0)
        expect(members + view.hidden.nodes).toBe(graph.nodes.length)
        const parts = Object.values(view.hidden.by ?? {})
        expect(parts.reduce((total, part) => total + part.edges, 0)).toBe(view.hidden.edges)
        expect(parts.reduce((total, part) => total + part.share, 0)).toBeLessThanOrEqual(1.001)
        expect([view.hidden.by?.noise?.denied ?? 0, view.hidden.by?.limit?.denied ?? 0]).toEqual([0, 0])
      }),
    )
  })

  it('by the limit is never a denied, flagged or AI edge: of 3,000, all of these are drawn, and the busiest others', () => {
    const nodes = Array.from({ length: 60 }, (_, at) => makeNode(`${at}`))
    const kinds: Partial<GraphEdge>[] = [
      { denied: 1, state: 'denied_no_rule' },
      { isAi: true },
      { openFindings: 1 },
      { state: 'would_be_denied', wouldBeDenied: 1 },
      { door: makeDoor('violation') },
    ]
    const edges = Array.from({ length: 3000 }, (_, at) =>
      makeEdge(`${10_000 + at}`, `${at % 60}`, `${(at * 7 + 1) % 60}`, {
        counters: { ...makeEdge('', '', '').counters, connections: at },
        ...(at % 10 === 0 ? kinds[(at / 10) % kinds.length] : {}),
      }),
    )
    const view = viewGraph(makeGraph(nodes, edges), { ...QUERY, level: 'workload' })
    expect(view.edges).toHaveLength(READABLE.edges)
    expect(view.edges.filter(isNeverHidden)).toHaveLength(300)
    expect(view.hidden).toMatchObject({
      edges: 2200,
      by: { limit: { edges: 2200, denied: 0 } },
      measure: 'connections',
    })
    expect(view.hidden.by?.limit?.share).toBeGreaterThan(0)
    const quietest = Math.min(
      ...view.edges.filter((edge) => !isNeverHidden(edge)).map(({ counters }) => counters.connections),
    )
    expect(quietest).toBeGreaterThan(2000)
    expect(viewGraph(makeGraph(nodes, edges), { ...QUERY, level: 'workload', isUncapped: true }).edges).toHaveLength(
      3000,
    )
  })

  it('of workloads without limits is every edge by itself, however many peers are outside', () => {
    const nodes = [
      makeNode('1'),
      ...Array.from({ length: 40 }, (_, at) =>
        makeNode(`${100 + at}`, { class: 'external', namespace: '', name: `203.0.113.${at}` }),
      ),
    ]
    const edges = Array.from({ length: 40 }, (_, at) => makeEdge(`${1000 + at}`, '1', `${100 + at}`))
    const graph = makeGraph(nodes, edges)
    expect(viewGraph(graph, { ...QUERY, level: 'workload' }).edges).toHaveLength(1)
    expect(viewGraph(graph, { ...QUERY, level: 'workload', isUncapped: true })).toMatchObject({ nodes, edges })
  })

  it('by the limit is not even cut where the needed ones alone are more than the limit', () => {
    const nodes = Array.from({ length: 60 }, (_, at) => makeNode(`${at}`))
    const edges = Array.from({ length: 1000 }, (_, at) =>
      makeEdge(`${10_000 + at}`, `${at % 60}`, `${(at * 7 + 1) % 60}`, at < 900 ? { isAi: true } : {}),
    )
    const view = viewGraph(makeGraph(nodes, edges), { ...QUERY, level: 'workload' })
    expect(view.edges).toHaveLength(900)
    expect(view.edges.every(({ isAi }) => isAi)).toBe(true)
  })

  it('is told in bytes where every edge that let anything through counts them, else in connections', () => {
    const bytes = (bytesSent: number) => ({ counters: { ...makeEdge('', '', '').counters, bytesSent } })
    const graph = makeGraph(
      [makeNode('1'), makeNode('2', { namespace: 'other' })],
      [makeEdge('8', '1', '1', bytes(900)), makeEdge('9', '2', '2', bytes(100))],
    )
    expect(viewGraph(graph, { ...QUERY, level: 'workload', namespaces: ['n'] }).hidden).toEqual({
      edges: 1,
      nodes: 1,
      by: { filters: { edges: 1, denied: 0, share: 0.1 } },
      measure: 'bytes',
    })
    const other = makeGraph(graph.nodes, [...graph.edges, makeEdge('7', '1', '2')])
    expect(viewGraph(other, { ...QUERY, level: 'workload', namespaces: ['n'] }).hidden.measure).toBe('connections')
  })
})

describe('the level of a view that does not name one', () => {
  /** A cluster of namespaces of ten workloads; each calls the next. */
  const cluster = (workloads: number) => {
    const nodes = Array.from({ length: workloads }, (_, at) =>
      makeNode(`${at}`, { namespace: `ns${Math.floor(at / 10)}` }),
    )
    return makeGraph(
      nodes,
      nodes.map((_, at) => makeEdge(`${10_000 + at}`, `${at}`, `${(at + 1) % workloads}`)),
    )
  }
  const levelOf = (workloads: number, previous?: ReturnType<typeof drawnAs>) =>
    viewGraph(cluster(workloads), QUERY, previous).level

  it('is the finest that can be read: workloads, then namespaces; of a single cluster never the cluster', () => {
    expect(levelOf(READABLE.nodes)).toBe('workload')
    expect(levelOf(READABLE.nodes + 1)).toBe('namespace')
    expect(levelOf(READABLE.nodes * 10)).toBe('namespace')
    expect(levelOf(READABLE.nodes * 10 + 10)).toBe('namespace')
  })

  it('stays within the limit of a readable drawing at 3,000 workloads', () => {
    const view = viewGraph(cluster(3000), QUERY)
    expect(view.nodes.length).toBeLessThanOrEqual(READABLE.nodes)
    expect(view.hidden.edges).toBe(0)
  })

  it('does not flip while traffic comes and goes around the limit, and follows where it goes for good', () => {
    let previous: ReturnType<typeof drawnAs> | undefined
    const levels = [290, 310, 290, 320, 370, 310, 290, 240, 310, 220, 310, 376].map((workloads) => {
      const view = viewGraph(cluster(workloads), QUERY, previous)
      previous = drawnAs(view)
      return view.level
    })
    expect(levels.map((level) => level?.[0]).join('')).toBe('wwwwwwwwwwwn')
    expect(levelOf(290, { level: 'namespace', isOutsideGrouped: true })).toBe('namespace')
    expect(levelOf(220, { level: 'namespace', isOutsideGrouped: true })).toBe('workload')
  })

  it('is one finer than the place that a person stepped into, its neighbours as coarse as the place', () => {
    const view = viewGraph(cluster(50), { ...QUERY, inside: { cluster: 'k', namespace: 'ns2' } })
    expect(view.level).toBe('workload')
    expect(view.nodes.filter(({ group }) => !group)).toHaveLength(10)
    expect(view.nodes.flatMap(({ group, name }) => (group ? [name] : [])).sort()).toEqual(['ns1', 'ns3'])
    expect(viewGraph(cluster(50), { ...QUERY, inside: { cluster: 'k' } }).level).toBe('namespace')
    expect(viewGraph(cluster(50), { ...QUERY, inside: { cluster: 'k' }, level: 'workload' }).level).toBe('workload')
  })

  it('has peers outside the cluster one by one where they are few, and as one group where they are many', () => {
    const web = (hosts: number) =>
      makeGraph(
        [
          makeNode('0'),
          ...Array.from({ length: hosts }, (_, at) =>
            makeNode(`${100 + at}`, { class: 'external', namespace: '', name: `h${at}.example` }),
          ),
        ],
        Array.from({ length: hosts }, (_, at) => makeEdge(`${10_000 + at}`, '0', `${100 + at}`)),
      )
    expect(viewGraph(web(20), QUERY).nodes).toHaveLength(21)
    expect(viewGraph(web(21), QUERY).nodes).toHaveLength(2)
    expect(viewGraph(web(21), QUERY).edges[0]?.bundle?.edges).toBe(21)
  })
})

describe('noise', () => {
  const nodes = new Map(
    [
      makeNode('app', { namespace: 'shop' }),
      makeNode('dns', { namespace: 'kube-system', name: 'coredns' }),
      makeNode('node', { class: 'host', namespace: '', name: '' }),
      makeNode('scraper', { namespace: 'tools', name: 'prometheus-server' }),
      makeNode('board', { namespace: 'monitoring', name: 'grafana' }),
      makeNode('fake', { namespace: 'shop', name: 'coredns' }),
    ].map((node) => [node.id, node]),
  )
  const kindOf = (client: string, server: string, part: Partial<GraphEdge> = {}) =>
    noiseOf(makeEdge('9', client, server, part), nodes)

  it('is known by port, class, namespace and name', () => {
    expect(kindOf('app', 'fake', { serverPort: 53 })).toBe('dns')
    expect(kindOf('app', 'dns', { serverPort: 9153 })).toBe('dns')
    expect(kindOf('node', 'app')).toBe('host')
    expect(kindOf('scraper', 'app')).toBe('monitoring')
    expect(kindOf('board', 'app')).toBe('monitoring')
    expect(kindOf('app', 'fake')).toBeUndefined()
  })

  it.each<[string, Partial<GraphEdge>]>([
    ['denied', { denied: 1, state: 'denied_no_rule' }],
    ['denied by the counts of a mixed edge', { state: 'mixed', denied: 1 }],
    ['would be denied', { wouldBeDenied: 1 }],
    ['dropped', { dropped: 1 }],
    ['flagged by a finding', { openFindings: 1 }],
    ['a violation', { door: makeDoor('violation') }],
    ['AI traffic', { isAi: true }],
  ])('is never what is %s', (_name, part) => {
    for (const [client, server] of [
      ['app', 'dns'],
      ['node', 'app'],
      ['scraper', 'app'],
    ] as const)
      expect(kindOf(client, server, { serverPort: 53, ...part })).toBeUndefined()
  })

  it('is hidden only as far as the toggles say', () => {
    const graph = makeGraph(
      [...nodes.values()],
      [makeEdge('8', 'app', 'dns', { serverPort: 53 }), makeEdge('9', 'node', 'app')],
    )
    expect(viewGraph(graph, { ...QUERY, level: 'workload', quiet: ['dns'] })).toMatchObject({
      edges: [{ id: '9' }],
      hidden: { by: { noise: { edges: 1 } } },
    })
  })
})

describe('only problems', () => {
  it('draws exactly what the problem list names, at every level, and the list of the full view is the same', () => {
    fc.assert(
      fc.property(graphs, queries, (graph, query) => {
        const drawn = viewGraph(graph, { ...query, states: [], isOnlyProblems: true })
        expect(
          rankProblems(drawn)
            .map(({ edge }) => edge.id)
            .sort(),
        ).toEqual(drawn.edges.map(({ id }) => id).sort())
        const full = viewGraph(graph, { ...query, states: [], isOnlyProblems: false, level: drawn.level })
        // In what order may differ: what a bundle of the full view has beside its problems can make it a mixture.
        const idsOf = (view: typeof full) =>
          rankProblems(view)
            .map(({ edge }) => edge.id)
            .sort()
        expect(idsOf(full)).toEqual(idsOf(drawn))
        expect(drawnOf(drawn.edges)).toBe(drawnOf(drawn.edges.filter(needsPerson)))
      }),
    )
  })

  it('ranks violations first, then denials, mixtures, what would be denied, findings of any weight, and drops', () => {
    const nodes = [makeNode('1'), makeNode('2')]
    const edges = [
      makeEdge('9', '1', '2', { dropped: 1 }),
      makeEdge('8', '1', '2', { wouldBeDenied: 1 }),
      makeEdge('7', '1', '2', { state: 'mixed', denied: 1 }),
      makeEdge('6', '1', '2', { state: 'denied_by_rule', denied: 1 }),
      makeEdge('5', '1', '2', { openFindings: 1 }),
      makeEdge('4', '1', '2', { door: makeDoor('violation') }),
      makeEdge('3', '1', '2'),
      makeEdge('2', '1', '2', { state: 'denied_by_rule', denied: 1, openFindings: 1 }),
    ]
    expect(rankProblems({ nodes, edges }).map(({ edge }) => edge.id)).toEqual(['4', '2', '6', '7', '8', '5', '9'])
  })
})

describe('states', () => {
  it('keep a bundle in which any edge is in the state that is asked for, and are counted as the table has them', () => {
    const nodes = [
      makeNode('1', { namespace: 'a' }),
      makeNode('2', { namespace: 'b' }),
      makeNode('3', { namespace: 'c' }),
    ]
    const graph = makeGraph(nodes, [
      makeEdge('8', '1', '2', { state: 'denied_by_rule', denied: 1 }),
      makeEdge('7', '1', '2'),
      makeEdge('6', '1', '3'),
    ])
    const view = viewGraph(graph, { ...QUERY, level: 'namespace', states: ['denied_by_rule'] })
    expect(view.edges).toHaveLength(1)
    expect(countStates(view.edges)).toEqual({ mixed: 1 })
    expect(view.hidden.by?.filters?.edges).toBe(1)
  })
})
