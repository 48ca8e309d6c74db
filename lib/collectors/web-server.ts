import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LIMITS } from '@/lib/model/limits'
import { SECOND_MS } from '@/lib/model/units'
import { logger } from '@/lib/observability/logger'

export type WebHandler = (request: Request) => Promise<Response>

export interface WebServer {
  readonly port: number
  /** Rejects where the server itself fails. */
  readonly failed: Promise<never>
  /** Takes no more connections, lets what is under way end for at most five seconds, and cuts the rest. */
  stop(): Promise<void>
}

/** Longer than the minute for which proxies usually keep a connection, so that it is theirs to close first. */
const KEEP_ALIVE_MS = 65 * SECOND_MS
const HEADERS_MS = 15 * SECOND_MS
/** A body of 64 MiB at 1 MiB a second. */
const REQUEST_MS = 75 * SECOND_MS
const STOP_MS = 5 * SECOND_MS
/** What a sender still writes while it is refused is read for so long, so that it gets to read the answer. */
const DRAIN_MS = 5 * SECOND_MS

/**
 * A plain HTTP/1.1 server before handlers that speak `Request` and `Response`, as the routes of the main port do. Rejects where it
 * cannot listen. A client that goes away is no error.
 */
export async function serveWeb(host: string, port: number, handler: WebHandler): Promise<WebServer> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
  })
  server.maxConnections = LIMITS.otlpConnections
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answer(server, incoming, outgoing, handler).catch((error: unknown) => {
      if (!incoming.destroyed && !outgoing.destroyed) logger().warn({ task: 'web-server', error }, 'an answer failed')
      outgoing.destroy()
    })
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroy()
  })
  await listen(server, host, port)
  const failed = new Promise<never>((_, reject) => server.on('error', reject))
  // Whoever only stops the server does not look at it.
  failed.catch(() => undefined)
  return { port: portOf(server), failed, stop: () => stop(server) }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

const isAddress = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === 'object' && address !== null

function portOf(server: Server): number {
  const address = server.address()
  return isAddress(address) ? address.port : 0
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), STOP_MS)
  await closed
  clearTimeout(timer)
}

async function answer(
  server: Server,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: WebHandler,
): Promise<void> {
  const chunks = incoming.iterator({ destroyOnReturn: false })
  const response = await handler(requestOf(incoming, chunks))
  const body = Buffer.from(await response.arrayBuffer())
  if (outgoing.destroyed) return
  response.headers.forEach((value, name) => {
    outgoing.setHeader(name, value)
  })
  outgoing.setHeader('content-length', body.byteLength)
  const isWhole = incoming.complete
  // A body that nobody wanted may be long: its connection is of no further use.
  if (!isWhole || !server.listening) outgoing.setHeader('connection', 'close')
  outgoing.writeHead(response.status)
  outgoing.write(body)
  // Node cuts the connection when such an answer ends; a sender that still writes would lose the answer with it.
  if (!isWhole) await drain(incoming, chunks)
  outgoing.end()
}

/** Reads on until the body ends, the client is gone, or time is up. */
async function drain(incoming: IncomingMessage, chunks: AsyncIterator<unknown>): Promise<void> {
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DRAIN_MS)
    incoming.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    incoming.once('end', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  // An iterator that still waits for a chunk ends after it.
  void chunks.return?.()?.then(
    () => incoming.resume(),
    () => undefined,
  )
  await over
}

/** The path is put behind a host of ours as it stands: `//v1/traces` must not become a host. */
function requestOf(incoming: IncomingMessage, chunks: AsyncIterator<unknown>): Request {
  const target = incoming.url ?? '/'
  const path = target.startsWith('/') ? target : URL.canParse(target) ? new URL(target).pathname : '/'
  const method = incoming.method ?? 'GET'
  const headers = new Headers()
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(`http://${hostOf(incoming)}${path}`, {
    method: METHODS.has(method) ? method : 'OPTIONS',
    headers,
    ...(hasBody && { body: bodyOf(chunks), duplex: 'half' }),
  })
}

/** Methods that a `Request` may have; what it may not (TRACE, CONNECT) is refused as any other. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The host as asked for, where it is one that a URL may have. */
function hostOf(incoming: IncomingMessage): string {
  const host = incoming.headers.host ?? ''
  return /^[\w.-]{1,253}(?::\d{1,5})?$|^\[[\da-f:.]{2,45}\](?::\d{1,5})?$/i.test(host) && URL.canParse(`http://${host}`)
    ? host
    : 'localhost'
}

/** Read as it is asked for, so that a body that nobody reads is not held. */
function bodyOf(chunks: AsyncIterator<unknown>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else if (value instanceof Uint8Array) controller.enqueue(value)
      },
    },
    { highWaterMark: 0 },
  )
}
