import { handle, json } from '@/lib/http/handle'
import { listPolicies } from '@/lib/usecases/list-policies'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** Every policy that the window's records name, and every one of the inventory. */
export const GET = handle({
  name: 'policies.list',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    return json(await listPolicies(toGraphQuery(parseGraphView(url.searchParams), nowMs), nowMs))
  },
})
