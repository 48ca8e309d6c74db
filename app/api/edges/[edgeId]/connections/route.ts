import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import type { ConnectionPage } from '@/lib/model/edge-detail'
import { loadConnections } from '@/lib/usecases/load-connections'
import { windowOf } from '@/lib/view/graph-view'
import { connectionCursorText, doorStateOf, readConnectionCursor } from '@/lib/view/panel-params'

export const dynamic = 'force-dynamic'

/** Judged connections of the view's window, of one `door` or of all; `cursor` is the `next` of the page before. */
export const GET = handle<{ edgeId: string }>({
  name: 'edge.connections',
  access: 'viewer',
  async run({ url, params }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    const given = url.searchParams.get('cursor')
    const cursor = given === null ? undefined : readConnectionCursor(given)
    if (given !== null && !cursor) throw new AppError('bad_request', 'cursor: not what an answer gave as next')
    const state = doorStateOf(url.searchParams)
    const { next, ...page } = await loadConnections(idParam(params.edgeId, 'edge'), { dataset, window, state, cursor })
    return json({ ...page, ...(next && { next: connectionCursorText(next) }) } satisfies ConnectionPage)
  },
})
