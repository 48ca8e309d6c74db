import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import type { FlowPage } from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import { listFlows } from '@/lib/usecases/list-flows'
import { flowCursorText, readFlowCursor } from '@/lib/view/flow-filter'
import { flowRequestOf } from './flow-request'

export const dynamic = 'force-dynamic'

const USUAL_ROWS = 200

/** A page of the kept flow records of a view, newest first; `cursor` is the `next` of the page before. */
export const GET = handle({
  name: 'flows.list',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    const request = flowRequestOf(url.searchParams, nowMs)
    const given = url.searchParams.get('cursor')
    const cursor = given === null ? undefined : readFlowCursor(given)
    if (given !== null && !cursor) throw new AppError('bad_request', 'cursor: not what an answer gave as next')
    const limit = url.searchParams.get('limit') ?? String(USUAL_ROWS)
    if (!/^\d{1,6}$/.test(limit) || Number(limit) < 1) throw new AppError('bad_request', 'limit: not a number of rows')
    const { next, ...page } = await listFlows(request, nowMs, Math.min(Number(limit), LIMITS.flowPageRows), cursor)
    return json({
      ...page,
      dataset: request.query.dataset,
      ...(next && { next: flowCursorText(next) }),
    } satisfies FlowPage)
  },
})
