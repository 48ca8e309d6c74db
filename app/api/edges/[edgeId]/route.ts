import { baseUrlOf } from '@/lib/http/base-url'
import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadEdgeDetail } from '@/lib/usecases/load-edge'
import { windowOf } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

export const GET = handle<{ edgeId: string }>({
  name: 'edge.detail',
  access: 'viewer',
  async run({ request, url, params }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    return json(await loadEdgeDetail({ dataset, edgeId: idParam(params.edgeId, 'edge'), window }, baseUrlOf(request)))
  },
})
