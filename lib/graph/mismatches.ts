import type { SourceCoverage } from '@/lib/model/coverage'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { Mismatch } from '@/lib/model/mismatch'

/** Fewer than that say nothing: a call at the window's edge has its flow in it and its span beyond, or the other way. */
const LEAST_UNITS = 3
/** A connection carries many calls, and spans are often sampled: only hardly any is a mismatch. */
const HARDLY = 0.1
/** Spans are sent once the call is over, and in batches. */
const LATE_MS = 2 * 60_000

/**
 * Workloads whose calls to a provider are told by flows and hardly by spans, or the other way, the most calls first. `covered` are the
 * clusters of which both kinds of sources speak in the window; per workload and provider, since a span names the host and a flow
 * perhaps another of its names, so that the two stand on edges of their own.
 */
export function findMismatches(
  graph: Pick<ServiceGraph, 'nodes' | 'edges' | 'window'>,
  covered: ReadonlySet<string>,
): readonly Mismatch[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const pairs = new Map<string, Pair>()
  const unnamed = new Map<string, number>()
  for (const edge of graph.edges) {
    const [client, server] = [nodes.get(edge.client), nodes.get(edge.server)]
    if (!client || !server || !covered.has(edge.cluster) || client.class !== 'workload') continue
    if (!server.provider) {
      if (isUnnamed(server)) unnamed.set(client.id, (unnamed.get(client.id) ?? 0) + passedOf(edge))
      continue
    }
    const key = JSON.stringify([client.id, server.provider.id])
    const pair = pairs.get(key) ?? { client, server, edges: [] }
    pairs.set(key, pair)
    pair.edges.push(edge)
  }
  return [...pairs.values()]
    .flatMap((pair) => mismatchOf(pair, graph.window.toMs, unnamed.get(pair.client.id) ?? 0) ?? [])
    .sort((a, b) => Math.max(b.connections, b.calls) - Math.max(a.connections, a.calls) || compare(a.edgeId, b.edgeId))
}

interface Pair {
  readonly client: GraphNode
  readonly server: GraphNode
  readonly edges: GraphEdge[]
}

function mismatchOf({ client, server, edges }: Pair, toMs: number, unnamed: number): Mismatch | undefined {
  const connections = edges.reduce((sum, edge) => sum + passedOf(edge), 0)
  const calls = edges.reduce((sum, edge) => sum + Math.max(edge.counters.spans, edge.ai?.calls ?? 0), 0)
  const [first] = [...edges].sort((a, b) => passedOf(b) - passedOf(a) || compare(a.id, b.id))
  if (!first || !server.provider) return undefined
  const shared = {
    cluster: first.cluster,
    clientId: client.id,
    client: client.label,
    providerId: server.provider.id,
    provider: server.provider.name,
    edgeId: first.id,
    connections,
    calls,
  }
  const isOld = edges.some((edge) => edge.firstMs <= toMs - LATE_MS)
  // What no policy let through makes no call, and what failed to connect no span.
  if (connections >= LEAST_UNITS && calls < connections * HARDLY && isOld)
    return { kind: 'calls_without_span', ...shared }
  if (calls >= LEAST_UNITS && connections === 0 && edges.every((edge) => edge.denied === 0))
    return { kind: 'spans_without_flow', ...shared, ...(unnamed > 0 && { unnamed }) }
  return undefined
}

/** Connections that flow or NAT records tell of and no policy stopped; of a source that counts none, what it saw. */
function passedOf(edge: GraphEdge): number {
  if (edge.variants.length === 0) return 0
  return (
    edge.passed || Math.max(0, edge.counters.connections - edge.denied) || (edge.denied > 0 ? 0 : edge.counters.events)
  )
}

const isUnnamed = ({ class: of, name, dnsName }: GraphNode): boolean =>
  of === 'internet' || (of === 'external' && dnsName === undefined && /^[\d.]+$|:/.test(name))

/** Of a whole graph, the clusters of which a flow source and traces speak in this very window, and neither has fallen silent. */
export function comparableClusters({
  edges,
  coverage,
  window,
}: Pick<ServiceGraph, 'edges' | 'coverage' | 'window'>): ReadonlySet<string> {
  const speaks = (is: (source: SourceCoverage['source']) => boolean) =>
    new Set(
      coverage
        .filter((row) => is(row.source) && row.acceptedInWindow > 0 && !fellSilent(row, window))
        .map(({ cluster }) => cluster),
    )
  const flows = speaks((source) => source === 'hubble' || source === 'calico')
  const traces = speaks((source) => source === 'otlp')
  const withFlows = new Set<string>()
  const withSpans = new Set<string>()
  for (const edge of edges) {
    if (edge.variants.some(({ source }) => source === 'hubble' || source === 'calico')) withFlows.add(edge.cluster)
    if (edge.counters.spans > 0 || edge.ai) withSpans.add(edge.cluster)
  }
  return new Set(
    [...withFlows].filter((cluster) => flows.has(cluster) && traces.has(cluster) && withSpans.has(cluster)),
  )
}

/** Within the window: silence after it says nothing of it. */
const fellSilent = ({ isSilent, lastReceivedMs = 0 }: SourceCoverage, { toMs }: ServiceGraph['window']): boolean =>
  isSilent && lastReceivedMs < toMs

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
