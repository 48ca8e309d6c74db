import type { GraphEdge } from '@/lib/model/graph'
import { deciderOf, decidingHit, type PolicyAction, type PolicyRef } from '@/lib/model/policy'
import type { Outcome } from '@/lib/model/verdict'
import { unitsOf } from './volume'

/** A policy that decided on edges of a node, with how many connections and requests each way. */
export interface SeenPolicy {
  readonly policy: PolicyRef
  /** At the node as server (ingress) or as client (egress). */
  readonly direction: 'ingress' | 'egress'
  readonly action: PolicyAction
  readonly units: number
  readonly edges: number
  /** How what it decided ended, in the order of their names: what it allowed may yet have failed. */
  readonly outcomes: readonly Outcome[]
}

/**
 * Policies that decided at a node's own side of its edges, as sources named them, the most used first. Of the end of a tier what
 * brought the tier into play.
 */
export function policiesSeen(nodeId: string, edges: readonly GraphEdge[]): readonly SeenPolicy[] {
  const seen = new Map<
    string,
    {
      readonly of: Omit<SeenPolicy, 'units' | 'edges' | 'outcomes'>
      units: number
      edges: Set<string>
      outcomes: Set<Outcome>
    }
  >()
  for (const edge of edges)
    for (const variant of edge.variants) {
      const direction = variant.observer === 'client' ? 'egress' : variant.observer === 'server' ? 'ingress' : undefined
      const hit = decidingHit(variant.enforced)
      const policy = deciderOf(variant.enforced)
      if (!direction || !hit || !policy || edge[variant.observer === 'client' ? 'client' : 'server'] !== nodeId)
        continue
      const key = JSON.stringify([direction, hit.action, policy])
      const known = seen.get(key) ?? {
        of: { policy, direction, action: hit.action },
        units: 0,
        edges: new Set<string>(),
        outcomes: new Set<Outcome>(),
      }
      seen.set(key, known)
      known.units += unitsOf(variant)
      known.edges.add(edge.id)
      known.outcomes.add(variant.outcome)
    }
  return [...seen.values()]
    .map(({ of, units, edges: on, outcomes }) => ({ ...of, units, edges: on.size, outcomes: [...outcomes].sort() }))
    .sort((a, b) => b.units - a.units || (JSON.stringify(a.policy) < JSON.stringify(b.policy) ? -1 : 1))
}
