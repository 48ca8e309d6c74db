import type { GraphEdge, GraphLevel, GraphNode, GraphQuery } from '@/lib/model/graph'
import { type GroupRule, sizeAt } from './group-graph'
import { isNeverHidden } from './needs-person'
import { isOutside, levelInside, levelOfPlace } from './place'

/** What a person can read, and a browser draw at a good rate (measured: docs/scope.md). */
export const READABLE = { nodes: 300, edges: 800 } as const
/** More peers outside than this are one group where workloads are drawn one by one. */
const OUTSIDE_ONE_BY_ONE = 20

/** How a view was drawn last: what is kept while it stays within the band. */
export interface DrawnAs {
  readonly level: GraphLevel
  readonly isOutsideGrouped: boolean
  /** The nodes that there was room for, where there was not for all. */
  readonly limitedTo?: ReadonlySet<string>
}

/**
 * The band around a limit. A view that was drawn before goes to something finer only where that is well within the limit, and leaves
 * what it has only where that is well beyond it: traffic that comes and goes around a limit does not flip it.
 */
const BAND = { finer: 0.75, same: 1.25, fresh: 1 } as const

/**
 * Fewer groups than this say nothing: then the next finer level is drawn as far as there is room, if there is room for all that must
 * never be left out.
 */
export const TELLING_GROUPS = 4

const AUTO: readonly GroupRule['level'][] = ['workload', 'namespace', 'cluster']

export interface ChosenRule {
  readonly rule: GroupRule
  readonly level: GraphLevel
  /** All of it is readable, within the band; else it is to be drawn within `READABLE`. */
  readonly isWhole: boolean
}

/**
 * How a view is grouped: as it asks, in a place one level finer than the place, else the finest level that is readable as a whole and
 * has groups enough to say something. The last resort is the cluster, however much that is. Pure; costs a few looks at every edge.
 */
export function chooseRule(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  query: Pick<GraphQuery, 'level' | 'inside' | 'expanded' | 'isUncapped'>,
  context: { readonly hasPods: boolean; readonly previous?: DrawnAs },
): ChosenRule {
  const expanded = new Set(query.expanded)
  const used = usedBy(edges)
  const outside = nodes.filter((node) => isOutside(node) && used.has(node.id)).length
  const { previous } = context
  const ruleAt = (level: GroupRule['level'], inside?: GroupRule['inside']): GroupRule => ({
    level,
    expanded,
    isOutsideGrouped:
      (inside?.level ?? level) === 'cluster' ||
      (inside?.level ?? level) === 'namespace' ||
      (!query.isUncapped && outside > OUTSIDE_ONE_BY_ONE * bandOf(previous?.isOutsideGrouped)),
    ...(inside && { inside }),
  })
  const asAsked = (rule: GroupRule, level: GraphLevel): ChosenRule => {
    const band = previous?.level === level ? bandOfSame(previous) : BAND.fresh
    return { rule, level, isWhole: isWithin(sizeAt(nodes, edges, rule), band) }
  }
  if (query.inside) {
    const wanted = levelInside(query.inside, query.level)
    const level = wanted === 'pod' && !context.hasPods ? 'workload' : wanted
    return asAsked(ruleAt(levelOfPlace(query.inside), { place: query.inside, level }), level)
  }
  const asked = query.level === 'pod' ? 'workload' : query.level
  return asked ? asAsked(ruleAt(asked), asked) : readableRule(nodes, edges, ruleAt, previous)
}

const bandOf = (wasGrouped: boolean | undefined): number =>
  wasGrouped === undefined ? BAND.fresh : wasGrouped ? BAND.finer : BAND.same

/** What was drawn as a whole stays so for a while; what was not is whole again where it would be at first. */
const bandOfSame = ({ limitedTo }: DrawnAs): number => (limitedTo ? BAND.fresh : BAND.same)

const isWithin = (size: { readonly nodes: number; readonly edges: number }, band: number): boolean =>
  size.nodes <= READABLE.nodes * band && size.edges <= READABLE.edges * band

function readableRule(
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  ruleAt: (level: GroupRule['level']) => GroupRule,
  previous: DrawnAs | undefined,
): ChosenRule {
  const before = previous === undefined || previous.level === 'pod' ? -1 : AUTO.indexOf(previous.level)
  const bandAt = (at: number): number => {
    if (previous === undefined || before < 0 || at > before) return BAND.fresh
    return at === before ? bandOfSame(previous) : BAND.finer
  }
  const sizes = AUTO.map((level) => sizeAt(nodes, edges, ruleAt(level)))
  const fits = sizes.findIndex((size, at) => isWithin(size, bandAt(at)))
  let chosen = fits < 0 ? AUTO.length - 1 : fits
  const never = edges.filter(isNeverHidden)
  while (chosen > 0) {
    const band = before < 0 ? BAND.fresh : before >= chosen ? BAND.finer : BAND.same
    if ((sizes[chosen]?.groups ?? 0) >= TELLING_GROUPS * band) break
    const isKept = previous?.limitedTo !== undefined && before === chosen - 1
    if (!isWithin(sizeAt(nodes, never, ruleAt(levelAt(chosen - 1))), isKept ? BAND.same : BAND.fresh)) break
    chosen -= 1
  }
  const level = levelAt(chosen)
  return { rule: ruleAt(level), level, isWhole: chosen === fits }
}

const levelAt = (at: number): GroupRule['level'] => AUTO[at] ?? 'cluster'

function usedBy(edges: readonly GraphEdge[]): ReadonlySet<string> {
  const used = new Set<string>()
  for (const edge of edges) used.add(edge.client).add(edge.server)
  return used
}
