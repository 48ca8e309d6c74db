import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadEdgeFlows } from '@/lib/usecases/load-kept-flows'
import { windowOf } from '@/lib/view/graph-view'
import { outcomeOf } from '@/lib/view/panel-params'

export const dynamic = 'force-dynamic'

/** Newest kept records of the view's window, of one `outcome` or of all. */
export const GET = handle<{ edgeId: string }>({
  name: 'edge.flows',
  access: 'viewer',
  async run({ url, params }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    const outcome = outcomeOf(url.searchParams)
    return json(await loadEdgeFlows(idParam(params.edgeId, 'edge'), { dataset, window, outcome }))
  },
})
