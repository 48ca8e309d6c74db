import { describe, expect, it } from 'vitest'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { cutGraph } from './cut-graph'

const node = (id: string): GraphNode => ({ id, class: 'workload', cluster: 'c', namespace: 'n', name: id, label: id })
const edge = (id: string, server: string, connections: number, denied = 0): GraphEdge => ({
  id,
  client: 'a',
  server,
  cluster: 'c',
  protocol: 'tcp',
  serverPort: 443,
  state: denied > 0 ? 'denied_by_rule' : 'allowed_by_policy',
  passed: connections,
  denied,
  wouldBeDenied: 0,
  dropped: 0,
  counters: { connections, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 },
  variants: [],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
})
const graph: ServiceGraph = {
  window: { fromMs: 0, toMs: 1 },
  dataset: '',
  nodes: ['a', 'b', 'c', 'd', 'e'].map(node),
  edges: [edge('1', 'b', 1), edge('2', 'c', 100), edge('3', 'd', 5, 2), edge('4', 'e', 50)],
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  headline: { violations: 0, providerConnections: 0 },
  revision: '1',
}

describe('cutGraph', () => {
  it('keeps the edge itself and the denied ones before busier ones, and says what it left out', () => {
    const cut = cutGraph(graph, '1', 2)
    expect(cut.edges.map(({ id }) => id)).toEqual(['1', '3'])
    expect(cut.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'd'])
    expect(cut.hidden).toEqual({ edges: 2, nodes: 2 })
  })

  it('leaves a small graph whole', () => {
    expect(cutGraph(graph, '1')).toEqual(graph)
  })
})
