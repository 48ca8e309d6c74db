import type { EdgeRoute, GraphLayout, LayoutChange, NodePlace } from '@/lib/model/graph-layout'
import { LIMITS } from '@/lib/model/limits'

/**
 * What is remembered after a browser told of its drawing; `stored` undefined = nothing was. Of `first` all or nothing is taken, so
 * that of two first visitors one lays the view out; of `new` only what has no place yet; of `moved` all. What was told is
 * the newest then, and beyond the limits the oldest is forgotten. Pure.
 */
export function mergeLayout(stored: GraphLayout | undefined, change: LayoutChange, told: GraphLayout): GraphLayout {
  if (change === 'first') return stored && stored.nodes.length > 0 ? stored : bounded(told)
  const isKept = change === 'new'
  return bounded({
    nodes: merge<NodePlace>(stored?.nodes ?? [], told.nodes, isKept),
    routes: merge<EdgeRoute>(stored?.routes ?? [], told.routes, isKept),
  })
}

function merge<Item extends readonly [string, ...unknown[]]>(
  stored: readonly Item[],
  told: readonly Item[],
  isKept: boolean,
): Item[] {
  const all = new Map(stored.map((item) => [item[0], item]))
  for (const item of told) {
    const [id] = item
    const known = all.get(id)
    // Taken out and put back: a map keeps the order in which keys came.
    all.delete(id)
    all.set(id, isKept && known ? known : item)
  }
  return [...all.values()]
}

const bounded = ({ nodes, routes }: GraphLayout): GraphLayout => ({
  nodes: nodes.slice(-LIMITS.layoutNodes),
  routes: routes.slice(-LIMITS.layoutRoutes),
})
