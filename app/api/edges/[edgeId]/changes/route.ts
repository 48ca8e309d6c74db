import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadEdgeChanges } from '@/lib/usecases/load-changes'
import { windowOf } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** The view's window against the one before it and the same time of the day before. */
export const GET = handle<{ edgeId: string }>({
  name: 'edge.changes',
  access: 'viewer',
  async run({ url, params }) {
    return json(await loadEdgeChanges(idParam(params.edgeId, 'edge'), windowOf(url.searchParams, Date.now())))
  },
})
