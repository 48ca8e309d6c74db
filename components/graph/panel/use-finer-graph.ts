'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import type { ServiceGraph } from '@/lib/model/graph'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'
import type { PanelContext } from './panel-context'
import { type Answer, settledAnswer } from './settled-answer'

const ONLY_SHOWN = { layout: 'graph', selected: '', find: '', panel: '', dock: '', at: '', against: '' } as const

interface FinerGraph extends Answer<ServiceGraph> {
  refetch(): void
}

/**
 * The same view drawn finer: what a group or a bundle stands for is looked up in it, again with each revision of the drawing. What was there
 * stays until the new answer is, also an error.
 */
export function useFinerGraph({ view, graph }: PanelContext, finer: Partial<GraphView>): FinerGraph {
  const params = serializeGraphView({ ...view, ...ONLY_SHOWN, ...finer }).toString()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['finer', params],
    queryFn: () => fetchJson<ServiceGraph>(`/api/graph?${params}`),
    staleTime: 0,
  })
  const [settled, setSettled] = useState<Answer<ServiceGraph>>()
  const answer = settledAnswer(settled, { of: params, data, error, isPending })
  if (answer !== settled) setSettled(answer)
  const { revision } = graph
  const loadedFor = useRef(revision)
  useEffect(() => {
    if (loadedFor.current === revision) return
    loadedFor.current = revision
    void refetch()
  }, [revision, refetch])
  return { ...answer, refetch: () => void refetch() }
}
