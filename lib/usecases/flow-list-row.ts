import 'server-only'
import type { Peer } from '@/lib/model/endpoint'
import { endpointLabel } from '@/lib/model/endpoint'
import type { FlowEnd, FlowListRow } from '@/lib/model/flow-list'
import type { GraphNode } from '@/lib/model/graph'
import { decidingHit } from '@/lib/model/policy'
import type { PlacedFlow } from '@/lib/store/load-flow-page'
import type { FlowSelection } from './select-flows'

/** A stored record as the table shows it; undefined where it is of no edge of the selection. */
export function flowListRow(stored: PlacedFlow, { variants, nodes }: FlowSelection): FlowListRow | undefined {
  const variant = variants.get(stored.variantId)
  if (!variant) return undefined
  const { flow, recordId: id, startNs, recordKey, receivedMs, keptAs } = stored
  const { edge } = variant
  const { verdict, node, service, l7, traceId, translatedSource } = flow
  const policy = decidingHit(flow.trace.enforced)
  return {
    id,
    startNs,
    recordKey,
    edgeId: edge.id,
    startMs: flow.startMs,
    endMs: flow.endMs,
    receivedMs,
    cluster: edge.cluster,
    source: flow.source,
    observer: flow.observer,
    outcome: verdict.outcome,
    basis: verdict.basis,
    pending: verdict.pending,
    layer: verdict.layer,
    client: endOf(edge.client, flow.client, nodes.get(edge.client), flow.clientPort),
    server: endOf(edge.server, flow.server, nodes.get(edge.server), flow.serverPort || undefined),
    protocol: flow.protocol,
    counts: flow.counts,
    ...(node && { node }),
    ...(verdict.dropReason && { dropReason: verdict.dropReason }),
    ...(policy && { policy }),
    ...(service && { service }),
    ...(l7 && { l7 }),
    ...(traceId && { traceId }),
    ...(translatedSource && { translatedIp: translatedSource.ip }),
    ...(keptAs && { keptAs }),
  }
}

function endOf(nodeId: string, peer: Peer, node: GraphNode | undefined, port: number | undefined): FlowEnd {
  const { class: kind, namespace, name, pod, ip, dnsNames } = peer
  return {
    nodeId,
    label: node?.label ?? endpointLabel(peer),
    class: kind,
    namespace: node?.namespace ?? namespace,
    name: node?.name ?? name,
    ...(pod !== undefined && { pod }),
    ...(ip !== undefined && { ip }),
    ...(port !== undefined && { port }),
    ...(dnsNames && dnsNames.length > 0 && { dnsNames }),
    ...(node?.provider && { provider: node.provider.name }),
    ...(node?.aiRole && { role: node.aiRole }),
  }
}
