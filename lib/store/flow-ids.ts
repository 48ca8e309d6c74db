import 'server-only'
import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { ClusteredFlow } from '@/lib/model/prepared-batch'
import { contentId } from './content-id'

/** The ids of everything that a flow refers to. */
export interface FlowIds {
  readonly dataset: string
  /** One flow of the variant: it names endpoints, edge, verdict and trace. */
  readonly flow: ClusteredFlow
  readonly clientId: string
  readonly serverId: string
  readonly edgeId: string
  readonly traceId: string
  readonly variantId: string
}

export const endpointId = (dataset: string, cluster: string, identity: EndpointIdentity): string =>
  contentId('endpoint', dataset, cluster, identity.class, identity.namespace, identity.name)

/** Id of a logical edge; spans and flows of one connection arrive at the same one. */
export const edgeId = (
  dataset: string,
  cluster: string,
  clientId: string,
  serverId: string,
  protocol: string,
  serverPort: number,
): string => contentId('edge', dataset, cluster, clientId, serverId, protocol, serverPort)

/** Ids by content: the same flow gets the same ids on every replica. Six hashes, so callers ask once per variant. */
export function flowIds(flow: ClusteredFlow, dataset: string): FlowIds {
  const clientId = endpointId(dataset, flow.cluster, flow.client)
  const serverId = endpointId(dataset, flow.cluster, flow.server)
  const edge = edgeId(dataset, flow.cluster, clientId, serverId, flow.protocol, flow.serverPort)
  const { enforced = null, pending = null } = flow.trace
  const traceId = contentId('trace', JSON.stringify(enforced), JSON.stringify(pending))
  const { verdict } = flow
  const variantId = contentId(
    'variant',
    edge,
    flow.source,
    flow.observer,
    verdict.outcome,
    verdict.basis,
    verdict.pending,
    verdict.layer,
    verdict.dropReason ?? '',
    traceId,
    flow.repeatsSiblingCounts ?? false,
  )
  return { dataset, flow, clientId, serverId, edgeId: edge, traceId, variantId }
}
