import { handle, json } from '@/lib/http/handle'
import { listMismatches } from '@/lib/usecases/list-mismatches'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** Calls without a span, and spans without a flow, in the window of a view. */
export const GET = handle({
  name: 'graph.mismatches',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    return json(await listMismatches(toGraphQuery(parseGraphView(url.searchParams), nowMs), nowMs))
  },
})
