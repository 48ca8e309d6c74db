import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { sourceKey, sourceOf, viewKey } from './view-keys'
import { WatchedView } from './watched-view'

const QUERY: GraphQuery = { dataset: '', windowMs: 900_000, namespaces: [], scope: 'all', states: [] }
const counters = { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }

/** A ring of workloads, ten to a namespace. */
function ring(workloads: number): ServiceGraph {
  const ids = Array.from({ length: workloads }, (_, at) => `${1000 + at}`)
  return {
    window: { fromMs: 0, toMs: 1 },
    dataset: '',
    nodes: ids.map((id, at) => {
      const namespace = `n${Math.floor(at / 10)}`
      return { id, class: 'workload', cluster: 'k', namespace, name: id, label: id }
    }),
    edges: ids.map(
      (id, at): GraphEdge => ({
        id,
        client: id,
        server: ids[(at + 1) % workloads] ?? id,
        cluster: 'k',
        protocol: 'tcp',
        serverPort: 80,
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
      }),
    ),
    hidden: { edges: 0, nodes: 0 },
    coverage: [],
    headline: { violations: 0, providerConnections: 0 },
    revision: String(workloads),
  }
}

describe('a watched view', () => {
  it('keeps the level that it was drawn at while the graph grows and shrinks around the limit', () => {
    let number = 0
    const view = new WatchedView(QUERY, () => {
      number += 1
      return `${number}`
    })
    const levels = [290, 320, 290, 400, 290, 200].map((workloads) => {
      view.update(ring(workloads), new WeakMap())
      return view.drawnAs?.level
    })
    expect(levels).toEqual(['workload', 'workload', 'workload', 'namespace', 'namespace', 'workload'])
  })
})

describe('what a view is computed from', () => {
  const workload = { cluster: 'c', namespace: 'n', workload: 'w' }

  it('is the whole graph, or with the pods of one place: never the one for the other', () => {
    const keyOf = (part: Partial<GraphQuery>) => sourceKey(sourceOf({ ...QUERY, ...part }))
    expect(keyOf({ inside: workload })).not.toBe(keyOf({}))
    expect(keyOf({ inside: { cluster: 'c', namespace: 'n' } })).toBe(keyOf({}))
    expect(keyOf({ inside: { cluster: 'c', namespace: 'n' }, level: 'pod' })).not.toBe(keyOf({ inside: workload }))
    expect(keyOf({ level: 'pod' })).toBe(keyOf({}))
    expect(sourceOf({ ...QUERY, inside: workload }).pods).toEqual(workload)
  })

  it('is shared by views that differ in what is drawn of it, which have keys of their own', () => {
    const views: Partial<GraphQuery>[] = [{}, { level: 'namespace' }, { isOnlyProblems: true }, { quiet: ['dns'] }]
    expect(new Set(views.map((part) => viewKey({ ...QUERY, ...part }))).size).toBe(views.length)
    expect(new Set(views.map((part) => sourceKey(sourceOf({ ...QUERY, ...part })))).size).toBe(1)
  })
})
