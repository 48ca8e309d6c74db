import { handle, json } from '@/lib/http/handle'
import { queryGraph } from '@/lib/usecases/query-graph'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'graph.query',
  access: 'embed',
  async run({ url }) {
    const nowMs = Date.now()
    return json(await queryGraph(toGraphQuery(parseGraphView(url.searchParams), nowMs), nowMs))
  },
})
