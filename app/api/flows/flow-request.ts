import 'server-only'
import type { FlowRequest } from '@/lib/usecases/select-flows'
import { parseFlowFilter } from '@/lib/view/flow-filter'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

/** Which records an address means at a moment: the view of the graph page, what is selected in it, and the filter of records. */
export function flowRequestOf(params: URLSearchParams, nowMs: number): FlowRequest {
  const view = parseGraphView(params)
  return { query: toGraphQuery(view, nowMs), selected: view.selected, filter: parseFlowFilter(params) }
}
