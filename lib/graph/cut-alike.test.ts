import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { READABLE } from './choose-level'
import { capComparison, cutAlike, unheardSources, untilFirstRecords } from './cut-alike'

const COUNTERS = { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const VARIANT = {
  id: 'v',
  source: 'hubble',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  counters: COUNTERS,
  firstMs: 0,
  lastMs: 0,
} as const
const node = (id: string): GraphNode => ({ id, class: 'workload', cluster: 'c', namespace: 'n', name: id, label: id })
const edge = (id: string, part: Partial<GraphEdge> = {}): GraphEdge => ({
  id,
  client: `c${id}`,
  server: 's',
  cluster: 'c',
  protocol: 'TCP',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed: 1,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: COUNTERS,
  variants: [VARIANT],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const graph = (edges: readonly GraphEdge[], fromMs = 0): ServiceGraph => ({
  window: { fromMs, toMs: fromMs + 1 },
  dataset: '',
  nodes: [...new Map([...edges.map(({ client }) => node(client)), node('s')].map((item) => [item.id, item])).values()],
  edges,
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  headline: { violations: 0, providerConnections: 0 },
  revision: '1',
})
const query = (part: Partial<GraphQuery> = {}): GraphQuery => ({
  dataset: '',
  windowMs: 1,
  namespaces: [],
  scope: 'all',
  states: [],
  ...part,
})
const ids = ({ edges }: ServiceGraph) => edges.map(({ id }) => id).sort()

describe('two windows cut by one view', () => {
  it('an edge that the view shows in one of them is there in the other, where it is', () => {
    const before = graph([edge('1'), edge('2')])
    const after = graph([edge('1', { state: 'denied_by_rule', denied: 1 }), edge('3', { state: 'denied_by_rule' })])
    const cut = cutAlike(before, after, query({ states: ['denied_by_rule'] }))
    expect([ids(cut.before), ids(cut.after)]).toEqual([['1'], ['1', '3']])
    expect(cut.before.nodes.map(({ id }) => id).sort()).toEqual(['c1', 's'])
  })

  it('what became AI traffic in one window is compared with what it was before', () => {
    const cut = cutAlike(graph([edge('1')]), graph([edge('1', { isAi: true })]), query({ scope: 'ai' }))
    expect([ids(cut.before), ids(cut.after)]).toEqual([['1'], ['1']])
  })

  it('a limit of the drawing makes no difference: what is cut of one and not of the other is not lost', () => {
    const many = Array.from({ length: READABLE.edges + 10 }, (_, n) => edge(String(n)))
    const busy = many.map((item, n) => (n < 20 ? { ...item, counters: { ...COUNTERS, connections: 100 } } : item))
    const cut = cutAlike(graph(many), graph([...busy].reverse()), query())
    expect(ids(cut.before)).toEqual(ids(cut.after))
  })

  it('the drawing keeps its limit, never at the cost of a change or a denial, and counts what it leaves out', () => {
    const many = Array.from({ length: READABLE.edges + 10 }, (_, n) =>
      edge(String(n), n === 807 ? { state: 'denied_by_rule', denied: 1 } : {}),
    )
    const drawn = capComparison(graph(many), new Set(['809', '808']), false)
    expect(drawn.nodes).toHaveLength(READABLE.nodes)
    expect(ids(drawn)).toEqual(expect.arrayContaining(['807', '808', '809']))
    expect(drawn.hidden).toEqual({
      edges: many.length - drawn.edges.length,
      nodes: many.length + 1 - READABLE.nodes,
    })
    expect(capComparison(graph(many), new Set(), true).edges).toHaveLength(many.length)
    const all = new Set(many.map(({ id }) => id))
    expect(capComparison(graph(many), all, false).edges).toHaveLength(many.length)
  })
})

describe('sources of a pinned dataset', () => {
  it('without a record in a window that the other has records of were not heard of in it, cluster by cluster', () => {
    const window = graph([edge('1', { cluster: 'a' })], 5)
    const other = graph([
      edge('2', { cluster: 'a' }),
      edge('3', { cluster: 'b' }),
      edge('4', { cluster: 'a', variants: [], counters: { ...COUNTERS, spans: 1 } }),
    ])
    expect(unheardSources(window, other)).toEqual([
      { source: 'hubble', cluster: 'b', kind: 'unheard', fromMs: 5, toMs: 6 },
      { source: 'otlp', cluster: 'a', kind: 'unheard', fromMs: 5, toMs: 6 },
    ])
    expect(unheardSources(other, window)).toEqual([])
  })
})

describe('what a source had not been heard of in a window', () => {
  const unheard = { source: 'hubble', cluster: 'c', kind: 'unheard', fromMs: 0, toMs: 100 } as const
  const told = (firstMs: number, cluster = 'c') => graph([edge('a', { cluster, variants: [{ ...VARIANT, firstMs }] })])

  it('ends with its first record, which may be of the time before it was connected', () => {
    expect(untilFirstRecords([unheard], told(40))).toEqual([{ ...unheard, toMs: 40 }])
    expect(untilFirstRecords([unheard], told(0))).toEqual([])
  })

  it('stays where no record of the source and the cluster tells of it', () => {
    expect(untilFirstRecords([unheard], graph([]))).toEqual([unheard])
    expect(untilFirstRecords([unheard], told(40, 'other'))).toEqual([unheard])
    expect(untilFirstRecords([{ ...unheard, source: 'calico' }], told(40))).toHaveLength(1)
  })

  it('is not mixed up with a silence or a loss of later, whatever came before', () => {
    const silent = { ...unheard, kind: 'silent' } as const
    expect(untilFirstRecords([silent], told(0))).toEqual([silent])
  })
})
