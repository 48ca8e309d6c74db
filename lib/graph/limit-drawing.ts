import type { GraphEdge } from '@/lib/model/graph'
import type { DrawnEdge } from './group-graph'
import { isNeverHidden } from './needs-person'
import { volumeOf } from './volume'

/** How much a drawing may hold. */
export interface DrawingLimit {
  readonly nodes: number
  readonly edges: number
  /** Nodes that were drawn before, where there was no room for all. */
  readonly before?: ReadonlySet<string> | undefined
}

/** What was drawn before counts as so much busier: what is about as busy does not take turns. */
const DRAWN_BEFORE = 2

/** Something that takes room in a drawing: a line between two nodes, or what happens within a group alone. */
export interface Candidate {
  /** Stable: of equally busy ones the smaller goes first. */
  readonly id: string
  readonly ends: readonly [string, string]
  readonly isLine: boolean
  readonly isNeeded: boolean
  readonly volume: number
}

/**
 * The candidates that there is room for: all needed ones, then the busiest of the others while both nodes and lines are within the limit.
 * Once a node has no room, no further ones come, only lines between those that are drawn: so nodes are left out below one measure of
 * busyness. What is needed is kept beyond the limit, and leaves no room then. Pure, and independent of the order of the candidates.
 */
export function keepWithin<T extends Candidate>(candidates: readonly T[], limit: DrawingLimit): ReadonlySet<T> {
  const kept = new Set<T>()
  const nodes = new Set<string>()
  let lines = 0
  const keep = (candidate: T) => {
    kept.add(candidate)
    for (const end of candidate.ends) nodes.add(end)
    if (candidate.isLine) lines += 1
  }
  const others: { readonly one: T; readonly wasDrawn: boolean; readonly rank: number }[] = []
  for (const one of candidates) {
    if (one.isNeeded) {
      keep(one)
      continue
    }
    const wasDrawn = one.ends.every((end) => limit.before?.has(end) ?? false)
    others.push({ one, wasDrawn, rank: one.volume * (wasDrawn ? DRAWN_BEFORE : 1) })
  }
  others.sort((a, b) => b.rank - a.rank || Number(b.wasDrawn) - Number(a.wasDrawn) || (a.one.id < b.one.id ? -1 : 1))
  let isFull = false
  for (const { one } of others) {
    if (one.isLine && lines >= limit.edges) continue
    const more = new Set(one.ends.filter((end) => !nodes.has(end))).size
    isFull ||= nodes.size + more > limit.nodes
    if (more === 0 || !isFull) keep(one)
  }
  return kept
}

export interface LimitedDrawing {
  readonly drawn: readonly DrawnEdge[]
  readonly inner: readonly GraphEdge[]
  /** Edges of the graph that there is no room for; none that is never hidden. */
  readonly cut: readonly GraphEdge[]
}

/** A drawing within its limit: lines, and the edges within groups, which are drawn with their group or not at all. */
export function limitDrawing(
  drawn: readonly DrawnEdge[],
  inner: readonly GraphEdge[],
  endOf: (nodeId: string) => string,
  limit: DrawingLimit,
): LimitedDrawing {
  const lines = drawn.map((line) => ({
    id: line.edge.id,
    ends: [line.edge.client, line.edge.server] as const,
    isLine: true,
    isNeeded: isNeverHidden(line.edge),
    volume: volumeOf(line.edge),
    line,
  }))
  const within = new Map<string, { isNeeded: boolean; volume: number }>()
  for (const edge of inner) {
    const group = endOf(edge.client)
    const known = within.get(group) ?? { isNeeded: false, volume: 0 }
    known.isNeeded ||= isNeverHidden(edge)
    known.volume += volumeOf(edge)
    within.set(group, known)
  }
  const groups = [...within].map(([group, { isNeeded, volume }]) => ({
    id: group,
    ends: [group, group] as const,
    isLine: false,
    isNeeded,
    volume,
    line: undefined,
  }))
  const kept = keepWithin([...lines, ...groups], limit)
  const nodes = new Set([...kept].flatMap(({ ends }) => ends))
  const isDrawn = (edge: GraphEdge) => nodes.has(endOf(edge.client))
  return {
    drawn: lines.flatMap((candidate) => (kept.has(candidate) ? candidate.line : [])),
    inner: inner.filter(isDrawn),
    cut: [
      ...lines.flatMap((candidate) => (kept.has(candidate) ? [] : candidate.line.members)),
      ...inner.filter((edge) => !isDrawn(edge)),
    ],
  }
}
