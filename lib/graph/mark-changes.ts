import type { EdgeDifference } from '@/lib/model/comparison'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import type { TimeRange } from '@/lib/model/time-range'
import { changesById, compareGraphs } from './compare-graphs'

/** A graph whose edges say how they differ, by edge id; those that do not say nothing. */
export function markChanges(
  graph: ServiceGraph,
  differences: readonly EdgeDifference[],
  against: TimeRange,
): ServiceGraph {
  const changes = changesById(differences)
  const edges = graph.edges.map((edge): GraphEdge => {
    const change = changes.get(edge.id)
    if (change === edge.change) return edge
    const { change: _stale, ...rest } = edge
    return change ? { ...rest, change } : rest
  })
  return { ...graph, edges, against }
}

/**
 * Two whole windows, each edge with what differs, so that a view's expressions can ask for it before they are cut. What is new is of the
 * view's own window: the other says nothing of it.
 */
export function markBoth(
  before: ServiceGraph,
  after: ServiceGraph,
): { readonly before: ServiceGraph; readonly after: ServiceGraph } {
  const { differences } = compareGraphs(before, after)
  return {
    before: markChanges(withoutNews(before), differences, after.window),
    after: markChanges(after, differences, before.window),
  }
}

const withoutNews = (graph: ServiceGraph): ServiceGraph => ({
  ...graph,
  newUnknownIn: undefined,
  nodes: graph.nodes.map((node) => (node.isNew ? { ...node, isNew: undefined } : node)),
  edges: graph.edges.map((edge) => (edge.isNew ? { ...edge, isNew: undefined } : edge)),
})
