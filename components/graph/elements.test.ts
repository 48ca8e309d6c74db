import { describe, expect, it } from 'vitest'
import type { GraphNode, ServiceGraph } from '@/lib/model/graph'
import { elementsOf } from './elements'

const node = (part: Partial<GraphNode>): GraphNode => ({
  id: '1',
  class: 'external',
  cluster: 'c',
  namespace: '',
  name: 'n',
  label: 'n',
  ...part,
})
function labelOf(part: Partial<GraphNode>): string | undefined {
  const graph: ServiceGraph = {
    window: { fromMs: 0, toMs: 1 },
    dataset: '',
    nodes: [node(part)],
    edges: [],
    hidden: { edges: 0, nodes: 0 },
    coverage: [],
    headline: { violations: 0, providerConnections: 0 },
    revision: '1',
  }
  return elementsOf(graph).flatMap((element) => (element.kind === 'node' ? [element.label] : []))[0]
}

describe('the label of a node', () => {
  it.each([
    ['api.openai.com', 'api.openai.com'],
    ['PostgreSQL shop @ db.prod.example.com', 'PostgreSQL shop @\ndb.prod.example.com'],
    ['amazonaws-claimed-x (host not told)', 'amazonaws-claimed-x\n(host not told)'],
    ['bedrock-runtime.eu-central-1.amazonaws.com', 'bedrock-runtime.\neu-central-1.amazonaws.com'],
    ['one-word-that-has-no-place-to-break-at', 'one-word-that-has-no-place-to-break-at'],
  ])('%s stands on lines that leave room for its neighbours, and loses nothing', (label, lines) => {
    expect(labelOf({ label })).toBe(lines)
  })

  it('a workload is named without its namespace, which its box says', () => {
    expect(labelOf({ class: 'workload', namespace: 'ml', name: 'agent', label: 'ml / agent', aiRole: 'agent' })).toBe(
      'agent\nagent',
    )
  })
})
