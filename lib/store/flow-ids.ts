import 'server-only'
import type { EndpointIdentity } from '@/lib/model/endpoint'
import type { ClusteredFlow } from '@/lib/model/prepared-batch'
import { processGlobal } from '@/lib/process-global'
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

/** Ids by content: the same flow gets the same ids on every replica. Five hashes, so callers ask once per variant. */
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

type Ids = Omit<FlowIds, 'dataset' | 'flow'>

/** Variants of the live dataset whose ids are known, of each of two generations. */
const MOST_KNOWN = 50_000

/** Ids by variant key. Bounded: when the young generation is full it becomes the old one, and the old one goes. */
class KnownFlowIds {
  private young = new Map<string, Ids>()
  private old = new Map<string, Ids>()

  get(key: string): Ids | undefined {
    const young = this.young.get(key)
    if (young !== undefined) return young
    const old = this.old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: string, ids: Ids): void {
    if (this.young.size >= MOST_KNOWN) {
      this.old = this.young
      this.young = new Map()
    }
    this.young.set(key, ids)
  }
}

/** Edges are the same in every body, and ids follow from content alone: this holds for all replicas and for good. */
const knownFlowIds = (): KnownFlowIds => processGlobal('flow-ids', () => new KnownFlowIds())

/**
 * `flowIds` of a flow of this variant (lib/ingest/variant-key: equal keys are equal content). Hashes once per variant of the live
 * dataset for as long as this process remembers it; what is imported under a name is hashed by its body.
 */
export function variantIds(variantKey: string, flow: ClusteredFlow, dataset: string): FlowIds {
  if (dataset !== '') return flowIds(flow, dataset)
  const memo = knownFlowIds()
  let ids = memo.get(variantKey)
  if (ids === undefined) {
    const { clientId, serverId, edgeId, traceId, variantId } = flowIds(flow, dataset)
    ids = { clientId, serverId, edgeId, traceId, variantId }
    memo.set(variantKey, ids)
  }
  const { clientId, serverId, edgeId, traceId, variantId } = ids
  return { dataset, flow, clientId, serverId, edgeId, traceId, variantId }
}
