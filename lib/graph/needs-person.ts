import type { GraphEdge } from '@/lib/model/graph'
import type { EdgeState } from '@/lib/model/verdict'

/** Why an edge needs a person, the gravest first: the order of the problem list. */
const PROBLEM_KINDS = ['violation', 'denied', 'mixed', 'would_be_denied', 'finding', 'dropped'] as const
export type ProblemKind = (typeof PROBLEM_KINDS)[number]

const DENIED: ReadonlySet<EdgeState> = new Set(['denied_by_rule', 'denied_no_rule'])

/** Why an edge needs a person; empty where it does not. */
export function problemsOf(edge: GraphEdge): ProblemKind[] {
  const is: Readonly<Record<ProblemKind, boolean>> = {
    violation: edge.door !== undefined && (edge.door.state === 'violation' || edge.door.counts.violation > 0),
    finding: edge.openFindings > 0,
    denied: DENIED.has(edge.state) || (edge.denied > 0 && edge.state !== 'mixed'),
    mixed: edge.state === 'mixed',
    would_be_denied: edge.state === 'would_be_denied' || edge.wouldBeDenied > 0,
    dropped: edge.dropped > 0,
  }
  return PROBLEM_KINDS.filter((kind) => is[kind])
}

/** Denied, would be denied, dropped, a violation at the door, or an open finding. */
export const needsPerson = (edge: GraphEdge): boolean => problemsOf(edge).length > 0

/** True of edges with denied traffic. */
export const isDenied = (edge: GraphEdge): boolean =>
  edge.denied > 0 || DENIED.has(edge.state) || edge.state === 'mixed'

/** Neither the limit nor a noise toggle may take these off the screen. */
export const isNeverHidden = (edge: GraphEdge): boolean => edge.isAi || needsPerson(edge)

export interface Problem {
  readonly edge: GraphEdge
  /** The gravest first; at least one. */
  readonly kinds: readonly ProblemKind[]
}

/**
 * What of a drawn graph needs a person, the gravest first, then by names: exactly the edges that the view with only problems
 * draws. Not by counters, which change every second.
 */
export function rankProblems(graph: {
  readonly nodes: readonly { readonly id: string; readonly label: string }[]
  readonly edges: readonly GraphEdge[]
}): Problem[] {
  const labels = new Map(graph.nodes.map((node) => [node.id, node.label]))
  const nameOf = (edge: GraphEdge) => `${labels.get(edge.client)}\0${labels.get(edge.server)}\0${edge.id}`
  const rankOf = ({ kinds }: Problem) => kinds.map((kind) => PROBLEM_KINDS.indexOf(kind))
  return graph.edges
    .map((edge) => ({ edge, kinds: problemsOf(edge), name: nameOf(edge) }))
    .filter(({ kinds }) => kinds.length > 0)
    .sort((a, b) => compareRanks(rankOf(a), rankOf(b)) || (a.name < b.name ? -1 : 1))
    .map(({ edge, kinds }) => ({ edge, kinds }))
}

/** The graver first problem; of equal ones, the edge with more to say after it. */
function compareRanks(a: readonly number[], b: readonly number[]): number {
  const least = PROBLEM_KINDS.length
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? least) - (b[at] ?? least)
    if (difference !== 0) return difference
  }
  return 0
}
