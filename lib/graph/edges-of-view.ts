import type { GraphEdge, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import { type DrawnView, drawView } from './view-graph'

export interface ViewEdges {
  /** Between workloads, in no order that means anything. */
  readonly edges: readonly GraphEdge[]
  /** Only records of this pod, at either end. */
  readonly pod?: string
}

/**
 * The edges between workloads that a view keeps, none of them for want of room, narrowed to what is selected (`edge:<id>`, `node:<id>`; of
 * a group or a bundle its members; '' = nothing). A selection that the view does not draw keeps no edge. `withPods` is the same window with
 * the pods of the view's place, where a pod or an edge of one is selected. Cost: edges and nodes of the graph.
 */
export function edgesOfView(
  graph: ServiceGraph,
  query: GraphQuery,
  selected: string,
  withPods?: ServiceGraph,
): ViewEdges {
  const { edges, ...rest } = selectedEdges(graph, query, selected, withPods)
  // A bundle is drawn where any of its edges is in a state that is asked for; of records those are meant that are.
  return query.states.length === 0
    ? { edges, ...rest }
    : { edges: edges.filter((edge) => query.states.includes(edge.state)), ...rest }
}

function selectedEdges(
  graph: ServiceGraph,
  query: GraphQuery,
  selected: string,
  withPods: ServiceGraph | undefined,
): ViewEdges {
  const view = drawView(graph, query)
  if (selected === '') return { edges: [...view.kept.flatMap(({ members }) => members), ...view.inner] }
  const [kind, id = ''] = selected.split(':')
  if (withPods && id.startsWith('p')) return edgesOfPod(graph, drawView(withPods, query), kind, id)
  // A view that chooses its own level may be drawn at another one by now than where this was selected.
  for (const drawn of [view, ...(id.startsWith('g') ? atEachLevel(graph, query) : [])]) {
    const edges = kind === 'edge' ? edgesOfEdge(drawn, id) : edgesOfNode(drawn, id)
    if (edges.length > 0) return { edges }
  }
  return { edges: [] }
}

function* atEachLevel(graph: ServiceGraph, query: GraphQuery): Generator<DrawnView> {
  for (const level of ['namespace', 'cluster', 'workload'] as const) yield drawView(graph, { ...query, level })
}

function edgesOfEdge(view: DrawnView, id: string): readonly GraphEdge[] {
  const drawn = view.kept.find(({ edge }) => edge.id === id)
  if (drawn) return drawn.members
  // A link to an edge that this level draws as part of a bundle, or within a group.
  return [...view.kept.flatMap(({ members }) => members), ...view.inner].filter((edge) => edge.id === id)
}

function edgesOfNode(view: DrawnView, id: string): readonly GraphEdge[] {
  const isAt = (edge: GraphEdge) =>
    edge.client === id || edge.server === id || view.endOf(edge.client) === id || view.endOf(edge.server) === id
  return [...view.kept.flatMap(({ members }) => members), ...view.inner].filter(isAt)
}

/** Of a pod, or an edge of one: the edges of its workload, of which only its own records are meant. */
function edgesOfPod(graph: ServiceGraph, drawn: DrawnView, kind: string | undefined, id: string): ViewEdges {
  const nodes = new Map(drawn.graph.nodes.map((node) => [node.id, node]))
  if (kind === 'node') {
    const node = nodes.get(id)
    if (node?.pod === undefined || node.partOf === undefined) return { edges: [] }
    const { partOf, pod } = node
    return { edges: graph.edges.filter((edge) => edge.client === partOf || edge.server === partOf), pod }
  }
  const edge = drawn.graph.edges.find((one) => one.id === id)
  if (!edge) return { edges: [] }
  const pod = nodes.get(edge.client)?.pod ?? nodes.get(edge.server)?.pod
  return {
    edges: graph.edges.filter((one) => one.id === edge.partOf),
    ...(pod !== undefined && { pod }),
  }
}
