import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import { compareWindows } from '@/lib/usecases/compare-windows'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'
import { resolveTime } from '@/lib/view/times'

export const dynamic = 'force-dynamic'

/** A view's window beside the one of the same length that begins at `against`. */
export const GET = handle({
  name: 'graph.compare',
  access: 'viewer',
  async run({ url }) {
    const nowMs = Date.now()
    const view = parseGraphView(url.searchParams)
    const againstMs = resolveTime(view.against, nowMs, { zone: view.zone })
    if (againstMs === undefined)
      throw new AppError('bad_request', 'against: the start of the window to compare with is missing', {
        hint: 'Write it as from and to are written: epoch milliseconds, ISO 8601, or now-1d.',
      })
    return json(await compareWindows(toGraphQuery(view, nowMs), againstMs, nowMs))
  },
})
