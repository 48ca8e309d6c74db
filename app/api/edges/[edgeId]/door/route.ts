import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadDoor } from '@/lib/usecases/load-door'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

export const GET = handle<{ edgeId: string }>({
  name: 'edge.door',
  access: 'viewer',
  async run({ url, params }) {
    const nowMs = Date.now()
    return json(
      await loadDoor(idParam(params.edgeId, 'edge'), toGraphQuery(parseGraphView(url.searchParams), nowMs), nowMs),
    )
  },
})
