'use client'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useCallback, useEffect, useMemo, useRef } from 'react'
import type { Place } from '@/lib/model/graph'
import { DEFAULT_VIEW, type GraphView, parseGraphView, serializeGraphView } from '@/lib/view/graph-view'

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

export interface GraphViewControl {
  readonly view: GraphView
  /** What the server is asked with. */
  readonly params: string
  /** What is selected by the address, which is ahead of `view` until that is drawn. */
  selectedNow(): string
  /** Writes a part of the view into the URL, in place of what is there. */
  change(part: Partial<GraphView>): void
  /** As `change`, for what changes nothing on the server and comes fast, such as frames of a replay: the page is not asked for again. */
  show(part: Partial<GraphView>): void
  /** The same as a step, which the browser's back button takes back. */
  step(part: Partial<GraphView>): void
  /** Out of the place that the view is in: to the view that the step into it was taken from, else to the place around it. */
  stepOut(): void
}

/** A step into a place: where it led, and the whole view that it was taken from. */
interface Step {
  readonly to: string
  readonly from: string
}

/** The view lives in the URL and nowhere else; only the way in is remembered, for the way out. */
export function useGraphView(): GraphViewControl {
  const search = useSearchParams()
  const pathname = usePathname()
  const router = useRouter()
  const view = useMemo(() => parseGraphView(new URLSearchParams(search.toString())), [search])
  const params = useMemo(() => serializeGraphView({ ...view, ...ONLY_SHOWN }).toString(), [view])
  const steps = useRef<Step[]>([])
  const urlOf = useCallback((query: string) => (query ? `${pathname}?${query}` : pathname), [pathname])
  // Two changes of one click (a field that is left, what was clicked) come before the URL has the first of them.
  const latest = useRef(view)
  useEffect(() => {
    latest.current = view
  }, [view])
  const selectedNow = useCallback(() => latest.current.selected, [])
  const addressWith = useCallback(
    (part: Partial<GraphView>) => {
      latest.current = { ...latest.current, ...part }
      return urlOf(serializeGraphView(latest.current).toString())
    },
    [urlOf],
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
  const step = useCallback(
    (part: Partial<GraphView>) => {
      const next = { ...view, ...part, selected: '' }
      if (next.inside) steps.current.push({ to: placeKey(next.inside), from: serializeGraphView(view).toString() })
      router.push(urlOf(serializeGraphView(next).toString()), { scroll: false })
    },
    [view, router, urlOf],
  )
  const stepOut = useCallback(() => {
    if (!view.inside) return
    const here = placeKey(view.inside)
    // What the back button left is no way in any more.
    while (steps.current.length > 0 && steps.current.at(-1)?.to !== here) steps.current.pop()
    const back = steps.current.pop()?.from
    const around = { ...view, inside: placeAround(view.inside), selected: '' }
    router.push(urlOf(back ?? serializeGraphView(around).toString()), { scroll: false })
  }, [view, router, urlOf])
  return { view, params, selectedNow, change, show, step, stepOut }
}

const placeKey = (inside: Place): string => serializeGraphView({ ...DEFAULT_VIEW, inside }).toString()

function placeAround({ cluster, namespace, workload }: Place): Place | undefined {
  if (workload !== undefined && namespace !== undefined) return { cluster, namespace }
  return namespace === undefined ? undefined : { cluster }
}
