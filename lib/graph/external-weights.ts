import type { GraphEdge, GraphNode } from '@/lib/model/graph'

/**
 * What each edge out of the cluster weighs in a share of connections: its connections, at least 1. Goldmane counts all of a
 * workload's connections to the internet on one edge; those that NAT records drew one by one are among them, and weigh once:
 * they are taken from what Goldmane counted for the same workload, protocol and port, never below zero. They are taken from
 * network sets first, which have a name: so a share of unnamed traffic may come out too high, never too low.
 */
export function externalWeights(
  edges: readonly GraphEdge[],
  nodes: ReadonlyMap<string, GraphNode>,
): ReadonlyMap<string, number> {
  const drawn = new Map<string, number>()
  for (const edge of edges)
    if (isToldBy(edge, 'nat')) drawn.set(keyOf(edge), (drawn.get(keyOf(edge)) ?? 0) + weightOf(edge))
  const weights = new Map(edges.map((edge) => [edge.id, weightOf(edge)]))
  for (const wanted of ['network-set', 'internet'] as const)
    for (const edge of edges) {
      if (classOf(nodes.get(edge.server)) !== wanted || !isToldBy(edge, 'calico')) continue
      const rest = drawn.get(keyOf(edge)) ?? 0
      const taken = Math.min(rest, weightOf(edge))
      weights.set(edge.id, weightOf(edge) - taken)
      drawn.set(keyOf(edge), rest - taken)
    }
  return weights
}

/** A network set that is declared to be a provider's is shown as one, and stays a network set here. */
const classOf = (node: GraphNode | undefined): GraphNode['class'] | undefined =>
  node?.provider?.matchedBy === 'network-set' ? 'network-set' : node?.class

const weightOf = (edge: GraphEdge): number => Math.max(1, edge.counters.connections)
const keyOf = (edge: GraphEdge): string => `${edge.client}\n${edge.protocol}\n${edge.serverPort}`
const isToldBy = (edge: GraphEdge, source: GraphEdge['variants'][number]['source']): boolean =>
  edge.variants.length > 0 && edge.variants.every((variant) => variant.source === source)
