import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import { loadDoor } from '@/lib/usecases/load-door'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

export const GET = handle<{ edgeId: string }>({
  name: 'edge.door',
  access: 'viewer',
  async run({ url, params }) {
    if (!/^-?\d{1,19}$/.test(params.edgeId)) throw new AppError('not_found', 'no such edge')
    const nowMs = Date.now()
    return json(await loadDoor(params.edgeId, toGraphQuery(parseGraphView(url.searchParams), nowMs), nowMs))
  },
})
