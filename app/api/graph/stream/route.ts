import { handle } from '@/lib/http/handle'
import { joinStream } from '@/lib/usecases/live-streams'
import { watchGraph } from '@/lib/usecases/watch-graph'
import { parseGraphView, toGraphQuery } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

const PING_MS = 15_000

export const GET = handle({
  name: 'graph.stream',
  access: 'embed',
  async run({ request, url }) {
    const query = toGraphQuery(parseGraphView(url.searchParams), Date.now())
    const encoder = new TextEncoder()
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        const send = (text: string) => controller.enqueue(encoder.encode(text))
        const stop = watchGraph(query, ({ event, data }) => {
          // A reader that does not keep up is cut off: it comes back and starts from a fresh snapshot.
          if ((controller.desiredSize ?? 0) < -64) return close()
          send(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        })
        const leave = joinStream(() => close())
        const ping = setInterval(() => send(': ping\n\n'), PING_MS)
        const close = () => {
          clearInterval(ping)
          stop()
          leave()
          if (!request.signal.aborted) controller.close()
        }
        request.signal.addEventListener('abort', close, { once: true })
      },
    })
    return new Response(stream, {
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
    })
  },
})
