import type { GraphEdge, GraphLevel, GraphNode, GraphQuery } from '@/lib/model/graph'
import { type GroupRule, sizeAt } from './group-graph'
import { isOutside, levelInside, levelOfPlace } from './place'

/** What a person can read, and a browser draw at a good rate (measured: docs/scope.md). */
export const READABLE = { nodes: 300, edges: 800 } as const
/** More peers outside than this are one group where workloads are drawn one by one. */
const OUTSIDE_ONE_BY_ONE = 20

/** How a view was drawn last: what is kept while it stays within the band. */
export interface DrawnAs {
  readonly level: GraphLevel
  readonly isOutsideGrouped: boolean
}

/**
 * The band around a limit. A view that was drawn before goes to something finer only where that is well within the limit, and leaves
 * what it has only where that is well beyond it: traffic that comes and goes around a limit does not flip it.
 */
const BAND = { finer: 0.75, same: 1.25, fresh: 1 } as const

const AUTO: readonly GroupRule['level'][] = ['workload', 'namespace', 'cluster']

/**
 * How a view is grouped: as it asks, in a place one level finer than the place, else the finest level that is readable. The last
 * resort is the cluster, however much that is.
 */
export function chooseRule(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  query: Pick<GraphQuery, 'level' | 'inside' | 'expanded' | 'isUncapped'>,
  context: { readonly hasPods: boolean; readonly previous?: DrawnAs },
): { readonly rule: GroupRule; readonly level: GraphLevel } {
  const expanded = new Set(query.expanded)
  const used = usedBy(edges)
  const outside = nodes.filter((node) => isOutside(node) && used.has(node.id)).length
  const ruleAt = (level: GroupRule['level'], inside?: GroupRule['inside']): GroupRule => ({
    level,
    expanded,
    isOutsideGrouped:
      (inside?.level ?? level) === 'cluster' ||
      (inside?.level ?? level) === 'namespace' ||
      (!query.isUncapped && outside > OUTSIDE_ONE_BY_ONE * bandOf(context.previous?.isOutsideGrouped)),
    ...(inside && { inside }),
  })
  if (query.inside) {
    const wanted = levelInside(query.inside, query.level)
    const level = wanted === 'pod' && !context.hasPods ? 'workload' : wanted
    return { rule: ruleAt(levelOfPlace(query.inside), { place: query.inside, level }), level }
  }
  const asked = query.level === 'pod' ? 'workload' : query.level
  const level = asked ?? readableLevel(nodes, edges, ruleAt, context.previous?.level)
  return { rule: ruleAt(level), level }
}

const bandOf = (wasGrouped: boolean | undefined): number =>
  wasGrouped === undefined ? BAND.fresh : wasGrouped ? BAND.finer : BAND.same

function readableLevel(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  ruleAt: (level: GroupRule['level']) => GroupRule,
  previous: GraphLevel | undefined,
): GroupRule['level'] {
  const before = previous === undefined || previous === 'pod' ? -1 : AUTO.indexOf(previous)
  const found = AUTO.find((level, at) => {
    const band = before < 0 || at > before ? BAND.fresh : at === before ? BAND.same : BAND.finer
    const size = sizeAt(nodes, edges, ruleAt(level))
    return size.nodes <= READABLE.nodes * band && size.edges <= READABLE.edges * band
  })
  return found ?? 'cluster'
}

function usedBy(edges: readonly GraphEdge[]): ReadonlySet<string> {
  const used = new Set<string>()
  for (const edge of edges) used.add(edge.client).add(edge.server)
  return used
}
