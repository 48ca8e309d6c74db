import 'server-only'
import { podPlaceOf } from '@/lib/graph/place'
import { chipText } from '@/lib/model/filter-chip'
import type { GraphQuery, Place } from '@/lib/model/graph'
import { EDGE_STATES } from '@/lib/model/verdict'

/** What one computation answers, for every view of it: the whole graph of a dataset in a window, with the pods of one place or none. */
export interface GraphSource extends Pick<GraphQuery, 'dataset' | 'fromMs' | 'toMs' | 'windowMs'> {
  readonly pods?: Place
}

/** What is to be computed for a query. */
export function sourceOf(query: GraphQuery): GraphSource {
  const { dataset, fromMs, toMs, windowMs } = query
  const pods = podPlaceOf(query)
  return { dataset, fromMs, toMs, windowMs, ...(pods && { pods }) }
}

/** A dataset and a cluster of it that a commit changed; an empty cluster means all of them. */
export interface ChangedScope {
  readonly dataset: string
  readonly cluster: string
}

/** Equal for queries that every graph answers alike, in whatever order, case or repetition their filters are written. */
export function viewKey(query: GraphQuery): string {
  const states = [...new Set(query.states)].sort()
  return JSON.stringify([
    sourceKey(sourceOf(query)),
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
export function sourceKey({ dataset, fromMs, toMs, windowMs, pods }: GraphSource): string {
  const isFixed = fromMs !== undefined && toMs !== undefined
  const place = pods ? [pods.cluster, pods.namespace ?? null, pods.workload ?? null] : null
  return JSON.stringify([dataset, fromMs ?? null, toMs ?? null, isFixed ? 0 : windowMs, place])
}

/**
 * What a change means for a view: `now` where its edges can differ; `later` where it belongs to another cluster, and only the
 * sums and sources around the edges can; `never` in another dataset.
 */
export function concern(query: GraphQuery, scope: ChangedScope): 'now' | 'later' | 'never' {
  if (scope.dataset !== query.dataset) return 'never'
  return !query.cluster || scope.cluster === '' || scope.cluster === query.cluster ? 'now' : 'later'
}
