import { handle, json } from '@/lib/http/handle'
import { listViewSpans } from '@/lib/usecases/list-flows'
import { flowRequestOf } from '../flow-request'

export const dynamic = 'force-dynamic'

/** The newest spans of the edges of a view; with `failed=1` those of failed calls. */
export const GET = handle({
  name: 'flows.spans',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    const isOnlyFailed = url.searchParams.get('failed') === '1'
    return json(await listViewSpans(flowRequestOf(url.searchParams, nowMs), nowMs, isOnlyFailed))
  },
})
