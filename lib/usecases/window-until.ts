import 'server-only'
import type { GraphQuery } from '@/lib/model/graph'
import type { TimeRange } from '@/lib/model/time-range'

/** The fixed window of a query at a moment: of what is still to come nothing is told, but a second is always left. */
export function windowUntil(query: Pick<GraphQuery, 'fromMs' | 'toMs' | 'windowMs'>, nowMs: number): TimeRange {
  const endMs = query.toMs ?? nowMs
  const fromMs = query.fromMs ?? endMs - query.windowMs
  return { fromMs, toMs: Math.max(fromMs + 1000, Math.min(endMs, nowMs)) }
}
