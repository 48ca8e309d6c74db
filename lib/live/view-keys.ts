import 'server-only'
import { chipText } from '@/lib/model/filter-chip'
import type { GraphQuery } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'

/** What one computation answers, for every view of it: the whole graph of a dataset in a window. */
export type GraphSource = Pick<GraphQuery, 'dataset' | 'fromMs' | 'toMs' | 'windowMs'>

/** A dataset and a cluster of it that a commit changed; an empty cluster means all of them. */
export interface ChangedScope {
  readonly dataset: string
  readonly cluster: string
}

/** Equal for queries that every graph answers alike, in whatever order, case or repetition their filters are written. */
export function viewKey(query: GraphQuery): string {
  const states = [...new Set(query.states)].sort()
  return JSON.stringify([
    sourceKey(query),
    query.scope,
    query.cluster ?? '',
    [...new Set(query.namespaces)].sort(),
    // Who asks for all of them filters nothing.
    states.length === EDGE_STATES.length ? [] : states,
    query.level ?? '',
    query.inside ?? null,
    [...(query.expanded ?? [])].sort(),
    query.isOnlyProblems ?? false,
    [...(query.quiet ?? [])].sort(),
    (query.chips ?? []).map(chipText).sort(),
    query.isBothWays ?? false,
    query.hide?.trim() ?? '',
    query.focus?.trim() ?? '',
    query.isUncapped ?? false,
  ])
}

/** Equal for queries that the same graph answers. A window with fixed ends is those ends, whatever its length is said to be. */
export function sourceKey({ dataset, fromMs, toMs, windowMs }: GraphSource): string {
  const isFixed = fromMs !== undefined && toMs !== undefined
  return JSON.stringify([dataset, fromMs ?? null, toMs ?? null, isFixed ? 0 : windowMs])
}

/**
 * What a change means for a view: `now` where its edges can differ; `later` where it belongs to another cluster, and only the
 * sums and sources around the edges can; `never` in another dataset.
 */
export function concern(query: GraphQuery, scope: ChangedScope): 'now' | 'later' | 'never' {
  if (scope.dataset !== query.dataset) return 'never'
  return !query.cluster || scope.cluster === '' || scope.cluster === query.cluster ? 'now' : 'later'
}
