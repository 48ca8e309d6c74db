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

/** The view lives in the URL and nowhere else. `change` writes it there; `params` is what the server is asked with. */
export function useGraphView(): { view: GraphView; params: string; change: (part: Partial<GraphView>) => void } {
  const search = useSearchParams()
  const pathname = usePathname()
  const router = useRouter()
  const view = useMemo(() => parseGraphView(new URLSearchParams(search.toString())), [search])
  const params = useMemo(() => serializeGraphView({ ...view, ...ONLY_SHOWN }).toString(), [view])
  // Two changes of one click (a field that is left, what was clicked) come before the URL has the first of them.
  const latest = useRef(view)
  useEffect(() => {
    latest.current = view
  }, [view])
  const change = useCallback(
    (part: Partial<GraphView>) => {
      latest.current = { ...latest.current, ...part }
      const query = serializeGraphView(latest.current).toString()
      router.replace(query ? `${pathname}?${query}` : pathname, { scroll: false })
    },
    [router, pathname],
  )
  return { view, params, change }
}
