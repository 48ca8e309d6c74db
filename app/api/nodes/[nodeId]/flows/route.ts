import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadNodeFlows } from '@/lib/usecases/load-kept-flows'
import { windowOf } from '@/lib/view/graph-view'
import { outcomeOf } from '@/lib/view/panel-params'

export const dynamic = 'force-dynamic'

/** Newest kept records of the view's window, of one `outcome` or of all. */
export const GET = handle<{ nodeId: string }>({
  name: 'node.flows',
  access: 'viewer',
  async run({ url, params }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    const outcome = outcomeOf(url.searchParams)
    return json(await loadNodeFlows(idParam(params.nodeId, 'node'), { dataset, window, outcome }))
  },
})
