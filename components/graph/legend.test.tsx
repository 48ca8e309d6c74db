import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { viewGraph } from '@/lib/graph/view-graph'
import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { EDGE_STATE_WORD, EDGE_STATES } from '@/lib/model/verdict'
import { DEFAULT_VIEW } from '@/lib/view/graph-view'
import { GraphTable } from './graph-table'
import { Legend } from './legend'

const counters = { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const nodes = Array.from({ length: 12 }, (_, at): GraphNode => {
  const namespace = `n${at % 4}`
  return { id: `${at}`, class: 'workload', cluster: 'k', namespace, name: `w${at}`, label: `${namespace} / w${at}` }
})
const edges = Array.from({ length: 60 }, (_, at): GraphEdge => {
  const state = EDGE_STATES[at % EDGE_STATES.length] ?? 'no_verdict'
  const isDenied = state.startsWith('denied') || state === 'mixed'
  return {
    id: `${1000 + at}`,
    client: `${at % 12}`,
    server: `${(at * 5 + 1) % 12}`,
    cluster: 'k',
    protocol: 'tcp',
    serverPort: at,
    state,
    passed: state === 'denied_by_rule' ? 0 : 1,
    denied: isDenied ? 1 : 0,
    wouldBeDenied: 0,
    dropped: 0,
    counters,
    variants: [],
    isAi: at % 2 === 0,
    openFindings: 0,
    firstMs: 0,
    lastMs: 0,
  }
})
const whole: ServiceGraph = {
  window: { fromMs: 0, toMs: 1 },
  dataset: '',
  nodes,
  edges,
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  headline: { violations: 0, providerConnections: 0 },
  revision: '1',
}

describe('the legend', () => {
  it.each<Partial<GraphQuery>>([
    { level: 'workload' },
    { level: 'namespace' },
    { level: 'cluster' },
    { scope: 'ai', isOnlyProblems: true },
    { states: ['mixed', 'no_verdict'] },
    { inside: { cluster: 'k', namespace: 'n1' } },
  ])('counts of each state what the table of the same view has rows of: %o', (part) => {
    const graph = viewGraph(whole, { dataset: '', windowMs: 1, namespaces: [], scope: 'all', states: [], ...part })
    const table = renderToStaticMarkup(<GraphTable graph={graph} selected="" nowMs={0} onSelect={() => undefined} />)
    const legend = renderToStaticMarkup(<Legend graph={graph} view={DEFAULT_VIEW} change={() => undefined} />)
    const rows = table.split('<tr').slice(2)
    expect(rows).toHaveLength(graph.edges.length)
    for (const state of EDGE_STATES) {
      const word = EDGE_STATE_WORD[state].replace(/[()]/g, '\\$&')
      const inTable = rows.filter((row) => new RegExp(`>${word}( [\\d,]+ / [\\d,]+)?<`).test(row)).length
      const inLegend = new RegExp(`data-state="${state}".*?<strong>(\\d+)</strong>`).exec(legend)?.[1] ?? '0'
      expect([state, inLegend]).toEqual([state, `${inTable}`])
    }
  })
})
