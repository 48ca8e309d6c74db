import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'

/** As many edges as a reader of an incident can take in, and a frozen row can hold. */
export const MAX_INCIDENT_EDGES = 150

/**
 * The part of a neighbourhood that an incident keeps: its own edge always, then edges that need a person, then the busiest;
 * `hidden` says how much was left out. Pure.
 */
export function cutGraph(graph: ServiceGraph, edgeId: string, maxEdges = MAX_INCIDENT_EDGES): ServiceGraph {
  const order = [...graph.edges].sort((a, b) => rank(a, edgeId) - rank(b, edgeId) || volume(b) - volume(a))
  const keptIds = new Set(order.slice(0, maxEdges).map((edge) => edge.id))
  const edges = graph.edges.filter((edge) => keptIds.has(edge.id))
  const ends = new Set(edges.flatMap((edge) => [edge.client, edge.server]))
  const nodes = graph.nodes.filter((node) => ends.has(node.id))
  return {
    ...graph,
    nodes,
    edges,
    hidden: { edges: graph.edges.length - edges.length, nodes: graph.nodes.length - nodes.length },
  }
}

function rank(edge: GraphEdge, edgeId: string): number {
  if (edge.id === edgeId) return 0
  if (edge.door?.state === 'violation') return 1
  if (edge.denied > 0 || edge.wouldBeDenied > 0) return 2
  return edge.isAi ? 3 : 4
}

const volume = ({ counters }: GraphEdge): number => counters.connections + counters.requests + counters.events
