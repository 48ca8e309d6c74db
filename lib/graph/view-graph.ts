import type { GraphEdge, GraphNode, GraphQuery, HiddenCause, ServiceGraph } from '@/lib/model/graph'
import type { EdgeState } from '@/lib/model/verdict'
import { chooseRule, type DrawnAs, READABLE } from './choose-level'
import { countHidden } from './count-hidden'
import { type DrawnEdge, groupGraph } from './group-graph'
import { headlineOf } from './headline'
import { keptBy } from './keep-edges'
import { limitDrawing } from './limit-drawing'
import { needsPerson } from './needs-person'
import { noiseOf } from './noise'
import { isInside } from './place'

/**
 * The part of a graph that a view asks for, drawn at its level. The steps, in this order; each edge is kept, or hidden for one cause:
 *
 * 1. `filters`: cluster, place, namespaces, AI lens (`filterOf`), then chips and expressions (`keptBy`), on edges between workloads.
 * 2. `noise`: what the toggles name, never denied, flagged or AI edges.
 * 3. `problems`: with only-problems, all that needs nobody.
 * 4. Grouping at the level that is asked for, or the one that `chooseRule` chooses.
 * 5. `filters` again: states, on what is drawn. A bundle stays where any of its edges is in a state that is asked for.
 * 6. `limit`: where all of it is more than is readable, at most `READABLE` nodes and edges, unless the view is uncapped; the quietest
 *    go, never denied, flagged or AI ones (`limitDrawing`).
 *
 * Edges of drawn bundles, edges within groups and hidden edges are together all edges, each once. `previous` is how the same view was
 * drawn last: it keeps the level from flipping. Pure, of linear cost but for sorting what is drawn.
 */
export const viewGraph = (graph: ServiceGraph, query: GraphQuery, previous?: DrawnAs): ServiceGraph =>
  drawView(graph, query, previous).graph

/** A drawn view, and what of the graph each part of it stands for. */
export interface DrawnView {
  readonly graph: ServiceGraph
  /** All that the view keeps, whether or not there was room for it. */
  readonly kept: readonly DrawnEdge[]
  /** Edges wholly within a group, which the drawing does not show. */
  readonly inner: readonly GraphEdge[]
  /** The drawn node that an endpoint of the graph is part of: itself, or its group. */
  endOf(endpointId: string): string
}

/** The view as `viewGraph` draws it, with what its parts stand for. */
export function drawView(graph: ServiceGraph, query: GraphQuery, previous?: DrawnAs): DrawnView {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const hidden = new Map<HiddenCause, GraphEdge[]>()
  const hide = (cause: HiddenCause, edges: readonly GraphEdge[]) => {
    const known = hidden.get(cause) ?? []
    hidden.set(cause, known)
    for (const edge of edges) known.push(edge)
  }
  const quiet = new Set(query.quiet)
  const isQuiet = (edge: GraphEdge): boolean => {
    const noise = quiet.size > 0 ? noiseOf(edge, nodes) : undefined
    return noise !== undefined && quiet.has(noise)
  }
  const [inScope, outside] = split(graph.edges, filterOf(query, nodes))
  const [matching, unmatched] = split(inScope, keptBy(query, graph.nodes, inScope, graph.against !== undefined))
  hide('filters', [...outside, ...unmatched])
  const kept: GraphEdge[] = []
  for (const edge of matching) {
    if (isQuiet(edge)) hide('noise', [edge])
    else if (query.isOnlyProblems && !needsPerson(edge)) hide('problems', [edge])
    else kept.push(edge)
  }
  const { rule, level, isWhole } = chooseRule(graph.nodes, kept, query, { hasPods: graph.pods !== undefined, previous })
  const grouped = groupGraph(graph.nodes, kept, rule)
  const [wanted, unwanted] = split(grouped.drawn, ({ edge }) => isInStates(edge, query.states))
  const [inner, unwantedInner] = split(grouped.inner, (edge) => isInStates(edge, query.states))
  hide('filters', [...unwanted.flatMap(({ members }) => members), ...unwantedInner])
  const limited =
    query.isUncapped || isWhole
      ? { drawn: wanted, inner, cut: [] }
      : limitDrawing(wanted, inner, grouped.endOf, { ...READABLE, before: previous?.limitedTo })
  hide('limit', limited.cut)
  const drawnNodes = grouped.nodesOf(limited.drawn, limited.inner)
  const stood = drawnNodes.reduce((sum, node) => sum + (node.group?.members ?? 1), 0)
  return {
    graph: {
      ...graph,
      level,
      nodes: drawnNodes,
      edges: limited.drawn.map(({ edge }) => edge),
      ...(query.cluster && { headline: headlineOfCluster(graph, query.cluster) }),
      hidden: countHidden(graph.edges, hidden, graph.nodes.length - stood),
    },
    kept: wanted,
    inner,
    endOf: grouped.endOf,
  }
}

/** A cluster is a whole of its own: the matrix and the doors count it alone as well. What mismatches list is of all. */
const headlineOfCluster = ({ nodes, edges, headline }: ServiceGraph, cluster: string): ServiceGraph['headline'] => ({
  ...headlineOf(
    nodes,
    edges.filter((edge) => edge.cluster === cluster),
  ),
  ...(headline.mismatches !== undefined && { mismatches: headline.mismatches }),
})

/** How a view is drawn, for the next time that it is. */
export const drawnAs = (graph: ServiceGraph): DrawnAs => ({
  level: graph.level ?? 'workload',
  isOutsideGrouped: graph.nodes.some((node) => node.group?.kind === 'outside'),
  ...(graph.hidden.by?.limit && { limitedTo: new Set(graph.nodes.map(({ id }) => id)) }),
})

/** What a view says of single edges by themselves, compiled once per cut; chips and expressions see what this leaves (`keptBy`). */
function filterOf(query: GraphQuery, nodes: ReadonlyMap<string, GraphNode>): (edge: GraphEdge) => boolean {
  const namespaces = new Set(query.namespaces)
  const { inside } = query
  return (edge) => {
    if (query.cluster && edge.cluster !== query.cluster) return false
    if (query.scope === 'ai' && !edge.isAi) return false
    const ends = [nodes.get(edge.client), nodes.get(edge.server)].filter((node) => node !== undefined)
    if (inside && !ends.some((node) => isInside(node, inside))) return false
    return namespaces.size === 0 || ends.some((node) => namespaces.has(node.namespace))
  }
}

function isInStates(edge: GraphEdge, states: readonly EdgeState[]): boolean {
  if (states.length === 0 || states.includes(edge.state)) return true
  return edge.bundle !== undefined && states.some((state) => (edge.bundle?.states[state] ?? 0) > 0)
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const first: T[] = []
  const second: T[] = []
  for (const item of items) (isFirst(item) ? first : second).push(item)
  return [first, second]
}
