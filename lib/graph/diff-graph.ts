import type { GraphPatch, ServiceGraph } from '@/lib/model/graph'

/**
 * What changed from `previous` to `next`, so that applying it to the first gives the second. Undefined where nothing that
 * a person could see changed: a window that merely moved on is not a change.
 */
export function diffGraph(previous: ServiceGraph, next: ServiceGraph): GraphPatch | undefined {
  const upsertNodes = changed(previous.nodes, next.nodes)
  const upsertEdges = changed(previous.edges, next.edges)
  const removeNodes = gone(previous.nodes, next.nodes)
  const removeEdges = gone(previous.edges, next.edges)
  const rest = (graph: ServiceGraph) => JSON.stringify([graph.hidden, graph.coverage, graph.headline, graph.newestMs])
  const isSame = upsertNodes.length + upsertEdges.length + removeNodes.length + removeEdges.length === 0
  if (isSame && rest(previous) === rest(next)) return undefined
  const { revision, window, hidden, coverage, headline, newestMs } = next
  return { revision, window, upsertNodes, upsertEdges, removeNodes, removeEdges, hidden, coverage, headline, newestMs }
}

interface Identified {
  readonly id: string
}

function changed<T extends Identified>(previous: readonly T[], next: readonly T[]): T[] {
  const before = new Map(previous.map((item) => [item.id, JSON.stringify(item)]))
  return next.filter((item) => before.get(item.id) !== JSON.stringify(item))
}

function gone<T extends Identified>(previous: readonly T[], next: readonly T[]): string[] {
  const still = new Set(next.map((item) => item.id))
  return previous.filter((item) => !still.has(item.id)).map((item) => item.id)
}

/** Applies a patch; the inverse of `diffGraph` in the sense that `applyPatch(a, diffGraph(a, b))` shows what `b` shows. */
export function applyPatch(graph: ServiceGraph, patch: GraphPatch): ServiceGraph {
  return {
    ...graph,
    revision: patch.revision,
    window: patch.window,
    nodes: merge(graph.nodes, patch.upsertNodes, patch.removeNodes),
    edges: merge(graph.edges, patch.upsertEdges, patch.removeEdges),
    hidden: patch.hidden,
    coverage: patch.coverage,
    headline: patch.headline,
    newestMs: patch.newestMs,
  }
}

function merge<T extends Identified>(items: readonly T[], upserts: readonly T[], removed: readonly string[]): T[] {
  const byId = new Map(items.map((item) => [item.id, item]))
  for (const id of removed) byId.delete(id)
  for (const item of upserts) byId.set(item.id, item)
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}
