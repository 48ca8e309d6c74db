import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import { makeEdge, makeGraph, makeNode, QUERY } from './__fixtures__/graphs'
import { type DrawnAs, READABLE, TELLING_GROUPS } from './choose-level'
import { isNeverHidden } from './needs-person'
import { drawnAs, viewGraph } from './view-graph'

interface Shape {
  readonly clusters: number
  readonly namespaces: number
  readonly workloads: number
  /** Edges of a workload, beside the one to the next: to workloads this far on. */
  readonly leaps?: readonly number[]
  /** Every how many-th edge must never be hidden; 0 = none. */
  readonly needed?: number
}

const NEEDED: readonly Partial<GraphEdge>[] = [
  { denied: 1, state: 'denied_no_rule' },
  { isAi: true },
  { openFindings: 1 },
  { wouldBeDenied: 1, state: 'would_be_denied' },
]

/** Clusters of namespaces of workloads, each calling the next and some further ones of its cluster. */
function fleet({ clusters, namespaces, workloads, leaps = [], needed = 0 }: Shape): ServiceGraph {
  const perCluster = namespaces * workloads
  const nodes = Array.from({ length: clusters * perCluster }, (_, at) =>
    makeNode(`${at}`, {
      cluster: `k${Math.floor(at / perCluster)}`,
      namespace: `ns${Math.floor((at % perCluster) / workloads)}`,
    }),
  )
  const edges = nodes.flatMap((node, at) =>
    [1, ...leaps].map((leap, which) => {
      const first = at - (at % perCluster)
      const id = 1_000_000 + at * 10 + which
      return makeEdge(`${id}`, `${at}`, `${first + ((at - first + leap) % perCluster)}`, {
        cluster: node.cluster,
        counters: { ...makeEdge('', '', '').counters, connections: (at * 7919) % 5000 },
        ...(needed > 0 && (at + which) % needed === 0 ? NEEDED[((at / needed) % NEEDED.length) | 0] : {}),
      })
    }),
  )
  return makeGraph(nodes, edges)
}

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    clusters: fc.constantFrom(1, 1, 1, 2, 3, 4, 6),
    namespaces: fc.constantFrom(1, 2, 5, 40, 301, 420),
    workloads: fc.constantFrom(1, 2, 12, 340),
    leaps: fc.subarray([3, 101]),
    needed: fc.constantFrom(0, 0, 2, 7, 60),
  })
  .filter(({ clusters, namespaces, workloads }) => clusters * namespaces * workloads <= 1300)

const placesOf = (graph: ServiceGraph) =>
  graph.nodes.filter(({ group }) => group?.kind === 'cluster' || group?.kind === 'namespace').length

const drawnIds = (graph: ServiceGraph, level: 'workload' | 'namespace' | 'cluster') =>
  viewGraph(graph, { ...QUERY, level, isUncapped: true })

const BAND = 1.25
const isWithin = (graph: ServiceGraph, band = 1) =>
  graph.nodes.length <= READABLE.nodes * band && graph.edges.length <= READABLE.edges * band

