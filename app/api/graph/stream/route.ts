import { handle } from '@/lib/http/handle'
import { streamGraph } from '@/lib/usecases/watch-graph'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

/** Windows whose ends were told relative to now are alike for all who come within so long: the finest grain of what is stored. */
const GRAIN_MS = 15_000

export const GET = handle({
  name: 'graph.stream',
  access: 'embed',
  async run({ request, url }) {
    const nowMs = Math.ceil(Date.now() / GRAIN_MS) * GRAIN_MS
    const query = toGraphQuery(parseGraphView(url.searchParams), nowMs)
    return new Response(streamGraph(query, request), {
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
    })
  },
})
