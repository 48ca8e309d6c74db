import { handle, json } from '@/lib/http/handle'
import { loadReplay } from '@/lib/usecases/load-replay'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** A view's window frame by frame, in one answer. */
export const GET = handle({
  name: 'graph.replay',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    return json(await loadReplay(toGraphQuery(parseGraphView(url.searchParams), nowMs), nowMs))
  },
})
