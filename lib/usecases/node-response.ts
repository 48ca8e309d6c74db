import 'server-only'
import { randomUUID } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import { IncomingMessage, ServerResponse } from 'node:http'
import { processGlobal } from '@/lib/process-global'

/** Names the response to its route. A name that we did not make up is nobody's. */
const HEADER = 'x-postern-response'

const responses = () => processGlobal('node-responses', () => new Map<string, ServerResponse>())

/**
 * From now on, remembers Node's own response of every request to this path: a route that writes to thousands of clients saves
 * most of what web streams cost. Node's channel `http.server.request.start` tells of it before the request is handled. Once per process.
 */
export function rememberResponses(path: string): void {
  processGlobal(`node-responses ${path}`, () => {
    subscribe('http.server.request.start', (message) => {
      if (typeof message !== 'object' || message === null || !('request' in message && 'response' in message)) return
      const { request, response } = message
      if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return
      if (request.url?.split('?', 1)[0] !== path) return
      const name = randomUUID()
      request.headers[HEADER] = name
      responses().set(name, response)
      response.once('close', () => responses().delete(name))
    })
    return true
  })
}

/** Node's response to the request with these headers, where it was remembered; once. */
export function takeResponse(headers: Headers): ServerResponse | undefined {
  const name = headers.get(HEADER) ?? ''
  const response = responses().get(name)
  responses().delete(name)
  return response
}
