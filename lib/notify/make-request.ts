import { createHmac } from 'node:crypto'
import type { ChannelKind } from '@/lib/model/notification'
import { alertmanagerPayload, alertmanagerUrl } from './alertmanager-payload'
import { genericPayload } from './generic-payload'
import type { Message } from './message'
import { slackPayload } from './slack-payload'

/** A POST of JSON. */
export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Receiver {
  readonly kind: ChannelKind
  readonly url: string
  readonly secret?: string
}

/** The request that brings a message to a receiver. Every attempt has the same body, unless an alert's end is in it. */
export function makeRequest(receiver: Receiver, message: Message): WebhookRequest {
  return requestOf(receiver, message, payloadOf(receiver.kind, message))
}

function payloadOf(kind: ChannelKind, message: Message): unknown {
  switch (kind) {
    case 'generic':
      return genericPayload(message)
    case 'slack':
      return slackPayload(message)
    case 'alertmanager':
      return alertmanagerPayload(message)
  }
}

/** A request with a given body: for repeats, which are no messages of their own. */
export function requestOf(
  { kind, url, secret }: Receiver,
  { id, nowMs, version }: Pick<Message, 'id' | 'nowMs' | 'version'>,
  payload: unknown,
): WebhookRequest {
  const body = JSON.stringify(payload)
  const target = new URL(kind === 'alertmanager' ? alertmanagerUrl(url) : url)
  const authorization = basicOf(target)
  target.username = ''
  target.password = ''
  return {
    url: target.href,
    headers: {
      'content-type': 'application/json',
      'user-agent': `Postern/${version}`,
      'idempotency-key': id,
      ...(authorization && { authorization }),
      ...(kind === 'generic' && secret && signatureOf(body, secret, Math.floor(nowMs / 1000))),
    },
    body,
  }
}

/** Name and password of an address go as RFC 7617 has them, not in the address. */
function basicOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** HMAC-SHA256 over `timestamp.body`: who has the key can tell ours, and how old it is. */
export function signatureOf(body: string, secret: string, timestampS: number): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`${timestampS}.${body}`).digest('hex')
  return { 'x-postern-timestamp': String(timestampS), 'x-postern-signature': `v1=${signature}` }
}
