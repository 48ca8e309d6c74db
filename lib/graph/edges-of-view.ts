import type { GraphEdge, GraphNode, GraphQuery, Place, ServiceGraph } from '@/lib/model/graph'
import { viewGraph } from './view-graph'

/** What is selected, as an edge between workloads is asked whether it is part of it. */
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

/** True where what is selected stands for several, or for a part: only the drawing knows what it is. */
export const isDrawnOnly = (selected: string): boolean => /^(edge|node):[gp]/.test(selected)

/**
 * The edges between workloads that a view keeps, whatever it is drawn as, and none of them away for want of room; narrowed to what is selected
 * (`edge:<id>`, `node:<id>`; of a group or a bundle its members; '' = nothing). A selection that is not there keeps no edge. `drawn`: the
 * graph as the view draws it, asked where `isDrawnOnly`. Cost: a few views of the graph.
 */
export function edgesOfView(graph: ServiceGraph, query: GraphQuery, selected: string, drawn?: ServiceGraph): ViewEdges {
  const edges = keptEdges(graph, query)
  if (selected === '') return { edges }
  const part = selectedPart(graph, query, selected, drawn)
  if (!part) return { edges: [] }
  return { edges: edges.filter((edge) => part.holds(edge)), ...(part.pod !== undefined && { pod: part.pod }) }
}

/** Groups within groups. */
const DEPTH = 4

/** Draws workload by workload, with whatever is still drawn as one opened. A place is a filter here, not something drawn finer. */
function keptEdges(graph: ServiceGraph, { inside, ...query }: GraphQuery): readonly GraphEdge[] {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const opened = new Set<string>()
  let view = viewGraph(graph, { ...query, level: 'workload', expanded: [], isUncapped: true })
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const groups = view.nodes.filter((node) => node.group && !opened.has(node.id))
    if (groups.length === 0) break
    for (const { id } of groups) opened.add(id)
    view = viewGraph(graph, { ...query, level: 'workload', expanded: [...opened], isUncapped: true })
  }
  if (!inside) return view.edges
  return view.edges.filter((edge) =>
    [nodes.get(edge.client), nodes.get(edge.server)].some((node) => node !== undefined && isIn(node, inside)),
  )
}

function isIn(node: GraphNode, { cluster, namespace, workload }: Place): boolean {
  if (!isInCluster(node) || node.cluster !== cluster) return false
  if (namespace !== undefined && node.namespace !== namespace) return false
  return workload === undefined || node.name === workload
}

function selectedPart(
  graph: ServiceGraph,
  query: GraphQuery,
  selected: string,
  drawn: ServiceGraph | undefined,
): Selected | undefined {
  const [kind, id = ''] = selected.split(':')
  if (!isDrawnOnly(selected))
    return { holds: (edge) => (kind === 'edge' ? edge.id === id : edge.client === id || edge.server === id) }
  for (const view of drawings(graph, query, drawn)) {
    const part = kind === 'node' ? partOfNode(graph, view, id) : partOfEdge(graph, view, id)
    if (part) return part
  }
  return undefined
}

/** As the view is drawn, and at each level: a view that chooses its own may be at another one by now. */
function* drawings(graph: ServiceGraph, query: GraphQuery, drawn: ServiceGraph | undefined): Generator<ServiceGraph> {
  if (drawn) yield drawn
  for (const level of ['namespace', 'cluster', 'workload'] as const) yield viewGraph(graph, { ...query, level })
}

function partOfNode(graph: ServiceGraph, view: ServiceGraph, id: string): Selected | undefined {
  const node = view.nodes.find((one) => one.id === id)
  if (!node) return undefined
  const members = membersOf(graph, node)
  return {
    holds: (edge) => members.has(edge.client) || members.has(edge.server),
    ...(node.pod !== undefined && { pod: node.pod }),
  }
}

function partOfEdge(graph: ServiceGraph, view: ServiceGraph, id: string): Selected | undefined {
  const edge = view.edges.find((one) => one.id === id)
  const [client, server] = [edge?.client, edge?.server].map((end) => view.nodes.find((node) => node.id === end))
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
  const { cluster, namespace } = drawn
  if (drawn.pod !== undefined) return isIn(node, { cluster, namespace, workload: drawn.name })
  switch (drawn.group?.kind) {
    case undefined:
      return node.id === drawn.id
    case 'cluster':
      return isIn(node, { cluster })
    case 'namespace':
      return isIn(node, { cluster, namespace })
    case 'outside':
      return isOutside(node) && node.cluster === cluster
  }
}

/** Peers outside the cluster that are no provider. */
const isOutside = (node: GraphNode): boolean =>
  !node.provider && (node.class === 'external' || node.class === 'internet' || node.class === 'network-set')

/** What a cluster holds: neither peers outside it, nor providers, nor what only calls it. */
const isInCluster = (node: GraphNode): boolean =>
  !node.provider && !isOutside(node) && node.class !== 'provider' && node.class !== 'claimed' && node.class !== 'caller'
