import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import type { EndpointRow, GraphFacts, VariantRow } from '@/lib/model/graph-input'
import { buildGraph, countersOf } from './build-graph'
import { applyPatch, encodeGraph, patchText, snapshotText } from './diff-graph'

const variant = (observer: VariantRow['observer'], connections: number, repeats = false): VariantRow => ({
  id: observer,
  edgeId: 'e',
  source: 'calico',
  observer,
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  repeats,
  firstMs: 0,
  lastMs: 0,
  counters: {
    connections,
    events: 0,
    requests: 0,
    requestErrors: 0,
    spans: 0,
    bytesSent: 10 * connections,
    bytesReceived: 0,
  },
})
const edge = (id: string, part: Partial<GraphEdge> = {}): GraphEdge => ({
  id,
  client: `c${id}`,
  server: `s${id}`,
  cluster: 'k',
  protocol: 'tcp',
  serverPort: 1,
  state: 'allowed_by_policy',
  passed: 1,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: variant('client', 1).counters,
  variants: [],
  isAi: false,
  openFindings: 0,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const graph = (edges: readonly GraphEdge[]): ServiceGraph => ({
  window: { fromMs: 0, toMs: 1 },
  dataset: '',
  edges,
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  revision: '1',
  headline: { violations: 0, providerConnections: 0 },
  nodes: edges
    .flatMap((item) => [item.client, item.server])
    .map((id) => ({ id, class: 'workload' as const, cluster: 'k', namespace: 'n', name: id, label: id })),
})

describe('counters', () => {
  it('take the larger of the two sides, never the sum', () => {
    expect(countersOf([variant('client', 5), variant('server', 7)])).toMatchObject({ connections: 7, bytesSent: 70 })
  })

  it('leave out records that repeat a sibling’s counters', () => {
    expect(countersOf([variant('client', 5), variant('client', 5, true)]).connections).toBe(5)
  })
})

describe('edges that only traces draw', () => {
  const endpoint = (id: string, cls: EndpointRow['class'], name: string): EndpointRow => ({
    id,
    class: cls,
    cluster: 'k',
    namespace: cls === 'workload' || cls === 'local' || cls === 'database' ? 'shop' : '',
    name,
    labels: {},
  })
  const draw = (
    ends: readonly [EndpointRow, EndpointRow],
    databases: readonly (readonly string[])[],
    facts: Partial<GraphFacts> = {},
  ) =>
    buildGraph(
      {
        window: { fromMs: 0, toMs: 1 },
        dataset: '',
        endpoints: ends,
        edges: databases.map((_, index) => ({
          id: `e${index}`,
          cluster: 'k',
          clientId: ends[0].id,
          serverId: ends[1].id,
          protocol: 'tcp',
          serverPort: index,
        })),
        variants: [],
        spanFacts: databases.map((names, index) => ({
          edgeId: `e${index}`,
          spans: 3,
          failed: 1,
          databases: names,
          firstMs: 0,
          lastMs: 1,
        })),
        openFindings: {},
        coverage: [],
        revision: '1',
      },
      { providers: new Map(), roles: new Map(), doors: new Map(), names: new Map(), ...facts },
    )
  const agent = endpoint('a', 'workload', 'agent')
  const serverLabel = (server: EndpointRow, ...databases: readonly (readonly string[])[]) =>
    draw([agent, server], databases).nodes.find((node) => node.id === server.id)?.label

  it('count calls and those that failed, without a verdict', () => {
    expect(draw([agent, endpoint('b', 'external', 'b.example')], [[]]).edges[0]).toMatchObject({
      state: 'no_verdict',
      counters: { spans: 3, spanErrors: 1 },
    })
  })

  it('say which database stands at a host: the one by name, several by their system, different systems not at all', () => {
    const host = endpoint('h', 'external', 'db.example')
    expect(serverLabel(host, ['postgresql/shop'])).toBe('PostgreSQL shop @ db.example')
    expect(serverLabel(host, ['postgresql/shop'], ['postgresql/users'])).toBe('PostgreSQL @ db.example')
    expect(serverLabel(host, ['postgresql/shop', 'redis'])).toBe('db.example')
    expect(serverLabel(endpoint('w', 'workload', 'pg'), ['postgresql/shop'])).toBe('shop / pg')
  })

  it('put the name by the DNS map beside an address, behind the provider that it leads to', () => {
    const host = endpoint('h', 'external', '198.51.100.20')
    const names: GraphFacts['names'] = new Map([['h', { name: 'api.openai.com', origin: 'question' }]])
    const provider = { id: 'openai', name: 'OpenAI', category: 'llm', matchedBy: 'dns-question', certain: true }
    const labelBy = (facts: Partial<GraphFacts>) =>
      draw([agent, host], [[]], facts).nodes.find((node) => node.id === 'h')?.label
    expect(labelBy({ names })).toBe('api.openai.com (198.51.100.20)')
    expect(labelBy({ names, providers: new Map([['h', provider]]) })).toBe('OpenAI · api.openai.com (198.51.100.20)')
    expect(labelBy({ providers: new Map([['h', provider]]) })).toBe('OpenAI · 198.51.100.20')
  })

  it('name what only traces know in words', () => {
    expect(serverLabel(endpoint('d', 'database', 'postgresql/shop'), [])).toBe('PostgreSQL shop')
    expect(serverLabel(endpoint('q', 'queue', 'kafka/orders/eu'), [])).toBe('Kafka orders/eu')
    expect(serverLabel(endpoint('l', 'local', 'agent'), [])).toBe('localhost of agent')
    expect(serverLabel(endpoint('c', 'caller', 'untraced caller'), [])).toBe('untraced caller')
  })
})

describe('patches', () => {
  it('applying the difference of two graphs to the first shows the second', () => {
    const graphs = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 100, max: 120 }).map(String), passed: fc.nat(3) }),
      { selector: (item) => item.id, maxLength: 12 },
    )
    const of = (items: readonly { id: string; passed: number }[]) =>
      graph([...items].sort((a, b) => (a.id < b.id ? -1 : 1)).map((item) => edge(item.id, { passed: item.passed })))
    const byId = (value: ServiceGraph) => ({ ...value, nodes: [...value.nodes].sort((a, b) => (a.id < b.id ? -1 : 1)) })
    fc.assert(
      fc.property(graphs, graphs, (a, b) => {
        const [from, to] = [of(a), of(b)]
        const patch = patchText(encodeGraph(from), encodeGraph(to))
        expect(byId(patch ? applyPatch(from, JSON.parse(patch)) : from)).toEqual(byId(to))
      }),
    )
  })

  it('the text of a snapshot is the graph, whatever names it holds', () => {
    const hostile = { ...graph([edge('100', { cluster: '"}]\n\ndata: x\u2028' })]), dataset: '__proto__', newestMs: 5 }
    expect(JSON.parse(snapshotText(encodeGraph(hostile)))).toEqual(hostile)
    expect(snapshotText(encodeGraph(hostile))).not.toContain('\n')
  })

  it('there is none where only the window and the revision moved on, and one where only the headline changed', () => {
    const from = graph([edge('100')])
    const moved = { ...from, revision: '99', window: { fromMs: 5, toMs: 10 } }
    expect(patchText(encodeGraph(from), encodeGraph(moved))).toBeUndefined()
    expect(patchText(encodeGraph(from), encodeGraph({ ...from, newestMs: 77 }))).toContain('"newestMs":77')
  })
})
