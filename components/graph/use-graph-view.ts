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

/** The view lives in the URL and nowhere else. `change` writes it there; `params` is what the server is asked with. */
export function useGraphView(): { view: GraphView; params: string; change: (part: Partial<GraphView>) => void } {
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
  return { view, params, change }
}
