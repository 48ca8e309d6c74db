import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import { homeOf, isOutside } from './place'

/**
 * True where a node of a finer drawing is part of what a node of a coarser one stands for; a node that stands for itself alone is
 * part of itself.
 */
export function isPartOf(node: GraphNode, whole: GraphNode): boolean {
  if (node.id === whole.id) return true
  if (!whole.group || node.cluster !== whole.cluster) return false
  switch (whole.group.kind) {
    case 'cluster':
      return homeOf(node) !== undefined
    case 'namespace':
      return homeOf(node)?.namespace === whole.namespace
    case 'outside':
      return isOutside(node)
  }
}

/** Nodes of a finer drawing that a group stands for, in the order of their labels. */
export const membersOf = (group: GraphNode, finer: Pick<ServiceGraph, 'nodes'>): readonly GraphNode[] =>
  finer.nodes
    .filter((node) => node.id !== group.id && isPartOf(node, group))
    .sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : a.id < b.id ? -1 : 1))

/** Edges of a finer drawing that lead from a part of one end to a part of the other. */
export function edgesBetween(
  client: GraphNode,
  server: GraphNode,
  finer: Pick<ServiceGraph, 'nodes' | 'edges'>,
): readonly GraphEdge[] {
  const nodes = new Map(finer.nodes.map((node) => [node.id, node]))
  return finer.edges.filter((edge) => {
    const [from, to] = [nodes.get(edge.client), nodes.get(edge.server)]
    return from !== undefined && to !== undefined && isPartOf(from, client) && isPartOf(to, server)
  })
}

/** How many edges the given ones stand for: one of a group stands for several. */
export const countEdges = (edges: readonly GraphEdge[]): number =>
  edges.reduce((sum, { bundle }) => sum + (bundle?.edges ?? 1), 0)
