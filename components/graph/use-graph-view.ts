'use client'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { type GraphView, parseGraphView, serializeGraphView } from '@/lib/view/graph-view'

/** What changes nothing of what the server answers. */
const ONLY_SHOWN: Partial<GraphView> = {
  layout: 'graph',
  selected: '',
  find: '',
  panel: '',
  dock: '',
  at: '',
  against: '',
}

export interface GraphViewState {
  readonly view: GraphView
  /** What the server is asked with. */
  readonly params: string
  readonly change: (part: Partial<GraphView>) => void
  /** As `change`, for what changes nothing on the server and comes fast, such as frames of a replay: the page is not asked for again. */
  readonly show: (part: Partial<GraphView>) => void
}

/** The view lives in the URL and nowhere else. */
export function useGraphView(): GraphViewState {
  const search = useSearchParams()
  const pathname = usePathname()
  const router = useRouter()
  const view = useMemo(() => parseGraphView(new URLSearchParams(search.toString())), [search])
  const params = useMemo(() => serializeGraphView({ ...view, ...ONLY_SHOWN }).toString(), [view])
  const change = useCallback(
    (part: Partial<GraphView>) => {
      const query = serializeGraphView({ ...view, ...part }).toString()
      router.replace(query ? `${pathname}?${query}` : pathname, { scroll: false })
    },
    [view, router, pathname],
  )
  const show = useCallback(
    (part: Partial<GraphView>) => {
      const query = serializeGraphView({ ...view, ...part }).toString()
      window.history.replaceState(null, '', query ? `${pathname}?${query}` : pathname)
    },
    [view, pathname],
  )
  return { view, params, change, show }
}