describe('the level that a view chooses by itself', () => {
  it('keeps the drawing readable, leaves nothing out that must be seen, and counts the rest', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const graph = fleet(shape)
        const view = viewGraph(graph, QUERY)
        const within = view.nodes.reduce((sum, { group }) => sum + (group?.innerEdges ?? 0), 0)
        const drawn = view.edges.reduce((sum, { bundle }) => sum + (bundle?.edges ?? 1), 0)
        expect(drawn + within + view.hidden.edges).toBe(graph.edges.length)
        expect(view.nodes.reduce((sum, { group }) => sum + (group?.members ?? 1), 0) + view.hidden.nodes).toBe(
          graph.nodes.length,
        )
        expect(view.hidden.by?.limit?.denied ?? 0).toBe(0)
        if (view.level !== 'cluster') expect(isWithin(view)).toBe(true)
        expect(viewGraph(graph, { ...QUERY, isUncapped: true }).hidden.edges).toBe(0)
        const needed = { ...graph, edges: graph.edges.filter(isNeverHidden) }
        const all = drawnIds(needed, view.level === 'pod' ? 'workload' : (view.level ?? 'workload'))
        const nodes = new Set(view.nodes.map(({ id }) => id))
        for (const { id } of all.nodes) expect(nodes.has(id)).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  it('never gives one node, nor fewer groups than say something, where a finer level has room for what must be seen', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const graph = fleet(shape)
        const view = viewGraph(graph, QUERY)
        if (view.level === 'workload' || placesOf(view) >= TELLING_GROUPS) return
        const finer = view.level === 'cluster' ? 'namespace' : 'workload'
        expect(isWithin(drawnIds({ ...graph, edges: graph.edges.filter(isNeverHidden) }, finer))).toBe(false)
      }),
      { numRuns: 25 },
    )
  })

  it.each<[string, Shape, string, number]>([
    ['a cluster of 420 namespaces', { clusters: 1, namespaces: 420, workloads: 3 }, 'namespace', READABLE.nodes],
    ['a namespace of 1,000 workloads', { clusters: 1, namespaces: 1, workloads: 1000 }, 'workload', READABLE.nodes],
    ['three clusters of 150 namespaces', { clusters: 3, namespaces: 150, workloads: 3 }, 'namespace', READABLE.nodes],
    ['six clusters of 150 namespaces', { clusters: 6, namespaces: 150, workloads: 2 }, 'cluster', 6],
    ['a cluster of 40 namespaces', { clusters: 1, namespaces: 40, workloads: 20 }, 'namespace', 40],
    [
      'a cluster of 420 namespaces, each denied',
      { clusters: 1, namespaces: 420, workloads: 1, needed: 1 },
      'cluster',
      1,
    ],
  ])('of %s', (_name, shape, level, nodes) => {
    const view = viewGraph(fleet(shape), QUERY)
    expect([view.level, view.nodes.length]).toEqual([level, nodes])
  })

  it('leaves the quietest namespaces out, and each line between those that are drawn has its place', () => {
    const graph = fleet({ clusters: 1, namespaces: 420, workloads: 2, needed: 90 })
    const view = viewGraph(graph, QUERY)
    const drawn = new Set(view.nodes.map(({ id }) => id))
    const whole = viewGraph(graph, { ...QUERY, isUncapped: true })
    expect(whole.nodes).toHaveLength(420)
    const missing = whole.edges.filter(({ client, server }) => drawn.has(client) && drawn.has(server))
    expect(view.edges.map(({ id }) => id)).toEqual(missing.map(({ id }) => id))
    expect(view.edges.filter(isNeverHidden)).toEqual(whole.edges.filter(isNeverHidden))
  })
})

describe('traffic that comes and goes', () => {
  /** What is drawn of one view as its graph changes. */
  const follow = (sizes: readonly Shape[]) => {
    let previous: DrawnAs | undefined
    return sizes.map((shape) => {
      const view = viewGraph(fleet(shape), QUERY, previous)
      previous = drawnAs(view)
      expect(isWithin(view, BAND)).toBe(true)
      return `${view.level} ${view.nodes.length}`
    })
  }
  const namespaces = (count: number): Shape => ({ clusters: 1, namespaces: count, workloads: 2 })
  const clusters = (count: number): Shape => ({ clusters: count, namespaces: 320, workloads: 1 })

  it('does not flip a drawing between whole and limited', () => {
    expect(follow([280, 320, 370, 380, 370, 320, 301, 300, 320].map(namespaces))).toEqual(
      [280, 320, 370, 300, 300, 300, 300, 300, 320].map((nodes) => `namespace ${nodes}`),
    )
  })

  it('does not flip between few groups and what is in them', () => {
    expect(follow([3, 4, 5, 4, 3, 4, 3, 2, 4].map(clusters))).toEqual([
      'namespace 300',
      'namespace 300',
      'cluster 5',
      'cluster 4',
      'cluster 3',
      'cluster 4',
      'cluster 3',
      'namespace 300',
      'namespace 300',
    ])
  })

  it('takes no node away where counts change by less than half', () => {
    const graph = fleet({ clusters: 1, namespaces: 420, workloads: 3 })
    const first = viewGraph(graph, QUERY)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 71, max: 141 }), { minLength: 997, maxLength: 997 }), (percents) => {
        const edges = graph.edges.map((edge, at) => {
          const connections = (edge.counters.connections * (percents[at % percents.length] ?? 100)) / 100
          return { ...edge, counters: { ...edge.counters, connections } }
        })
        const next = new Set(viewGraph({ ...graph, edges }, QUERY, drawnAs(first)).nodes.map(({ id }) => id))
        expect(first.nodes.filter(({ id }) => !next.has(id))).toEqual([])
      }),
      { numRuns: 10 },
    )
  })
})
