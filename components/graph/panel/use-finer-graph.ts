'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import type { ServiceGraph } from '@/lib/model/graph'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'
import type { PanelContext } from './panel-context'

const ONLY_SHOWN = { layout: 'graph', selected: '', find: '', panel: '', dock: '', at: '', against: '' } as const

/** The same view drawn finer: what a group or a bundle stands for is looked up in it. */
export function useFinerGraph({ view, graph }: PanelContext, finer: Partial<GraphView>) {
  const params = serializeGraphView({ ...view, ...ONLY_SHOWN, ...finer }).toString()
  return useQuery({
    queryKey: ['finer', params, graph.revision],
    queryFn: () => fetchJson<ServiceGraph>(`/api/graph?${params}`),
    placeholderData: (before, query) => (query?.queryKey[1] === params ? before : undefined),
  })
}
