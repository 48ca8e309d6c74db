'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { type GraphView, parseGraphView, serializeGraphView, windowOnly } from '@/lib/view/graph-view'
import { addPoliciesView, DEFAULT_POLICIES_VIEW, type PoliciesView, parsePoliciesView } from '@/lib/view/policies-view'

/** Window, dataset, cluster and namespace are those of every page; the rest is the page's own. */
type WindowPart = Pick<GraphView, 'from' | 'to' | 'zone' | 'dataset' | 'cluster' | 'namespaces'>

export interface PoliciesState {
  readonly view: GraphView
  readonly policies: PoliciesView
  /** What the server is asked with. */
  readonly params: string
  /** What a link to the graph of the same window begins with. */
  readonly windowView: GraphView
  change(part: Partial<WindowPart & PoliciesView>): void
}

/** The view of the policies page lives in the URL and nowhere else. */
export function usePoliciesView(): PoliciesState {
  const search = useSearchParams()
  const pathname = usePathname()
  const query = search.toString()
  const view = useMemo(() => parseGraphView(new URLSearchParams(query)), [query])
  const policies = useMemo(() => parsePoliciesView(new URLSearchParams(query)), [query])
  const windowView = useMemo(() => windowOnly(view), [view])
  const change = useCallback(
    (part: Partial<WindowPart & PoliciesView>) => {
      const next = { ...view, ...policies, ...part }
      const kept = serializeGraphView({ ...windowOnly(next), namespaces: next.namespaces })
      const { only, kind, text, sort, isDescending, open } = { ...DEFAULT_POLICIES_VIEW, ...next }
      const written = addPoliciesView(kept, { only, kind, text, sort, isDescending, open }).toString()
      // The page is the same whatever its address asks for: nothing of it waits for the server.
      window.history.replaceState(null, '', written ? `${pathname}?${written}` : pathname)
    },
    [view, policies, pathname],
  )
  return { view, policies, params: serializeGraphView(windowView).toString(), windowView, change }
}
