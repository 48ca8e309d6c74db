import type { GraphEdge } from '@/lib/model/graph'

const URGENCY = {
  denied_by_rule: 4,
  denied_no_rule: 4,
  mixed: 3,
  would_be_denied: 2,
  no_verdict: 0,
  allowed_no_policy: 1,
  allowed_by_policy: 0,
} as const

/** How much an edge needs a person; the order of lists, which must not follow counters that change every second. */
export const urgencyOf = (edge: GraphEdge): number => (edge.door?.state === 'violation' ? 9 : URGENCY[edge.state])
