import type { ConnectionSighting } from '@/lib/model/connection-facts'
import type { ClusteredFlow } from '@/lib/model/prepared-batch'

const OUTSIDE = new Set(['external', 'internet', 'network-set'])
const DNS_PORT = 53
/** The egress gateway had no node or no address: enforced, but broken. formats/hubble.md §1.4: 194 and 204. */
const BROKEN = new Set(['NO_EGRESS_GATEWAY', 'DROP_NO_EGRESS_IP', '194', '204'])

/**
 * What a record tells of a connection from a workload out of the cluster; undefined for everything else: replies, DNS,
 * traffic between workloads, and records that only repeat a sibling's counters.
 */
export function connectionSighting(flow: ClusteredFlow): ConnectionSighting | undefined {
  if (flow.client.class !== 'workload' || !OUTSIDE.has(flow.server.class)) return undefined
  if (flow.isReply || flow.repeatsSiblingCounts || (flow.protocol === 'udp' && flow.serverPort === DNS_PORT))
    return undefined
  const { client, server, counts, verdict } = flow
  const isBroken = verdict.outcome === 'dropped' && BROKEN.has(verdict.dropReason ?? '')
  return {
    recordKey: flow.recordKey,
    atMs: flow.startMs,
    endMs: flow.endMs,
    serverPort: flow.serverPort,
    protocol: flow.protocol,
    isAggregate: flow.source === 'calico' ? !flow.clientPort : !client.ip,
    aggregateKey: flow.sibling?.family,
    isOpening: counts.connections > 0,
    weight: Math.max(1, Math.min(counts.connections, 2 ** 31 - 1)),
    // A request refused by an L7 proxy is one of many on its connection; only an L4 verdict stops the connection.
    isBlocked: verdict.outcome === 'denied' && verdict.layer === 'L4',
    isBroken,
    isPassing: isPassing(flow),
    bytesSent: counts.bytesSent,
    clientIp: client.ip || undefined,
    clientPort: flow.clientPort || undefined,
    serverIp: server.ip || undefined,
    translated: flow.translatedSource,
    pod: client.pod || undefined,
    labels: client.labels,
    serviceAccount: client.serviceAccount || undefined,
    dnsNames: server.dnsNames,
    fqdnSelectors: server.fqdnSelectors,
  }
}

/** What a pod asked for, its own node knows. A selector of the server's identity is of the address, whoever asked for it. */
const isPassing = ({ observer, client, clientPort, server }: ClusteredFlow): boolean =>
  observer === 'gateway' && !clientPort && Boolean(client.ip && server.ip) && !server.dnsNames?.length
