import { handle, json } from '@/lib/http/handle'
import { loadTimeline } from '@/lib/usecases/load-timeline'
import { windowUntil } from '@/lib/usecases/window-until'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** Of a view's dataset, cluster and window: counts per frame, what happened, what nobody saw. */
export const GET = handle({
  name: 'graph.timeline',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    const query = toGraphQuery(parseGraphView(url.searchParams), nowMs)
    const { dataset, cluster = '' } = query
    return json(await loadTimeline({ dataset, cluster, window: windowUntil(query, nowMs) }))
  },
})
