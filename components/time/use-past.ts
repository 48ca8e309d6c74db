'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { changesById } from '@/lib/graph/compare-graphs'
import { frameAt, frameGraph } from '@/lib/graph/replay-frames'
import type { GraphComparison } from '@/lib/model/comparison'
import type { EdgeChange, ServiceGraph } from '@/lib/model/graph'
import type { FrameGrid, Replay } from '@/lib/model/timeline'
import type { GraphView } from '@/lib/view/graph-view'
import { resolveTime } from '@/lib/view/times'

/** What the page shows instead of the live graph: nothing, one frame of a replay, or two windows as one drawing. */
export type Past =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'replay'
      readonly error: string | undefined
      readonly graph: ServiceGraph | undefined
      readonly replay: Replay | undefined
      readonly frame: number
      onFrame(frame: number): void
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

/**
 * The replay or the comparison that the view asks for; `params` are those that the graph is asked with. `show` writes a frame into the
 * address.
 */
export function usePast(view: GraphView, params: string, show: (part: Partial<GraphView>) => void): Past {
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
  const { frame, onFrame } = useFrame(at, params, replay.data?.frames, show)
  const drawn = useMemo(() => replay.data && frameGraph(replay.data, frame), [replay.data, frame])
  const changes = useMemo(() => compared.data && changesById(compared.data.differences), [compared.data])
  if (against !== '') {
    const { data, error } = compared
    return { kind: 'compare', comparison: data, graph: data?.graph, changes, error: error?.message }
  }
  if (isReplay)
    return { kind: 'replay', replay: replay.data, graph: drawn, frame, onFrame, error: replay.error?.message }
  return { kind: 'none' }
}

/** Addresses come later than keys are pressed: what a person chose counts until the replay is another. */
function useFrame(at: string, params: string, frames: FrameGrid | undefined, show: (part: Partial<GraphView>) => void) {
  const [chosen, setChosen] = useState<{ params: string; frame: number }>()
  useEffect(() => {
    if (at === '') setChosen(undefined)
  }, [at])
  const onFrame = useCallback(
    (frame: number) => {
      if (!frames) return
      setChosen({ params, frame })
      show({ at: String(frames.fromMs + frame * frames.stepMs) })
    },
    [frames, params, show],
  )
  if (!frames) return { frame: 0, onFrame }
  return {
    frame: chosen?.params === params ? chosen.frame : frameAt(frames, resolveTime(at, Date.now()) ?? 0),
    onFrame,
  }
}
