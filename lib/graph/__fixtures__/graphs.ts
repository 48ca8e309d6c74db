import fc from 'fast-check'
import type { DoorState, DoorSummary } from '@/lib/model/egress'
import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import type { VariantRow } from '@/lib/model/graph-input'
import { EDGE_STATES } from '@/lib/model/verdict'

export const QUERY: GraphQuery = { dataset: '', windowMs: 1, namespaces: [], scope: 'all', states: [] }

const NO_COUNTERS = {
  connections: 0,
  events: 0,
  requests: 0,
  requestErrors: 0,
  spans: 0,
  bytesSent: 0,
  bytesReceived: 0,
}

export const makeNode = (id: string, part: Partial<GraphNode> = {}): GraphNode => ({
  id,
  class: 'workload',
  cluster: 'k',
  namespace: 'n',
  name: `w${id}`,
  label: `n / w${id}`,
  ...part,
})

export const makeEdge = (id: string, client: string, server: string, part: Partial<GraphEdge> = {}): GraphEdge => ({
  id,
  client,
  server,
  cluster: 'k',
  protocol: 'tcp',
  serverPort: 443,
  state: 'allowed_by_policy',
  passed: 1,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: { ...NO_COUNTERS, connections: 1, spanErrors: 0 },
  variants: [],
  isAi: false,
  openFindings: 0,
  firstMs: 1,
  lastMs: 2,
  ...part,
})

/** What a client's side told of an allowed connection. */
export const makeVariantRow = (
  part: Partial<VariantRow>,
  counters: Partial<VariantRow['counters']> = {},
): VariantRow => ({
  id: '1',
  edgeId: '1',
  source: 'hubble',
  observer: 'client',
  outcome: 'allowed',
  basis: 'rule',
  pending: 'same',
  layer: 'L4',
  repeats: false,
  counters: { ...NO_COUNTERS, ...counters },
  firstMs: 0,
  lastMs: 0,
  ...part,
})

export const makeGraph = (nodes: readonly GraphNode[], edges: readonly GraphEdge[]): ServiceGraph => ({
  window: { fromMs: 0, toMs: 1 },
  dataset: '',
  nodes,
  edges,
  hidden: { edges: 0, nodes: 0 },
  coverage: [],
  revision: '1',
  headline: { violations: 0, providerConnections: 0 },
})

export const makeDoor = (state: DoorState, part: Partial<DoorSummary> = {}): DoorSummary => ({
  state,
  lean: 'none',
  counts: {
    violation: 0,
    sanctioned: 0,
    unverified: 0,
    blocked: 0,
    broken: 0,
    not_applicable: 0,
    no_rule: 0,
    [state]: 1,
  },
  observedIps: [],
  expected: [],
  ...part,
})

const PROVIDER = { id: 'openai', name: 'OpenAI', category: 'llm', matchedBy: 'flow-dns-name', certain: true }

const nodes: fc.Arbitrary<GraphNode[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('workload', 'workload', 'workload', 'external', 'provider', 'host', 'network-set' as const),
      cluster: fc.constantFrom('a', 'b', '', 'a1:'),
      namespace: fc.constantFrom('x', 'y', '1:x', '__proto__'),
      isAgent: fc.boolean(),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((items) =>
    items.map(({ kind, cluster, namespace, isAgent }, at) => {
      if (kind === 'workload') return makeNode(`${at}`, { cluster, namespace, ...(isAgent && { aiRole: 'agent' }) })
      const label = `peer${at}`
      return makeNode(`${at}`, {
        class: kind,
        cluster,
        namespace: '',
        name: label,
        label,
        ...(kind === 'provider' && { provider: PROVIDER }),
      })
    }),
  )

/** Graphs of up to 25 nodes with whatever names, and edges of every state, door and count between them. */
export const graphs: fc.Arbitrary<ServiceGraph> = nodes.chain((all) =>
  fc
    .array(
      fc.record({
        client: fc.nat(all.length - 1),
        server: fc.nat(all.length - 1),
        state: fc.constantFrom(...EDGE_STATES),
        serverPort: fc.constantFrom(0, 53, 443, 8080),
        counts: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(2)),
        bytes: fc.nat(1000),
        isAi: fc.boolean(),
        door: fc.option(fc.constantFrom('violation', 'sanctioned', 'unverified', 'no_rule', 'blocked' as const), {
          nil: undefined,
        }),
      }),
      { maxLength: 60 },
    )
    .map((items) => {
      const edges = items.map(({ client, server, counts, bytes, door, ...edge }, at) => {
        const [passed, denied, wouldBeDenied, dropped, openFindings] = counts
        const end = all[client]
        return makeEdge(`${1000 + at}`, `${client}`, `${server}`, {
          ...edge,
          cluster: end?.cluster ?? '',
          passed,
          denied: edge.state === 'denied_by_rule' || edge.state === 'mixed' ? denied + 1 : 0,
          wouldBeDenied: edge.state === 'would_be_denied' ? wouldBeDenied + 1 : 0,
          dropped: dropped === 9 ? 1 : 0,
          openFindings: openFindings === 2 ? 1 : 0,
          counters: {
            connections: passed,
            events: dropped,
            requests: denied,
            requestErrors: wouldBeDenied,
            spans: openFindings,
            spanErrors: 1,
            bytesSent: bytes,
            bytesReceived: bytes,
          },
          ...(door && { door: makeDoor(door) }),
        })
      })
      const used = new Set(edges.flatMap((edge) => [edge.client, edge.server]))
      return makeGraph(
        all.filter((node) => used.has(node.id)),
        edges,
      )
    }),
)
