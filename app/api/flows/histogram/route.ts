import { handle, json } from '@/lib/http/handle'
import { flowHistogram } from '@/lib/usecases/list-flows'
import { flowRequestOf } from '../flow-request'

export const dynamic = 'force-dynamic'

/** Connections and requests of a view over time, from sums. */
export const GET = handle({
  name: 'flows.histogram',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    return json(await flowHistogram(flowRequestOf(url.searchParams, nowMs), nowMs))
  },
})
