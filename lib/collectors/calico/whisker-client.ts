import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { checkServerIdentity } from 'node:tls'
import { LIMITS } from '@/lib/model/limits'
import { SECOND_MS } from '@/lib/model/units'
import type { TlsMaterial } from '../tls-files'

/** An answer must begin within this. */
const HEADERS_WITHIN_MS = 15 * SECOND_MS
const ERROR_BYTES = 2048

export interface WhiskerTarget {
  /** Of the REST API: `/flows` is added to its path. */
  readonly url: string
  readonly tls?: TlsMaterial
  readonly serverName?: string
}

/** An answer that is no success. */
export class WhiskerRefusal extends Error {
  constructor(
    readonly status: number,
    /** What the answer says of itself, at most 160 characters. */
    readonly said: string,
  ) {
    super(`HTTP ${status}`)
  }
}

/**
 * Asks for flows and answers once the headers came with 200; redirects are not followed. Throws `WhiskerRefusal`, or the error of the
 * connection.
 */
export function askFlows(
  target: WhiskerTarget,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(target.url)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/flows`
  url.search = new URLSearchParams(parameters).toString()
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const sent = send(url, {
      signal,
      agent: false,
      headers: { accept: 'text/event-stream, application/json' },
      ...tlsOptions(target),
    })
    sent.setTimeout(HEADERS_WITHIN_MS, () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
    sent.on('error', reject)
    sent.on('response', (response) => {
      sent.setTimeout(0)
      if (response.statusCode === 200) return resolve(response)
      refusalOf(response).then(reject, reject)
    })
    sent.end()
  })
}

/** The whole of a JSON answer. Throws `RangeError` beyond the limit of a body. */
export async function readAnswer(response: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    if (!Buffer.isBuffer(part)) continue
    bytes += part.byteLength
    if (bytes > LIMITS.bodyBytes) {
      response.destroy()
      throw new RangeError(`an answer over ${LIMITS.bodyBytes} bytes (limit bodyBytes)`)
    }
    parts.push(part)
  }
  const answer: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'))
  return answer
}

async function refusalOf(response: IncomingMessage): Promise<WhiskerRefusal> {
  let text = ''
  response.setEncoding('utf8')
  try {
    for await (const part of response) {
      text += String(part)
      if (text.length > ERROR_BYTES) break
    }
  } catch {
    // What came until it broke is enough.
  }
  response.destroy()
  const said = /^\s*\{"error":\s*"([^"]*)"/.exec(text)?.[1] ?? ''
  return new WhiskerRefusal(response.statusCode ?? 0, said.replace(/\p{C}+/gu, ' ').slice(0, 160))
}

function tlsOptions({ tls, serverName }: WhiskerTarget): object {
  return {
    ...(serverName && {
      servername: serverName,
      checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(serverName, certificate),
    }),
    ...(tls?.rootCerts && { ca: tls.rootCerts }),
    ...(tls?.certChain && { cert: tls.certChain }),
    ...(tls?.privateKey && { key: tls.privateKey }),
  }
}
