import { createServer, type ServerResponse } from 'node:http'
import { BARE_PLAY } from './bench-sse-messages'
import './report-usage.mjs'

/**
 * A child process: the least that server-sent events can cost in Node. `node:http`, one `write` per event and client, of bytes that
 * are ready, at the moments told. Clients ask for `/NUMBER`, the number of their view.
 */
const clients: ServerResponse[][] = []
let first: Buffer[] = []

const server = createServer((request, response) => {
  const view = Number(request.url?.slice(1))
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  response.write(first[view] ?? Buffer.alloc(0))
  clients[view] ??= []
  clients[view]?.push(response)
})

let events: { view: number; atMs: number; bytes: Buffer }[] = []

process.on('message', (message) => {
  const parsed = BARE_PLAY.safeParse(message)
  if (parsed.success) {
    first = parsed.data.play.first.map((text) => Buffer.from(text, 'base64'))
    events = parsed.data.play.events.map((event) => ({ ...event, bytes: Buffer.from(event.bytes, 'base64') }))
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      process.send?.({ port: typeof address === 'object' && address ? address.port : 0 })
    })
  }
  if (message === 'begin')
    for (const { view, atMs, bytes } of events)
      setTimeout(() => {
        for (const response of clients[view] ?? []) response.write(bytes)
      }, atMs)
})
process.once('disconnect', () => process.exit(0))
