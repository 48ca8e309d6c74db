'use client'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useCallback, useEffect, useMemo, useRef } from 'react'
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
  // A change may come before the address shows the one before.
  const latest = useRef(view)
  useEffect(() => {
    latest.current = view
  }, [view])
  const addressWith = useCallback(
    (part: Partial<GraphView>) => {
      latest.current = { ...latest.current, ...part }
      const query = serializeGraphView(latest.current).toString()
      return query ? `${pathname}?${query}` : pathname
    },
    [pathname],
  )
  const show = useCallback(
    (part: Partial<GraphView>) => window.history.replaceState(null, '', addressWith(part)),
    [addressWith],
  )
  const change = useCallback(
    (part: Partial<GraphView>) => {
      if (Object.keys(part).every((key) => Object.hasOwn(ONLY_SHOWN, key))) show(part)
      else router.replace(addressWith(part), { scroll: false })
    },
    [addressWith, show, router],
  )
  return { view, params, change, show }
}
