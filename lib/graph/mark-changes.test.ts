import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { makeEdge, makeGraph, makeNode, QUERY } from './__fixtures__/graphs'
import { bundleEdges } from './bundle-edges'
import { compareGraphs } from './compare-graphs'
import { cutAlike } from './cut-alike'
import { applyPatch, encodeGraph, patchText } from './diff-graph'
import { markBoth, markChanges } from './mark-changes'
import { viewGraph } from './view-graph'

const BEFORE = { fromMs: 0, toMs: 10 }
const AFTER = { fromMs: 10, toMs: 20 }

const edge = (id: string, connections = 10, part: Partial<GraphEdge> = {}): GraphEdge => {
  const plain = makeEdge(id, `c${id}`, `s${id}`, { cluster: 'prod', passed: connections })
  return { ...plain, counters: { ...plain.counters, connections }, ...part }
}
const node = (id: string, namespace: string): GraphNode =>
  makeNode(id, { cluster: 'prod', namespace, name: id, label: `${namespace} / ${id}` })
const graphOf = (window: ServiceGraph['window'], edges: readonly GraphEdge[]): ServiceGraph => ({
  ...makeGraph(
    edges.flatMap(({ client, server }) => [node(client, 'shop'), node(server, 'data')]),
    edges,
  ),
  window,
})

const before = graphOf(BEFORE, [edge('gone', 10, { isNew: true }), edge('same'), edge('turned'), edge('grown', 10)])
const after = graphOf(AFTER, [
  edge('came', 10, { isNew: true }),
  edge('same'),
  edge('turned', 10, { state: 'denied_by_rule', denied: 10, passed: 0 }),
  edge('grown', 100),
])
const query: GraphQuery = { ...QUERY, level: 'workload' }

/** What a view shows of both windows, each edge with how it differs. */
const compared = (part: Partial<GraphQuery>) => {
  const marked = markBoth(before, after)
  const cut = cutAlike(marked.before, marked.after, { ...query, ...part })
  const { differences, graph } = compareGraphs(cut.before, cut.after)
  return markChanges(graph, differences, BEFORE).edges.map(({ id, change }) => [id, change])
}
const ALL = [
  ['came', 'added'],
  ['gone', 'removed'],
  ['grown', 'volume'],
  ['same', undefined],
  ['turned', 'verdict'],
]

describe('two windows, asked how they differ', () => {
  it('say it of each edge', () => {
    expect(compared({})).toEqual(ALL)
  })

  it.each([
    ['change = added', ['came']],
    ['change = removed', ['gone']],
    ['change = verdict', ['turned']],
    ['change = volume', ['grown']],
    ['has change', ['came', 'gone', 'grown', 'turned']],
    ['no change', ['same']],
  ])('focus keeps and hide takes what changed so in either window: %s', (text, ids) => {
    expect(compared({ focus: `${text} +0` }).map(([id]) => id)).toEqual(ids)
    expect(compared({ hide: text })).toEqual(ALL.filter(([id]) => !ids.includes(String(id))))
  })

  it('mark what was new in the view’s own window alone', () => {
    expect(compared({ focus: 'is new +0' })).toEqual([['came', 'added']])
    const marked = markBoth({ ...before, newUnknownIn: ['prod'] }, after)
    expect(marked.before.newUnknownIn).toBeUndefined()
    expect(marked.before.edges.filter((one) => one.isNew)).toEqual([])
  })

  it('leave no change on what does not differ any more', () => {
    const [first] = markBoth(before, after).after.edges
    if (!first) throw new Error('the graph has no edge')
    expect(markChanges(graphOf(AFTER, [first]), [], BEFORE).edges[0]).not.toHaveProperty('change')
  })
})

describe('what is new', () => {
  it('is a bundle, and a group, of which one part is', () => {
    const ends = { id: 'g', client: 'a', server: 'b' }
    expect(bundleEdges(ends, after.edges).isNew).toBe(true)
    expect(bundleEdges(ends, [edge('same')])).not.toHaveProperty('isNew')
    const nodes = after.nodes.map((one) => (one.id === 'scame' ? { ...one, isNew: true as const } : one))
    const shown = viewGraph({ ...after, nodes }, { ...query, level: 'namespace' })
    expect(shown.nodes.map(({ label, isNew }) => [label, isNew]).sort()).toEqual([
      ['data', true],
      ['shop', undefined],
    ])
  })

  it('and where nobody knows it, reaches a browser that looks on', () => {
    const next = { ...after, newUnknownIn: ['prod'], edges: after.edges.map((one) => ({ ...one, isNew: undefined })) }
    const patch = patchText(encodeGraph(after), encodeGraph(next))
    expect(JSON.parse(JSON.stringify(applyPatch(after, JSON.parse(patch ?? 'null'))))).toMatchObject({
      newUnknownIn: ['prod'],
    })
    const back = patchText(encodeGraph(next), encodeGraph(after))
    expect(applyPatch(next, JSON.parse(back ?? 'null')).newUnknownIn).toBeUndefined()
  })
})
