import { handle, json } from '@/lib/http/handle'
import { queryGraph } from '@/lib/usecases/query-graph'
import { watchedAs } from '@/lib/usecases/watch-graph'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'graph.query',
  access: 'embed',
  async run({ url }) {
    const nowMs = Date.now()
    const query = toGraphQuery(parseGraphView(url.searchParams), nowMs)
    // What fills a page before its stream speaks is drawn as the stream will.
    return json(await queryGraph(query, nowMs, watchedAs(query)))
  },
})
