import { describe, expect, it } from 'vitest'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { EdgeVariant, GraphEdge, GraphNode } from '@/lib/model/graph'
import { comparableClusters, findMismatches } from './mismatches'

const COUNTERS = { connections: 0, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const TO = 1_000_000_000
const WINDOW = { fromMs: TO - 900_000, toMs: TO }
const node = (id: string, part: Partial<GraphNode> = {}): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'c',
  namespace: 'ml',
  name: id,
  label: id,
  ...part,
})
const openai = (id: string, name: string) =>
  node(id, {
    class: 'provider',
    name,
    provider: { id: 'openai', name: 'OpenAI', category: 'llm', matchedBy: 'flow-dns-name', certain: true },
  })
const VARIANT: EdgeVariant = {
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
}
const edge = (
  id: string,
  [client, server]: readonly [string, string],
  { passed = 0, spans = 0, ...part }: Partial<GraphEdge> & { readonly spans?: number } = {},
): GraphEdge => ({
  id,
  client,
  server,
  cluster: 'c',
  protocol: 'tcp',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: { ...COUNTERS, connections: passed, spans },
  variants: passed > 0 ? [VARIANT] : [],
  isAi: true,
  openFindings: 0,
  firstMs: TO - 600_000,
  lastMs: TO,
  ...part,
})
const source = (name: SourceCoverage['source'], part: Partial<SourceCoverage> = {}): SourceCoverage => ({
  source: name,
  cluster: 'c',
  acceptedInWindow: 9,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  isSilent: false,
  lostInWindow: 0,
  gapsInWindow: 0,
  ...part,
})
const BOTH = [source('hubble'), source('otlp')]
const NODES = [
  node('planner'),
  node('crawler'),
  node('traced'),
  node('host'),
  openai('api', 'api.openai.com'),
  openai('eu', 'eu.api.openai.com'),
  node('net', { class: 'internet', name: '' }),
]
/** Something that both tell of: flows and spans cover the cluster. */
const FITS = edge('fits', ['traced', 'api'], { passed: 10, spans: 40 })
const findIn = (edges: readonly GraphEdge[], coverage: readonly SourceCoverage[]) =>
  findMismatches({ nodes: NODES, edges, window: WINDOW }, comparableClusters({ edges, coverage, window: WINDOW }))
const find = (edges: readonly GraphEdge[], coverage: readonly SourceCoverage[] = BOTH) =>
  findIn([FITS, ...edges], coverage)

describe('findMismatches', () => {
  it('lists calls without a span and spans without a flow, the most calls first, and nothing that fits', () => {
    expect(find([edge('a', ['planner', 'api'], { passed: 12 }), edge('b', ['crawler', 'api'], { spans: 20 })])).toEqual(
      [
        expect.objectContaining({
          kind: 'spans_without_flow',
          clientId: 'crawler',
          edgeId: 'b',
          connections: 0,
          calls: 20,
        }),
        expect.objectContaining({
          kind: 'calls_without_span',
          clientId: 'planner',
          provider: 'OpenAI',
          edgeId: 'a',
          connections: 12,
          calls: 0,
        }),
      ],
    )
  })

  it('counts by workload and provider: flow and span under two names of it fit together', () => {
    expect(find([edge('a', ['planner', 'api'], { passed: 12 }), edge('b', ['planner', 'eu'], { spans: 5 })])).toEqual(
      [],
    )
  })

  it('is told only where both kinds of sources cover the cluster in the window', () => {
    const alone = [edge('a', ['planner', 'api'], { passed: 12 })]
    expect(find(alone)).toHaveLength(1)
    expect(find(alone, [source('hubble')])).toEqual([])
    expect(find(alone, [source('hubble'), source('otlp', { cluster: 'other' })])).toEqual([])
    expect(find(alone, [source('hubble'), source('otlp', { acceptedInWindow: 0 })])).toEqual([])
    expect(find(alone, [source('hubble', { isSilent: true }), source('otlp')])).toEqual([])
    expect(find(alone, [source('hubble', { isSilent: true, lastReceivedMs: TO + 1 }), source('otlp')])).toHaveLength(1)
    // Coverage counts from the window's start on: that spans came later says nothing of it.
    expect(findIn(alone, BOTH)).toEqual([])
  })

  it('tolerates what the window’s edges, batches and sampling explain', () => {
    expect(find([edge('a', ['planner', 'api'], { passed: 2 })])).toEqual([])
    expect(find([edge('a', ['planner', 'api'], { spans: 2 })])).toEqual([])
    expect(find([edge('a', ['planner', 'api'], { passed: 20, spans: 2 })])).toEqual([])
    expect(find([edge('a', ['planner', 'api'], { passed: 21, spans: 2 })])).toHaveLength(1)
    expect(find([edge('a', ['planner', 'api'], { passed: 20, firstMs: TO - 60_000 })])).toEqual([])
  })

  it('what a policy stopped is no call, and what has no name may be the flow that is missing', () => {
    const denied = edge('a', ['planner', 'api'], { denied: 9, variants: [VARIANT], state: 'denied_by_rule' })
    expect(find([denied])).toEqual([])
    expect(find([denied, edge('b', ['planner', 'eu'], { spans: 9 })])).toEqual([])
    const spans = edge('b', ['crawler', 'api'], { spans: 9 })
    expect(find([spans, edge('n', ['crawler', 'net'], { passed: 7 })])).toMatchObject([{ unnamed: 7 }])
  })
})
