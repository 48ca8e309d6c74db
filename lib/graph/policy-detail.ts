import { endpointLabel } from '@/lib/model/endpoint'
import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import type { PolicyHit, PolicyRef } from '@/lib/model/policy'
import { POLICY_BOUNDS, type PolicyEdge, type PolicyRule, type PolicySlot } from '@/lib/model/policy-report'
import type { UnixMillis } from '@/lib/model/units'
import { type EdgeHits, hitsOfEdge } from './policy-hits'

interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** The part of a graph that one policy has a say in. */
export interface PolicyPart {
  readonly edges: readonly GraphEdge[]
  /** As listed: what it refuses first, then by count. */
  readonly listed: readonly PolicyEdge[]
  readonly rules: readonly PolicyRule[]
  readonly triggers: readonly PolicyRef[]
}

/** What a policy, named by its id, does on each edge, and by which rule. */
export function policyPart(graph: Graph, id: string): PolicyPart {
  const labels = new Map(graph.nodes.map((node) => [node.id, node.label || endpointLabelOf(node)]))
  const found: { edge: GraphEdge; hits: EdgeHits }[] = []
  for (const edge of graph.edges) {
    const hits = hitsOfEdge(edge).find((one) => one.id === id)
    if (hits) found.push({ edge, hits })
  }
  return {
    edges: found.map(({ edge }) => edge),
    listed: found.map((one) => edgeOf(one.edge, one.hits, labels)).sort(byUrgency),
    rules: mergedRules(found.flatMap(({ hits }) => hits.rules)),
    triggers: triggersOf(found),
  }
}

const endpointLabelOf = (node: GraphNode): string =>
  endpointLabel({
    class: node.class === 'provider' ? 'external' : node.class,
    namespace: node.namespace,
    name: node.name,
  })

function edgeOf(edge: GraphEdge, { counts, lastMs }: EdgeHits, labels: ReadonlyMap<string, string>): PolicyEdge {
  return {
    id: edge.id,
    client: labels.get(edge.client) ?? edge.client,
    server: labels.get(edge.server) ?? edge.server,
    protocol: edge.protocol,
    serverPort: edge.serverPort,
    state: edge.state,
    counts,
    lastMs,
  }
}

const refused = ({ counts }: PolicyEdge): number => counts.denied + counts.deniedByDefault + counts.wouldDeny
const byUrgency = (a: PolicyEdge, b: PolicyEdge): number =>
  refused(b) - refused(a) || b.counts.allowed - a.counts.allowed || (a.id < b.id ? -1 : 1)

function mergedRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const merged = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const key = `${rule.direction}/${rule.index}/${rule.action}/${rule.isPending}`
    const same = merged.get(key)
    merged.set(
      key,
      same
        ? {
            ...same,
            count: same.count + rule.count,
            edges: same.edges + rule.edges,
            lastMs: Math.max(same.lastMs, rule.lastMs),
          }
        : rule,
    )
  }
  const place = ({ direction, index = -1 }: PolicyRule) => `${direction ?? ''}/${String(index).padStart(9, '0')}`
  return [...merged.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1)).slice(0, POLICY_BOUNDS.rules)
}

function triggersOf(found: readonly { edge: GraphEdge; hits: EdgeHits }[]): PolicyRef[] {
  const triggers = new Map<string, PolicyRef>()
  for (const { edge, hits } of found) {
    if (hits.kind !== 'EndOfTier') continue
    for (const { enforced = [] } of edge.variants)
      for (const hit of enforced)
        if (hit.trigger && isOf(hit, hits)) triggers.set(JSON.stringify(hit.trigger), hit.trigger)
  }
  return [...triggers.values()].slice(0, POLICY_BOUNDS.workloads)
}

const isOf = (hit: PolicyHit, ref: PolicyRef): boolean => hit.kind === ref.kind && hit.tier === ref.tier

/** Counts of one policy over one step of time, of edges with the counters of that step. */
export function slotOf(
  startMs: UnixMillis,
  edges: readonly Pick<GraphEdge, 'cluster' | 'variants'>[],
  id: string,
): PolicySlot {
  const slot = { startMs, allowed: 0, denied: 0, wouldDeny: 0 }
  for (const edge of edges) {
    const hits = hitsOfEdge(edge).find((one) => one.id === id)
    if (!hits) continue
    slot.allowed += hits.counts.allowed
    slot.denied += hits.counts.denied + hits.counts.deniedByDefault
    slot.wouldDeny += hits.counts.wouldDeny
  }
  return slot
}
