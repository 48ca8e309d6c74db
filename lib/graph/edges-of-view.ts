import type { GraphEdge, GraphNode, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { viewGraph } from './view-graph'

/** What is selected, as an edge of the level of workloads is asked whether it is part of it. */
interface Selected {
  holds(edge: GraphEdge): boolean
  /** Of a pod: its records alone. */
  readonly pod?: string
}

export interface ViewEdges {
  readonly edges: readonly GraphEdge[]
  /** Only records of this pod, at either end. */
  readonly pod?: string
}

/**
 * The edges between workloads that a view keeps, none of them for want of room, narrowed to what is selected (`edge:<id>`, `node:<id>`; of a
 * group or a bundle its members; '' = nothing). A selection that the graph does not have keeps no edge. Cost: edges and nodes of the graph,
 * twice.
 */
export function edgesOfView(graph: ServiceGraph, query: GraphQuery, selected: string): ViewEdges {
  const { edges } = viewGraph(graph, { ...query, level: 'workload', expanded: [], isUncapped: true })
  if (selected === '') return { edges }
  const part = selectedPart(graph, query, selected)
  if (!part) return { edges: [] }
  return { edges: edges.filter((edge) => part.holds(edge)), ...(part.pod !== undefined && { pod: part.pod }) }
}

function selectedPart(graph: ServiceGraph, query: GraphQuery, selected: string): Selected | undefined {
  const [kind, id = ''] = selected.split(':')
  if (/^-?\d+$/.test(id))
    return {
      holds: (edge) => (kind === 'edge' ? edge.id === id : edge.client === id || edge.server === id),
    }
  // What stands for several is known to the drawing alone.
  const drawn = viewGraph(graph, query)
  const nodes = new Map(drawn.nodes.map((node) => [node.id, node]))
  if (kind === 'node') {
    const node = nodes.get(id)
    if (!node) return undefined
    const members = membersOf(graph, node)
    return {
      holds: (edge) => members.has(edge.client) || members.has(edge.server),
      ...(node.pod !== undefined && { pod: node.pod }),
    }
  }
  const edge = drawn.edges.find((one) => one.id === id)
  const [client, server] = [nodes.get(edge?.client ?? ''), nodes.get(edge?.server ?? '')]
  if (!edge || !client || !server) return undefined
  const [clients, servers] = [membersOf(graph, client), membersOf(graph, server)]
  const pod = client.pod ?? server.pod
  return {
    holds: (one) => clients.has(one.client) && servers.has(one.server),
    ...(pod !== undefined && { pod }),
  }
}

/** Endpoints that a drawn node stands for. */
function membersOf(graph: ServiceGraph, drawn: GraphNode): ReadonlySet<string> {
  return new Set(graph.nodes.filter((node) => standsFor(drawn, node)).map(({ id }) => id))
}

function standsFor(drawn: GraphNode, node: GraphNode): boolean {
  if (drawn.pod !== undefined)
    return (
      node.class === 'workload' &&
      node.cluster === drawn.cluster &&
      node.namespace === drawn.namespace &&
      node.name === drawn.name
    )
  switch (drawn.group?.kind) {
    case undefined:
      return node.id === drawn.id
    case 'cluster':
      return node.cluster === drawn.cluster && !isOutside(node)
    case 'namespace':
      return node.cluster === drawn.cluster && node.namespace === drawn.namespace && !isOutside(node)
    case 'outside':
      return isOutside(node) && (drawn.cluster === '' || node.cluster === drawn.cluster)
  }
}

/** Peers without a name of a provider, which are drawn as one. */
const isOutside = ({ class: kind }: GraphNode): boolean => kind === 'external' || kind === 'internet'
