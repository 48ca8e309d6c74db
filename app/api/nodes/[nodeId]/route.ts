import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { loadNodeDetail } from '@/lib/usecases/load-node'
import { windowOf } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

export const GET = handle<{ nodeId: string }>({
  name: 'node.detail',
  access: 'viewer',
  async run({ url, params }) {
    const { dataset, window } = windowOf(url.searchParams, Date.now())
    return json(await loadNodeDetail({ dataset, nodeId: idParam(params.nodeId, 'node'), window }))
  },
})
