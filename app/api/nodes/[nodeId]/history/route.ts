import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadNodeHistory } from '@/lib/usecases/load-history'
import { windowOf } from '@/lib/view/graph-view'
import { historySpanOf } from '@/lib/view/panel-params'

export const dynamic = 'force-dynamic'

/** What was seen up to the end of the view's window, over `span`: `24h` or `7d`. */
export const GET = handle<{ nodeId: string }>({
  name: 'node.history',
  access: 'viewer',
  async run({ url, params }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    const span = historySpanOf(url.searchParams)
    return json(await loadNodeHistory(idParam(params.nodeId, 'node'), { dataset, toMs: window.toMs, span }))
  },
})
