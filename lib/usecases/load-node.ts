import 'server-only'
import { AppError } from '@/lib/errors'
import { findMismatches } from '@/lib/graph/mismatches'
import { sumAi } from '@/lib/graph/sum-ai'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import type { NodeDetail } from '@/lib/model/node-detail'
import type { TimeRange } from '@/lib/model/time-range'
import { loadDnsNames } from '@/lib/store/load-dns-names'
import { loadEdgeFlows } from '@/lib/store/load-edge-flows'
import { loadEdgeSpans } from '@/lib/store/load-edge-spans'
import { loadEndpoint, type StoredEndpoint } from '@/lib/store/load-endpoint'
import { loadFindings } from '@/lib/store/load-findings'
import { hasInventory } from '@/lib/store/load-inventory'
import { loadTold } from '@/lib/store/load-told'
import { isolationAt } from './isolation-at'
import { queryNeighbourhood } from './query-graph'

const PODS_SHOWN = 20
const DENIALS_SHOWN = 20
const SPANS_SHOWN = 50
const FINDINGS_SHOWN = 20
/** Edges whose spans are looked for: those with the most calls. */
const TRACED_EDGES = 200

/**
 * Everything the node panel shows of one node in a window. Errors: `not_found` where the dataset has no such node, or
 * nothing of it in this window; `unavailable`.
 */
export async function loadNodeDetail(request: {
  readonly dataset: string
  readonly nodeId: string
  readonly window: TimeRange
}): Promise<NodeDetail> {
  const { dataset, nodeId, window } = request
  const endpoint = await loadEndpoint(dataset, nodeId, PODS_SHOWN)
  if (!endpoint) throw new AppError('not_found', 'no such node', { hint: 'The link may name another dataset.' })
  const graph = await queryNeighbourhood(dataset, window, [nodeId])
  const node = graph.nodes.find((item) => item.id === nodeId)
  if (!node)
    throw new AppError('not_found', 'the node had no traffic in this window', { hint: 'Choose a longer time range.' })
  const { labels, workloadKind, serviceAccount, pods, podsTotal, ...identity } = endpoint
  const edgeIds = graph.edges.map((edge) => edge.id)
  const flagged = graph.edges.filter(({ openFindings }) => openFindings > 0).map(({ id }) => id)
  const [{ flows: denials, total: denialsTotal }, names, spans, { findings }, mismatches, policies] = await Promise.all(
    [
      loadEdgeFlows(dataset, edgeIds, window, { limit: DENIALS_SHOWN, outcomes: ['denied'] }),
      loadDnsNames(dataset, window, endpoint.class === 'external' ? [{ ...identity, labels: {} }] : []),
      loadEdgeSpans(dataset, tracedOf(graph.edges), window, SPANS_SHOWN),
      flagged.length > 0 ? loadFindings({ dataset, edgeIds: flagged }, FINDINGS_SHOWN) : { findings: [] },
      mismatchesOf(graph, nodeId, endpoint.cluster),
      policiesOf(dataset, endpoint, window.toMs),
    ],
  )
  const ai = sumAi(graph.edges.flatMap((edge) => edge.ai ?? []))
  return {
    node,
    labels: labels ?? {},
    ...(workloadKind && { workloadKind }),
    ...(serviceAccount && { serviceAccount }),
    pods: pods ?? [],
    podsTotal,
    dnsNames: names.get(nodeId)?.names ?? [],
    edges: graph.edges,
    peers: graph.nodes.filter((item) => item.id !== nodeId),
    denials,
    denialsTotal,
    spans: spans.spans,
    spansTotal: spans.total,
    ...(ai && { ai }),
    findings: findings.map(({ id, title, status }) => ({ id, title, status })),
    mismatches,
    ...policies,
  }
}

const tracedOf = (edges: readonly GraphEdge[]): string[] =>
  edges
    .filter(({ counters, ai }) => counters.spans > 0 || ai)
    .sort((a, b) => b.counters.spans - a.counters.spans)
    .slice(0, TRACED_EDGES)
    .map(({ id }) => id)

async function mismatchesOf(graph: ServiceGraph, nodeId: string, cluster: string): Promise<NodeDetail['mismatches']> {
  if (!graph.nodes.some(({ provider }) => provider)) return []
  // Of a provider's node the workloads' other names of it are not part of the neighbourhood: only a workload's own is compared.
  if (graph.nodes.some(({ id, provider }) => id === nodeId && provider)) return []
  const told = await loadTold(graph.dataset, cluster, graph.window)
  if (!told.flows || !told.traces) return []
  return findMismatches(graph, new Set([cluster])).filter(({ clientId }) => clientId === nodeId)
}

async function policiesOf(
  dataset: string,
  { cluster, class: of, namespace, name, labels }: StoredEndpoint,
  atMs: number,
): Promise<Pick<NodeDetail, 'isolation' | 'hasInventory'>> {
  if (dataset !== '' || !(await hasInventory(cluster))) return {}
  if (of !== 'workload') return { hasInventory: true }
  const known = await isolationAt(cluster, { namespace, name, labels: labels ?? {} }, ['ingress', 'egress'], atMs)
  if (!known) return { hasInventory: true }
  return {
    hasInventory: true,
    isolation: { atMs, directions: [...known].map(([direction, one]) => ({ direction, ...one })) },
  }
}
