import { handle, json } from '@/lib/http/handle'
import { countOfFlows } from '@/lib/usecases/list-flows'
import { flowRequestOf } from '../flow-request'

export const dynamic = 'force-dynamic'

/** How many kept flow records a view means. */
export const GET = handle({
  name: 'flows.count',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    return json(await countOfFlows(flowRequestOf(url.searchParams, nowMs), nowMs))
  },
})
