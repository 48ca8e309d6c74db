import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Channel, ChannelInput, Delivery, WebhookOutcome } from '@/lib/model/notification'
import { makeRequest } from '@/lib/notify/make-request'
import { TEST_TEXT } from '@/lib/notify/message'
import { nextStep } from '@/lib/notify/retry'
import {
  deleteChannel,
  insertChannel,
  listChannels,
  loadReceivers,
  noSuchChannel,
  updateChannel,
} from '@/lib/store/notification-channels'
import { listDeliveries, logTest } from '@/lib/store/notification-queue'
import { postWebhook } from './post-webhook'
import type { NotifierSettings } from './send-notifications'

/** Below this many characters after the host nothing of them is shown: too much of the secret would be. */
const LONG_ENOUGH = 20
const TAIL = 4

/** Channels by name, without their secrets. Errors: `unavailable`. */
export const channels = (): Promise<Channel[]> => listChannels()

/** Makes a channel and answers its id. It is told of what changes from then on. Errors: `bad_request`, `conflict`, `unavailable`. */
export async function createChannel(input: ChannelInput, actor: string): Promise<string> {
  if (input.url === undefined) throw new AppError('bad_request', 'url: an address is needed')
  return insertChannel({ ...input, ...addressOf(input.url), ...secretOf(input) }, actor)
}

/** Changes a channel; address and secret stay where they are not given. Errors: `not_found`, `bad_request`, `conflict`, `unavailable`. */
export async function changeChannel(id: string, input: ChannelInput, actor: string): Promise<void> {
  await updateChannel(id, { ...input, ...(input.url !== undefined && addressOf(input.url)), ...secretOf(input) }, actor)
}

/** Takes a channel away, and what waits for it. Errors: `not_found`, `unavailable`. */
export const removeChannel = (id: string, actor: string): Promise<void> => deleteChannel(id, actor)

/** The last messages of a channel, newest first. Errors: `unavailable`. */
export const deliveries = (id: string): Promise<Delivery[]> => listDeliveries(id)

/**
 * Sends a test message now, of a paused channel too, and tells what came of it; it stands in the log. Errors: `not_found`, `conflict`
 * where the address cannot be decrypted, `unavailable`.
 */
export async function testChannel(
  id: string,
  settings: NotifierSettings,
  nowMs: number,
): Promise<WebhookOutcome & { readonly isSent: boolean }> {
  const [receiver] = await loadReceivers(id)
  if (!receiver) throw noSuchChannel()
  const { url } = receiver
  if (url === undefined)
    throw new AppError('conflict', 'the address of this channel cannot be decrypted', {
      hint: 'Set POSTERN_SECRET_KEY as it was, or give the channel its address and secret again.',
    })
  const message = {
    id: randomUUID(),
    isTest: true,
    channel: receiver.name,
    notices: [],
    createdMs: nowMs,
    nowMs,
    version: settings.version,
    ...(settings.publicUrl && { publicUrl: settings.publicUrl }),
  }
  const outcome = await postWebhook(makeRequest({ ...receiver, url }, message), { policy: settings.policy })
  const next = nextStep({ outcome, attempts: 1, createdMs: nowMs, nowMs, random: 0 })
  const isSent = next.kind === 'sent'
  await logTest(id, TEST_TEXT, { ...outcome, state: isSent ? 'sent' : 'failed' }, nowMs)
  return { ...outcome, isSent }
}

/** A checked address, and what is shown of it. */
function addressOf(text: string): { readonly url: string; readonly shownUrl: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw new AppError('bad_request', 'url: an address that begins with http:// or https://')
  url.hash = ''
  const rest = `${url.pathname}${url.search}`
  const tail = rest.length >= LONG_ENOUGH ? ` …${rest.slice(-TAIL)}` : ''
  return { url: url.href, shownUrl: `${url.protocol}//${url.host}${tail}` }
}

/** Only generic messages are signed. */
const secretOf = ({ kind, secret }: ChannelInput): { readonly secret?: string } =>
  kind === 'generic' && secret !== undefined ? { secret } : { secret: undefined }
