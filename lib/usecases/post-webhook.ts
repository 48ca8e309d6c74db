import 'server-only'
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, request as send } from 'undici'
import { LIMITS } from '@/lib/model/limits'
import type { WebhookOutcome } from '@/lib/model/notification'
import { type AddressPolicy, refusalOf } from '@/lib/notify/address-policy'
import type { WebhookRequest } from '@/lib/notify/make-request'
import { oneLine } from '@/lib/notify/message'

const TIMEOUT_MS = 10_000

/** Answers the addresses of a name: the system's resolver, unless a test says otherwise. */
export type Resolver = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export interface WebhookOptions {
  readonly policy: AddressPolicy
  /** Aborts what is under way; the outcome is then none. */
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly resolve?: Resolver
}

/** An address that is refused. */
class RefusedAddress extends Error {}

/**
 * Posts a request and tells what came of it; never throws. It connects to the very address that was checked, so a name that
 * resolves differently a moment later leads nowhere else; a name of which one address is refused is refused. No redirects, no
 * proxies; within 10 s in all. Of the answer at most `LIMITS.webhookAnswerBytes` are read.
 */
export async function postWebhook(webhook: WebhookRequest, options: WebhookOptions): Promise<WebhookOutcome> {
  const startMs = performance.now()
  const tookMs = () => performance.now() - startMs
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)
  const agent = new Agent({
    connect: { lookup: checkedLookup(options), timeout: TIMEOUT_MS },
    connections: 1,
    pipelining: 0,
  })
  try {
    demandAllowedHost(webhook.url, options.policy)
    const { statusCode, headers, body } = await send(webhook.url, {
      method: 'POST',
      headers: webhook.headers,
      body: webhook.body,
      dispatcher: agent,
      signal: options.signal ? AbortSignal.any([timeout, options.signal]) : timeout,
    })
    const text = await readStart(body).catch(() => '')
    const retryAfter = headers['retry-after']
    return {
      status: statusCode,
      tookMs: tookMs(),
      answer: cleanAnswer(text, webhook.url),
      ...(typeof retryAfter === 'string' && { retryAfter }),
      isRefused: false,
    }
  } catch (error) {
    return { tookMs: tookMs(), answer: reasonOf(error, timeout.aborted), isRefused: error instanceof RefusedAddress }
  } finally {
    await agent.destroy()
  }
}

/** A literal address is never looked up, so it is checked before; so is what is no web address. */
function demandAllowedHost(text: string, policy: AddressPolicy): void {
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new RefusedAddress('only http and https are sent to')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const refusal = isIP(host) ? refusalOf(host, policy) : undefined
  if (refusal !== undefined) throw new RefusedAddress(refusal)
}

function checkedLookup({ policy, resolve = systemLookup }: WebhookOptions): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const refusal = addresses.map(({ address }) => refusalOf(address, policy)).find((text) => text !== undefined)
      const [first] = addresses
      if (refusal !== undefined) return callback(new RefusedAddress(refusal), '', 0)
      if (!first) return callback(new Error('the name has no address'), '', 0)
      if (options.all) return callback(null, addresses)
      callback(null, first.address, first.family)
    })
  }
}

async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, LIMITS.webhookAnswerBytes - size))
    size += chunk.byteLength
    // Leaving the loop ends the connection.
    if (size >= LIMITS.webhookAnswerBytes) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** What people see of an answer: one line, without our own address, of which a part is the key to it. */
const cleanAnswer = (text: string, url: string): string => {
  const { pathname, search } = new URL(url)
  const secret = `${pathname}${search}`
  const hidden = text.replaceAll(url, '…').replaceAll(secret.length > 1 ? secret : url, '…')
  return oneLine(hidden, LIMITS.webhookAnswerChars)
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (connection refused)',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the network',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up just now',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within 10 s',
  UND_ERR_SOCKET: 'the connection was closed before an answer came',
}

/** Never the text of an error of another: it may hold the address. */
function reasonOf(error: unknown, isTimeout: boolean): string {
  if (error instanceof RefusedAddress) return error.message
  if (isTimeout) return 'no answer within 10 s'
  const code = codeOf(error)
  return WORDS[code] ?? (code ? `the request failed (${oneLine(code, 60)})` : 'the request failed')
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
