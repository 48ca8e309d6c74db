import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'

/** Never draw more: above this, quiet edges are cut first, and the answer says how many. */
export const MAX_EDGES_ON_SCREEN = 800

/**
 * The part of a graph that a view asks for, with the number of edges and nodes that it keeps off the screen. The AI scope
 * keeps AI workloads, providers and their neighbours. Denied, flagged and AI edges are never cut by the cap.
 */
export function viewGraph(graph: ServiceGraph, query: GraphQuery): ServiceGraph {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const matching = graph.edges.filter((edge) => matches(edge, nodes, query))
  const shown = query.isUncapped ? matching : cap(matching)
  const used = new Set(shown.flatMap((edge) => [edge.client, edge.server]))
  const shownNodes = graph.nodes.filter((node) => used.has(node.id))
  return {
    ...graph,
    nodes: shownNodes,
    edges: shown,
    hidden: { edges: graph.edges.length - shown.length, nodes: graph.nodes.length - shownNodes.length },
  }
}

function matches(edge: GraphEdge, nodes: ReadonlyMap<string, GraphNode>, query: GraphQuery): boolean {
  const ends = [nodes.get(edge.client), nodes.get(edge.server)].filter((node) => node !== undefined)
  if (query.cluster && edge.cluster !== query.cluster) return false
  if (query.scope === 'ai' && !edge.isAi) return false
  if (query.namespaces.length > 0 && !ends.some((node) => query.namespaces.includes(node.namespace))) return false
  if (query.states.length > 0 && !query.states.includes(edge.state)) return false
  const text = query.text?.trim().toLowerCase()
  return !text || ends.some((node) => node.label.toLowerCase().includes(text) || node.name.toLowerCase().includes(text))
}

function cap(edges: readonly GraphEdge[]): readonly GraphEdge[] {
  if (edges.length <= MAX_EDGES_ON_SCREEN) return edges
  const needed = edges.filter(isNeverCut)
  const quiet = edges.filter((edge) => !isNeverCut(edge)).sort((a, b) => volume(b) - volume(a))
  const kept = new Set([...needed, ...quiet.slice(0, Math.max(0, MAX_EDGES_ON_SCREEN - needed.length))])
  return edges.filter((edge) => kept.has(edge))
}

const isNeverCut = (edge: GraphEdge): boolean =>
  edge.isAi || edge.denied > 0 || edge.openFindings > 0 || edge.state === 'would_be_denied'

const volume = (edge: GraphEdge): number => edge.counters.connections + edge.counters.requests + edge.counters.events
