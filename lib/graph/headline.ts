import type { Headline } from '@/lib/model/coverage'
import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { isOutsidePeer, isUnnamedPeer } from '@/lib/model/outside-peer'
import { externalWeights } from './external-weights'

/**
 * Three numbers that are only ever said together: violations, verified share, unnamed share. Shares are of connections
 * that left (blocked and broken ones did not); what two edges tell of is weighed once (`externalWeights`).
 */
export function headlineOf(nodes: readonly GraphNode[], edges: readonly GraphEdge[]): Headline {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const weights = externalWeights(edges, byId)
  let violations = 0
  let judged = 0
  let toProviders = 0
  let external = 0
  let unnamed = 0
  for (const edge of edges) {
    if (edge.door) {
      const { counts } = edge.door
      const proven = counts.sanctioned + counts.violation
      if (edge.door.state === 'violation') violations += 1
      judged += proven
      // What no rule covers left all the same, and nobody knows whether rightly.
      toProviders += proven + counts.unverified + counts.no_rule
    }
    const client = byId.get(edge.client)
    const server = byId.get(edge.server)
    if (!client?.aiRole || !server || !isOutsidePeer(server)) continue
    const weight = weights.get(edge.id) ?? 0
    external += weight
    if (isUnnamedPeer(server)) unnamed += weight
  }
  return {
    violations,
    providerConnections: toProviders,
    ...(toProviders > 0 && { verifiedShare: judged / toProviders }),
    ...(external > 0 && { unnamedShare: unnamed / external }),
  }
}
