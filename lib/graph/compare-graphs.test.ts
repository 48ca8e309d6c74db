import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SourceSilence } from '@/lib/model/comparison'
import type { EdgeCounters, GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { EdgeState } from '@/lib/model/verdict'
import { changesById, compareGraphs } from './compare-graphs'

const NONE: EdgeCounters = {
  connections: 0,
  events: 0,
  requests: 0,
  requestErrors: 0,
  spans: 0,
  bytesSent: 0,
  bytesReceived: 0,
}

const node = (id: string): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'prod',
  namespace: 'ml',
  name: id,
  label: `ml / ${id}`,
})

function edge(
  id: string,
  part: Partial<GraphEdge> = {},
  counters: Partial<EdgeCounters> = { connections: 10 },
): GraphEdge {
  const all = { ...NONE, ...counters }
  return {
    id,
    client: `c${id}`,
    server: `s${id}`,
    cluster: 'prod',
    protocol: 'TCP',
    serverPort: 443,
    state: 'allowed_by_policy',
    passed: all.connections,
    denied: 0,
    wouldBeDenied: 0,
    dropped: 0,
    counters: all,
    variants: [
      {
        id: `v${id}`,
        source: 'hubble',
        observer: 'client',
        outcome: 'allowed',
        basis: 'rule',
        pending: 'same',
        layer: 'L4',
        counters: all,
        firstMs: 0,
        lastMs: 0,
      },
    ],
    isAi: false,
    openFindings: 0,
    firstMs: 0,
    lastMs: 0,
    ...part,
  }
}

const graph = (edges: readonly GraphEdge[], fromMs = 0): ServiceGraph => ({
  window: { fromMs, toMs: fromMs + 1000 },
  dataset: '',
  nodes: edges.flatMap((item) => [node(item.client), node(item.server)]),
  edges,
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  headline: { violations: 0, providerConnections: 0 },
  revision: '1',
})

const silence = (part: Partial<SourceSilence> = {}): SourceSilence => ({
  source: 'hubble',
  cluster: 'prod',
  kind: 'silent',
  fromMs: 0,
  toMs: 1000,
  ...part,
})

describe('two windows compared', () => {
  const before = graph([
    edge('1'),
    edge('2'),
    edge('3', {}, { connections: 100 }),
    edge('4'),
    edge('5', {}, { connections: 3 }),
    edge('6', {}, { connections: 5, bytesSent: 1024 * 1024 }),
  ])
  const after = graph(
    [
      edge('1'),
      edge('3', {}, { connections: 350 }),
      edge('4', { state: 'denied_by_rule', passed: 0, denied: 7 }),
      edge('5', {}, { connections: 9 }),
      edge('6', {}, { connections: 5, bytesSent: 9 * 1024 * 1024 }),
      edge('7'),
    ],
    1000,
  )

  it('lists exactly what was seeded: one verdict, one edge more, one fewer, two volumes; little that became twice as much is no change', () => {
    const { differences } = compareGraphs(before, after)
    expect(differences.map(({ edgeId, kind, factor, unit }) => [edgeId, kind, factor, unit])).toEqual([
      ['4', 'verdict', undefined, undefined],
      ['7', 'added', undefined, undefined],
      ['2', 'removed', undefined, undefined],
      ['3', 'volume', 3.5, 'connections'],
      ['6', 'volume', 9, 'bytes'],
    ])
    expect(Object.fromEntries(changesById(differences))).toEqual({
      '2': 'removed',
      '3': 'volume',
      '4': 'verdict',
      '6': 'volume',
      '7': 'added',
    })
  })

  it('draws the nodes of both windows, so that each stands in one place, and an edge of both as the newer has it', () => {
    const { graph: both } = compareGraphs(before, after)
    expect(both.nodes.map(({ id }) => id)).toEqual([...'1234567'].flatMap((id) => [`c${id}`, `s${id}`]).sort())
    expect(both.edges.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(both.edges.find(({ id }) => id === '4')?.state).toBe('denied_by_rule')
    const swapped = compareGraphs(after, before).graph
    expect(swapped.nodes.map(({ id }) => id)).toEqual(both.nodes.map(({ id }) => id))
  })

  it('an edge that its source could not have seen is never told without that source', () => {
    const part = { silences: { before: [], after: [silence({ fromMs: 1000, toMs: 2000 })] } }
    const { differences } = compareGraphs(before, after, part.silences)
    const of = (id: string) => differences.find(({ edgeId }) => edgeId === id)?.uncovered
    expect(of('2')).toEqual([part.silences.after[0]])
    expect(of('7')).toEqual([])
    expect(of('4')).toEqual([part.silences.after[0]])
  })

  it('the silence of another cluster or of a source that never told of the edge says nothing about it', () => {
    const after2 = [silence({ cluster: 'other' }), silence({ source: 'dns' }), silence({ source: 'otlp' })]
    const { differences } = compareGraphs(before, after, { before: [], after: after2 })
    expect(differences.flatMap(({ uncovered }) => uncovered)).toEqual([])
  })

  it('calls that only traces saw rest on traces', () => {
    const spans = graph([edge('9', { variants: [] }, { spans: 4 })])
    const { differences } = compareGraphs(spans, graph([]), {
      before: [],
      after: [silence({ source: 'otlp' }), silence()],
    })
    expect(differences[0]?.uncovered.map(({ source }) => source)).toEqual(['otlp'])
  })

  it('sums each window on its own', () => {
    const { before: first, after: second } = compareGraphs(before, after)
    expect(first).toMatchObject({ edges: 6, passed: 138, denied: 0, window: before.window })
    expect(second).toMatchObject({ edges: 6, denied: 7, window: after.window })
  })

  it('a window compared with itself has no differences, and swapping both swaps what was added and removed', () => {
    const states: readonly EdgeState[] = ['allowed_by_policy', 'denied_by_rule', 'no_verdict']
    const graphs = fc
      .uniqueArray(
        fc.record({ id: fc.integer({ min: 0, max: 20 }), state: fc.constantFrom(...states), n: fc.nat(1000) }),
        { selector: ({ id }) => id },
      )
      .map((items) => graph(items.map(({ id, state, n }) => edge(String(id), { state }, { connections: n }))))
    fc.assert(
      fc.property(graphs, graphs, (a, b) => {
        expect(compareGraphs(a, a).differences).toEqual([])
        const kinds = (list: ReturnType<typeof compareGraphs>, kind: string) =>
          list.differences
            .filter((item) => item.kind === kind)
            .map(({ edgeId }) => edgeId)
            .sort()
        const [there, back] = [compareGraphs(a, b), compareGraphs(b, a)]
        expect(kinds(there, 'added')).toEqual(kinds(back, 'removed'))
        expect(kinds(there, 'verdict')).toEqual(kinds(back, 'verdict'))
        expect(kinds(there, 'volume')).toEqual(kinds(back, 'volume'))
      }),
    )
  })
})
