import 'server-only'
import { AppError } from '@/lib/errors'
import type { NodeDetail } from '@/lib/model/node-detail'
import type { TimeRange } from '@/lib/model/time-range'
import { loadDnsNames } from '@/lib/store/load-dns-names'
import { loadEdgeFlows } from '@/lib/store/load-edge-flows'
import { loadEndpoint } from '@/lib/store/load-endpoint'
import { queryNeighbourhood } from './query-graph'

const PODS_SHOWN = 20
const DENIALS_SHOWN = 20

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
  const [{ flows: denials, total: denialsTotal }, names] = await Promise.all([
    loadEdgeFlows(
      dataset,
      graph.edges.map((edge) => edge.id),
      window,
      { limit: DENIALS_SHOWN, outcomes: ['denied'] },
    ),
    loadDnsNames(dataset, window, endpoint.class === 'external' ? [{ ...identity, labels: {} }] : []),
  ])
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
  }
}
