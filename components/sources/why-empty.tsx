'use client'
import { filterWords } from '@/lib/view/filter-words'
import { type GraphView, serializeGraphView, windowOf } from '@/lib/view/graph-view'
import { whyEmpty } from '@/lib/view/why-empty'
import { EmptyCauses } from './empty-causes'
import { useSources } from './use-sources'

interface Props {
  readonly view: GraphView
  /** What of the window the view keeps off the screen; absent = not known, or nothing. */
  readonly hiddenEdges?: number
}

/**
 * Why a page that shows a part of this view is empty: which hop is silent, from the agent to the view, each with its remedy. Nothing
 * where all works and nothing happened. For every page whose table or drawing can be empty.
 */
export function WhyEmpty({ view, hiddenEdges = 0 }: Props) {
  const { report, nowMs, error } = useSources(view)
  const { window } = windowOf(serializeGraphView(view), nowMs)
  const hidden = { edges: hiddenEdges, by: filterWords(view) }
  return <EmptyCauses causes={whyEmpty(report, { ...view, window, nowMs, hidden }, error)} />
}
