import { handle, json } from '@/lib/http/handle'
import { loadPolicyDetail } from '@/lib/usecases/load-policy-detail'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** One policy in a window: `policy` is the id of a line of `GET /api/policies`. */
export const GET = handle({
  name: 'policies.detail',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    const query = toGraphQuery(parseGraphView(url.searchParams), nowMs)
    return json(await loadPolicyDetail(query, url.searchParams.get('policy') ?? '', nowMs))
  },
})
