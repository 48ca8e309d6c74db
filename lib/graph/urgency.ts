import type { GraphEdge } from '@/lib/model/graph'
import type { EdgeState } from '@/lib/model/verdict'

/** How much a state needs a person. */
const URGENCY: Readonly<Record<EdgeState, number>> = {
  denied_by_rule: 6,
  denied_no_rule: 5,
  mixed: 4,
  would_be_denied: 3,
  allowed_no_policy: 2,
  no_verdict: 1,
  allowed_by_policy: 0,
}
const VIOLATION = 9

/** How much an edge needs a person; the order of lists, which must not follow counters that change every second. */
export const urgencyOf = (edge: GraphEdge): number =>
  edge.door?.state === 'violation' ? VIOLATION : URGENCY[edge.state]

/** The state that most needs a person; of none, *no verdict*. */
export const worstState = (states: readonly EdgeState[]): EdgeState =>
  states.reduce<EdgeState | undefined>(
    (worst, state) => (worst === undefined || URGENCY[state] > URGENCY[worst] ? state : worst),
    undefined,
  ) ?? 'no_verdict'
