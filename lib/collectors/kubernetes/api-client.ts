import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { LIMITS } from '@/lib/model/limits'
import { isCollectorFailure } from '../collector'
import { ApiError } from './api-error'
import type { ClusterAccess } from './cluster-access'

/** A Status with its message; what lies beyond it is not read. */
const ERROR_BODY_BYTES = 64 * 1024
/** A server that answers nothing for so long is away. */
const SILENT_MS = 60_000
const KEEP_ALIVE_MS = 30_000
const LONGEST_RETRY_AFTER_MS = 60_000

export interface ListPage {
  readonly items: readonly unknown[]
  readonly resourceVersion: string
  /** Token of the next page; '' on the last one. */
  readonly next: string
}

/**
 * GET requests to one API server. Sizes are bounded while bytes arrive. Errors: `ApiError`; `CollectorFailure` where the
 * credentials cannot be read.
 */
export class ApiClient {
  constructor(
    private readonly access: Pick<ClusterAccess, 'open' | 'forget'>,
    private readonly limits: Readonly<Record<'inventoryPageBytes' | 'inventoryEventBytes', number>> = LIMITS,
  ) {}

  /** One page of a list. A page beyond LIMITS.inventoryPageBytes is an `ApiError` of status 413: ask for fewer. */
  async list(
    path: string,
    query: Readonly<Record<string, string>>,
    accept: string,
    signal: AbortSignal,
  ): Promise<ListPage> {
    const response = await this.get(path, query, accept, signal, SILENT_MS)
    const text = await readText(response, this.limits.inventoryPageBytes)
    if (text === undefined) throw new ApiError(413, 'a page of the list is larger than inventoryPageBytes')
    return pageOf(text)
  }

  /**
   * Lines of a watch until the server ends it; undefined stands for a line beyond LIMITS.inventoryEventBytes. `silentMs`
   * bounds how long no byte may come.
   */
  async *watch(
    path: string,
    query: Readonly<Record<string, string>>,
    accept: string,
    signal: AbortSignal,
    silentMs: number,
  ): AsyncGenerator<string | undefined> {
    const response = await this.get(path, query, accept, signal, silentMs)
    try {
      yield* linesOf(response, this.limits.inventoryEventBytes)
    } catch (error) {
      throw connectionError(error)
    } finally {
      response.destroy()
    }
  }

  private async get(
    path: string,
    query: Readonly<Record<string, string>>,
    accept: string,
    signal: AbortSignal,
    silentMs: number,
  ): Promise<IncomingMessage> {
    const { server, options } = await this.access.open()
    const url = new URL(server + path)
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
    const send = url.protocol === 'http:' ? http.request : https.request
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(
        url,
        { ...options, method: 'GET', headers: { ...options.headers, accept, 'user-agent': 'postern' }, signal },
        resolve,
      )
      request.setTimeout(silentMs, () => request.destroy(new Error('no byte came for too long')))
      request.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS))
      request.on('error', reject)
      request.end()
    }).catch((error: unknown) => {
      throw connectionError(error)
    })
    // Without a listener an abort after the answer would end the process.
    response.on('error', () => undefined)
    if (response.statusCode === 200) return response
    if (response.statusCode === 401) this.access.forget()
    throw await refusalOf(response)
  }
}

async function refusalOf(response: IncomingMessage): Promise<ApiError> {
  const text = await readText(response, ERROR_BODY_BYTES).catch(() => undefined)
  const seconds = Number(response.headers['retry-after'])
  const retryAfterMs = seconds > 0 ? Math.min(seconds * 1000, LONGEST_RETRY_AFTER_MS) : undefined
  const status = response.statusCode ?? 0
  return new ApiError(status, statusMessage(text) ?? `the API server answered ${status}`, retryAfterMs)
}

function statusMessage(text: string | undefined): string | undefined {
  const body = parse(text ?? '')
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined
  return typeof message === 'string' && message ? message.slice(0, 200) : undefined
}

function connectionError(error: unknown): Error {
  if (isCollectorFailure(error) || error instanceof ApiError) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const said = error instanceof Error ? error.message : 'unknown'
  return new ApiError(0, (CODES[code] ?? said).slice(0, 200), undefined, { cause: error })
}

const CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the name of the API server is not known',
  ETIMEDOUT: 'the API server does not answer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by an unknown authority',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
}

function pageOf(text: string): ListPage {
  const page = parse(text)
  if (typeof page !== 'object' || page === null) throw new ApiError(0, 'the answer is not a list')
  const items = 'items' in page ? page.items : undefined
  const metadata = 'metadata' in page && typeof page.metadata === 'object' ? page.metadata : undefined
  const field = (name: 'resourceVersion' | 'continue'): string => {
    const value = metadata && name in metadata ? Reflect.get(metadata, name) : undefined
    return typeof value === 'string' ? value : ''
  }
  // An empty list of Go is null.
  if (!Array.isArray(items) && items !== null) throw new ApiError(0, 'the answer is not a list')
  return { items: items ?? [], resourceVersion: field('resourceVersion'), next: field('continue') }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The whole body; undefined where it is larger than the bound. */
async function readText(response: IncomingMessage, mostBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue
      bytes += chunk.length
      if (bytes > mostBytes) return undefined
      chunks.push(chunk)
    }
  } catch (error) {
    throw connectionError(error)
  } finally {
    response.destroy()
  }
  return Buffer.concat(chunks).toString('utf8')
}

const NEWLINE = 0x0a

/** Lines as they arrive, the last one only where it ends; a line beyond the bound is undefined once and skipped. */
async function* linesOf(response: AsyncIterable<unknown>, mostBytes: number): AsyncGenerator<string | undefined> {
  let parts: Buffer[] = []
  let bytes = 0
  let isTooLong = false
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue
    let from = 0
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      if (!isTooLong && bytes + to - from <= mostBytes)
        yield Buffer.concat([...parts, chunk.subarray(from, to)]).toString('utf8')
      else yield undefined
      parts = []
      bytes = 0
      isTooLong = false
      from = to + 1
    }
    if (isTooLong) continue
    const rest = chunk.subarray(from)
    bytes += rest.length
    if (bytes > mostBytes) {
      isTooLong = true
      parts = []
    } else if (rest.length > 0) parts.push(rest)
  }
}
