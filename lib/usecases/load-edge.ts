import 'server-only'
import { wouldVerify } from '@/lib/egress/would-verify'
import { AppError } from '@/lib/errors'
import { findMismatches } from '@/lib/graph/mismatches'
import type { EdgeDetail, SideIsolation } from '@/lib/model/edge-detail'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { Mismatch } from '@/lib/model/mismatch'
import type { TimeRange } from '@/lib/model/time-range'
import { loadDoorEvidence } from '@/lib/store/load-door-evidence'
import { loadEdge } from '@/lib/store/load-edge'
import { loadEdgeFlows } from '@/lib/store/load-edge-flows'
import { loadEdgeSpans } from '@/lib/store/load-edge-spans'
import { loadEndpoint } from '@/lib/store/load-endpoint'
import { loadFindings } from '@/lib/store/load-findings'
import { hasInventory } from '@/lib/store/load-inventory'
import { loadTold } from '@/lib/store/load-told'
import { egressConfig } from './egress-config'
import { explainIsolation } from './explain-isolation'
import { queryNeighbourhood } from './query-graph'

const ROWS_SHOWN = 50
const CONNECTIONS_SHOWN = 10
const FINDINGS_SHOWN = 20

/**
 * Everything the edge panel shows of one edge in a window, lists bounded with their totals. Errors: `not_found` where the
 * dataset has no such edge, or nothing of it in this window; `unavailable`.
 */
export async function loadEdgeDetail(
  request: { readonly dataset: string; readonly edgeId: string; readonly window: TimeRange },
  baseUrl: string,
): Promise<EdgeDetail> {
  const { dataset, edgeId, window } = request
  const row = await loadEdge(dataset, edgeId)
  if (!row) throw new AppError('not_found', 'no such edge', { hint: 'The link may name another dataset.' })
  const [graph, { flows, total: flowsTotal }, { spans, total: spansTotal }, door, { findings }] = await Promise.all([
    queryNeighbourhood(dataset, window, [row.clientId, row.serverId]),
    loadEdgeFlows(dataset, [edgeId], window, { limit: ROWS_SHOWN }),
    loadEdgeSpans(dataset, [edgeId], window, ROWS_SHOWN),
    loadDoorEvidence(dataset, edgeId, window, { limit: CONNECTIONS_SHOWN }),
    loadFindings({ dataset, edgeId }, FINDINGS_SHOWN),
  ])
  const edge = graph.edges.find((item) => item.id === edgeId)
  const [clientNode, serverNode] = [row.clientId, row.serverId].map((id) => graph.nodes.find((node) => node.id === id))
  if (!edge || !clientNode || !serverNode)
    throw new AppError('not_found', 'the edge had no traffic in this window', { hint: 'Choose a longer time range.' })
  const inventory = dataset === '' && (await hasInventory(edge.cluster))
  const isolation = inventory ? await isolationOf(edge, row) : []
  const mismatches = serverNode.provider ? await mismatchesOf(graph, edge, serverNode) : []
  return {
    edge,
    clientNode,
    serverNode,
    flows,
    flowsTotal,
    spans,
    spansTotal,
    connections: door.connections,
    connectionsTotal: door.total,
    wouldVerify: edge.door
      ? wouldVerify({
          door: edge.door,
          cluster: edge.cluster,
          paths: egressConfig().paths,
          coverage: graph.coverage,
          baseUrl,
          ...(serverNode.provider && { providerId: serverNode.provider.id }),
        })
      : [],
    findings: findings.map(({ id, title, status }) => ({ id, title, status })),
    ...(isolation.length > 0 && { isolation }),
    ...(mismatches.length > 0 && { mismatches }),
    ...(inventory && { hasInventory: true }),
  }
}

/** Where flows and traces of this workload's calls to this provider do not fit together. */
async function mismatchesOf(graph: ServiceGraph, edge: GraphEdge, server: GraphNode): Promise<readonly Mismatch[]> {
  const told = await loadTold(graph.dataset, edge.cluster, graph.window)
  return findMismatches(graph, new Set(told.flows && told.traces ? [edge.cluster] : [])).filter(
    ({ clientId, providerId }) => clientId === edge.client && providerId === server.provider?.id,
  )
}

async function isolationOf(
  edge: GraphEdge,
  ids: { readonly clientId: string; readonly serverId: string },
): Promise<readonly SideIsolation[]> {
  if (!edge.variants.some(({ outcome }) => outcome === 'denied')) return []
  const [client, server] = await Promise.all([ids.clientId, ids.serverId].map((id) => workloadOf(id)))
  return explainIsolation(
    { cluster: edge.cluster, ...(client && { client }), ...(server && { server }) },
    edge.variants,
  )
}

async function workloadOf(endpointId: string) {
  const endpoint = await loadEndpoint('', endpointId, 0)
  if (endpoint?.class !== 'workload') return undefined
  return { namespace: endpoint.namespace, name: endpoint.name, labels: endpoint.labels ?? {} }
}
