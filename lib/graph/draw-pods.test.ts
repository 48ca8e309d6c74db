import { describe, expect, it } from 'vitest'
import type { EdgeVariant, GraphEdge } from '@/lib/model/graph'
import { makeDoor, makeEdge, makeGraph, makeNode, QUERY } from './__fixtures__/graphs'
import { drawPods, type PodEvidence, type PodRecord } from './draw-pods'
import { viewGraph } from './view-graph'

const PLACE = { cluster: 'k', namespace: 'agents', workload: 'planner' }

const variant = (id: string, part: Partial<EdgeVariant> = {}): EdgeVariant => ({
  id,
  source: 'hubble',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  counters: makeEdge('', '', '').counters,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const record = (edgeId: string, variantId: string, part: Partial<PodRecord> = {}): PodRecord => ({
  edgeId,
  variantId,
  counts: { connections: 1, events: 0, requests: 0, requestErrors: 0, bytesSent: 10, bytesReceived: 0 },
  repeats: false,
  firstMs: 5,
  lastMs: 6,
  ...part,
})
const nodes = [
  makeNode('1', { namespace: 'agents', name: 'planner' }),
  makeNode('2', { namespace: 'shop', name: 'api' }),
  makeNode('3', { class: 'provider', namespace: '', name: 'api.openai.com' }),
]
const allow = variant('a')
const deny = variant('d', { outcome: 'denied', basis: 'default' })
const edge = (id: string, part: Partial<GraphEdge> = {}) => makeEdge(id, '1', '2', { variants: [allow], ...part })

const draw = (edges: readonly GraphEdge[], evidence: Partial<PodEvidence>) =>
  drawPods(makeGraph(nodes, edges), PLACE, { records: [], doors: [], recordsLeft: 0, ...evidence })
const podsOf = (graph: ReturnType<typeof draw>) => graph.nodes.flatMap(({ pod }) => pod ?? []).sort()
const podEdge = (graph: ReturnType<typeof draw>, pod: string) => {
  const node = graph.nodes.find((one) => one.pod === pod)
  return graph.edges.find(({ client }) => client === node?.id)
}

describe('the pods of a place', () => {
  it('have edges with the sums and the state that their own records tell', () => {
    const mixed = edge('9', { variants: [allow, deny], state: 'mixed', passed: 40, denied: 3 })
    const graph = draw([mixed], {
      records: [
        record('9', 'a', { clientPod: 'planner-0' }),
        record('9', 'a', { clientPod: 'planner-0', lastMs: 9 }),
        record('9', 'd', { clientPod: 'planner-1' }),
      ],
      recordsLeft: 7,
    })
    expect(podsOf(graph)).toEqual(['planner-0', 'planner-1'])
    expect(podEdge(graph, 'planner-0')).toMatchObject({
      state: 'allowed_by_policy',
      partOf: '9',
      passed: 2,
      denied: 0,
      counters: { connections: 2, bytesSent: 20 },
      firstMs: 5,
      lastMs: 9,
      server: '2',
    })
    expect(podEdge(graph, 'planner-1')).toMatchObject({ state: 'denied_no_rule', denied: 1 })
    for (const { id, partOf } of graph.nodes.filter(({ pod }) => pod))
      expect([id, partOf]).toEqual([expect.stringMatching(/^p[0-9a-f]{16}$/), '1'])
    expect(graph.pods).toEqual({ records: 3, recordsLeft: 7, edgesWithoutPods: 0 })
  })

  it('stay with the workload where no record names them, which is counted', () => {
    const graph = draw([edge('9')], { records: [record('9', 'a')] })
    expect(podsOf(graph)).toEqual([])
    expect(graph.edges).toEqual([edge('9')])
    expect(graph.pods?.edgesWithoutPods).toBe(1)
  })

  it('do not take a denial off the screen whose records are gone', () => {
    const denied = edge('9', { variants: [allow, deny], state: 'mixed', denied: 3 })
    const graph = draw([denied], { records: [record('9', 'a', { clientPod: 'planner-0' })] })
    expect(graph.edges).toEqual([denied])
  })

  it('are accused by the door of their own address only; what nobody can place stays with the workload', () => {
    const out = makeEdge('9', '1', '3', { variants: [allow], door: makeDoor('violation', { counts: COUNTS }) })
    const graph = draw([out], {
      records: [
        record('9', 'a', { clientPod: 'planner-0', clientIp: '10.0.0.1' }),
        record('9', 'a', { clientPod: 'planner-1', clientIp: '10.0.0.2' }),
        record('9', 'a', { clientPod: 'planner-1', clientIp: '10.0.0.3' }),
        record('9', 'a', { clientPod: 'planner-0', clientIp: '10.0.0.3' }),
      ],
      doors: [
        { edgeId: '9', clientIp: '10.0.0.1', door: makeDoor('violation') },
        { edgeId: '9', clientIp: '10.0.0.2', door: makeDoor('sanctioned') },
        { edgeId: '9', clientIp: '10.0.0.3', door: makeDoor('violation') },
        { edgeId: '9', door: makeDoor('unverified') },
      ],
    })
    expect(podEdge(graph, 'planner-0')?.door).toMatchObject({ state: 'violation', counts: { violation: 1 } })
    expect(podEdge(graph, 'planner-1')?.door?.state).toBe('sanctioned')
    const rest = graph.edges.find(({ client }) => client === '1')
    expect(rest?.door).toMatchObject({ state: 'violation', counts: { violation: 1, unverified: 1 } })
  })

  it('keep a hostile name apart from others, and one id each', () => {
    const graph = draw([edge('9'), edge('8')], {
      records: ['__proto__', '1:a', ''].flatMap((clientPod) => [
        record('9', 'a', { clientPod }),
        record('8', 'a', { clientPod }),
      ]),
    })
    expect(podsOf(graph)).toEqual(['1:a', '__proto__'])
    expect(new Set(graph.edges.map(({ id }) => id)).size).toBe(graph.edges.length)
  })

  it('are what the view of the workload shows, their neighbours as workloads', () => {
    const graph = draw([edge('9')], {
      records: [record('9', 'a', { clientPod: 'planner-0' }), record('9', 'a', { clientPod: 'planner-1' })],
    })
    const view = viewGraph(graph, { ...QUERY, inside: PLACE })
    expect(view.level).toBe('pod')
    expect(view.nodes.map(({ pod, name }) => pod ?? name).sort()).toEqual(['api', 'planner-0', 'planner-1'])
    expect(viewGraph(makeGraph(nodes, [edge('9')]), { ...QUERY, inside: PLACE }).level).toBe('workload')
  })
})

const COUNTS = { violation: 2, sanctioned: 1, unverified: 1, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 }
