'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { changesById } from '@/lib/graph/compare-graphs'
import { frameAt, frameGraph } from '@/lib/graph/replay-frames'
import type { GraphComparison } from '@/lib/model/comparison'
import type { EdgeChange, ServiceGraph } from '@/lib/model/graph'
import type { Replay } from '@/lib/model/timeline'
import { type GraphView, resolveTime } from '@/lib/view/graph-view'

/** What the page shows instead of the live graph: nothing, one frame of a replay, or two windows as one drawing. */
export type Past =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'replay'
      readonly error: string | undefined
      readonly graph: ServiceGraph | undefined
      readonly replay: Replay | undefined
      readonly frame: number
    }
  | {
      readonly kind: 'compare'
      readonly error: string | undefined
      readonly graph: ServiceGraph | undefined
      readonly comparison: GraphComparison | undefined
      readonly changes: ReadonlyMap<string, EdgeChange> | undefined
    }

/** Fixed windows do not change enough to be asked for again while a person looks at them. */
const FIXED = { staleTime: Number.POSITIVE_INFINITY, placeholderData: keepPreviousData } as const

/** The replay or the comparison that the view asks for; `params` are those that the graph is asked with. */
export function usePast(view: GraphView, params: string): Past {
  const { at, against } = view
  const isReplay = at !== '' && against === ''
  const replay = useQuery({
    queryKey: ['replay', params],
    queryFn: () => fetchJson<Replay>(`/api/replay?${params}`),
    enabled: isReplay,
    ...FIXED,
  })
  const compared = useQuery({
    queryKey: ['compare', params, against],
    queryFn: () => fetchJson<GraphComparison>(`/api/graph/compare?${params}&against=${encodeURIComponent(against)}`),
    enabled: against !== '',
    ...FIXED,
  })
  const frame = replay.data ? frameAt(replay.data.frames, resolveTime(at, Date.now()) ?? 0) : 0
  const drawn = useMemo(() => replay.data && frameGraph(replay.data, frame), [replay.data, frame])
  const changes = useMemo(() => compared.data && changesById(compared.data.differences), [compared.data])
  if (against !== '') {
    const { data, error } = compared
    return { kind: 'compare', comparison: data, graph: data?.graph, changes, error: error?.message }
  }
  if (isReplay) return { kind: 'replay', replay: replay.data, graph: drawn, frame, error: replay.error?.message }
  return { kind: 'none' }
}
