import 'server-only'
import { randomUUID } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '@/lib/egress/forwarded-address'
import { processGlobal } from '@/lib/process-global'

/** Names the caller to the route. A name that we did not make up is nobody's. */
const HEADER = 'x-postern-caller'

const callers = () => processGlobal('callers', () => new Map<string, Caller>())

/**
 * From now on, remembers for every request below this path by which connection it came, and what proxies wrote: Next hands
 * neither to a route (it writes the one into the other). Node's channel `http.server.request.start` tells of it before the
 * request is handled. Once per process.
 */
export function rememberCallers(path: string): void {
  processGlobal(`callers ${path}`, () => {
    subscribe('http.server.request.start', (message) => {
      if (typeof message !== 'object' || message === null || !('request' in message && 'response' in message)) return
      const { request, response } = message
      if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return
      if (!request.url?.startsWith(path)) return
      const name = randomUUID()
      const forwarded = request.headers['x-forwarded-for']
      const forwardedFor = Array.isArray(forwarded) ? forwarded.join(',') : forwarded
      callers().set(name, {
        ...(request.socket.remoteAddress && { peer: request.socket.remoteAddress }),
        ...(forwardedFor !== undefined && { forwardedFor }),
      })
      request.headers[HEADER] = name
      response.once('close', () => callers().delete(name))
    })
    return true
  })
}

/** Where the request with these headers came from; nothing of it where it was not remembered. */
export const callerOf = (headers: Headers): Caller => callers().get(headers.get(HEADER) ?? '') ?? {}
