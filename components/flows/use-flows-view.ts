'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import type { FlowFilter } from '@/lib/model/flow-list'
import { flowParams, parseFlowFilter, putFlowFilter } from '@/lib/view/flow-filter'
import { type GraphView, parseGraphView, serializeGraphView } from '@/lib/view/graph-view'

interface FlowsView {
  /** That of the graph page: switching between the two keeps it. */
  readonly view: GraphView
  readonly filter: FlowFilter
  /** What the server is asked with. */
  readonly params: string
  change(part: Partial<GraphView>): void
  setFilter(part: Partial<FlowFilter>): void
}

/** The view of the flow table: in the URL and nowhere else. */
export function useFlowsView(): FlowsView {
  const search = useSearchParams()
  const pathname = usePathname()
  const view = useMemo(() => parseGraphView(new URLSearchParams(search.toString())), [search])
  const filter = useMemo(() => parseFlowFilter(new URLSearchParams(search.toString())), [search])
  const params = useMemo(() => flowParams(view, filter), [view, filter])
  const write = useCallback(
    (nextView: GraphView, nextFilter: FlowFilter) => {
      const query = putFlowFilter(serializeGraphView(nextView), nextFilter).toString()
      // The page is the same whatever its address asks for: nothing of it waits for the server.
      window.history.replaceState(null, '', query ? `${pathname}?${query}` : pathname)
    },
    [pathname],
  )
  const change = useCallback((part: Partial<GraphView>) => write({ ...view, ...part }, filter), [write, view, filter])
  const setFilter = useCallback(
    (part: Partial<FlowFilter>) => write(view, { ...filter, ...part }),
    [write, view, filter],
  )
  return { view, filter, params, change, setFilter }
}
