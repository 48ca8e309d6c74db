import 'server-only'
import { setTimeout as wait } from 'node:timers/promises'
import { LIMITS } from '@/lib/model/limits'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'
import type { AddressPolicy } from '@/lib/notify/address-policy'
import { alertmanagerPayload, REPEAT_MS, repeatPayload } from '@/lib/notify/alertmanager-payload'
import { makeRequest, requestOf } from '@/lib/notify/make-request'
import type { Message } from '@/lib/notify/message'
import { nextStep } from '@/lib/notify/retry'
import { logger } from '@/lib/observability/logger'
import { count } from '@/lib/observability/metrics'
import { holdDuty } from '@/lib/store/hold-duty'
import { loadReceivers, noteRepeatProblem, type StoredReceiver } from '@/lib/store/notification-channels'
import {
  type DueDelivery,
  makeDelivery,
  nextDelivery,
  type Settled,
  settleDelivery,
  takeRepeats,
} from '@/lib/store/notification-queue'
import { postWebhook } from './post-webhook'

const EVERY_MS = SECOND_MS
/** Channels that are served at a time. */
const AT_ONCE = 4
/** Messages of one channel in one pass. */
const PER_PASS = 5
/** Open alerts of one repeat. */
const REPEATED = 200
/** Who does not answer is left alone for so long, at most, whatever else there is to tell. */
const LONGEST_REST_MS = MINUTE_MS

export interface NotifierSettings {
  readonly policy: AddressPolicy
  /** Where people open Postern, without a trailing slash. */
  readonly publicUrl?: string
  readonly version: string
}

interface Clock {
  readonly now: () => number
  readonly random: () => number
}
const CLOCK: Clock = { now: Date.now, random: Math.random }

/** Channels that failed just now: what is known of them lives as long as the process has the duty. */
export type Rests = Map<string, { readonly failures: number; readonly untilMs: number }>

/** Sends what waits, in one process of all replicas at a time, until `signal` aborts. */
export async function notify(settings: NotifierSettings, signal: AbortSignal): Promise<void> {
  await holdDuty(
    'notifications',
    signal,
    () => undefined,
    async (held) => {
      const rests: Rests = new Map()
      while (!held.aborted) {
        try {
          await sendPending(settings, { rests, signal: held })
        } catch (error) {
          if (!held.aborted) logger().warn({ task: 'notify', error }, 'sending notifications failed and is tried again')
        }
        await wait(EVERY_MS, undefined, { signal: held }).catch(() => undefined)
      }
    },
  )
}

/**
 * One pass: what is due for each channel is put into messages and tried; what Alertmanager must be told again is. Messages that
 * fail are tried again later (lib/notify/retry.ts). Ended between a request and the note of it, the next process sends it again under
 * the same id. Errors: `unavailable`.
 */
export async function sendPending(
  settings: NotifierSettings,
  { rests, signal, clock = CLOCK }: { readonly rests: Rests; readonly signal: AbortSignal; readonly clock?: Clock },
): Promise<void> {
  const receivers = (await loadReceivers()).filter(({ isEnabled }) => isEnabled)
  for (let at = 0; at < receivers.length && !signal.aborted; at += AT_ONCE) {
    const served = await Promise.allSettled(
      receivers.slice(at, at + AT_ONCE).map((receiver) => serve(receiver, { settings, rests, signal, clock })),
    )
    // All have ended: the next pass must find no other at the same channel.
    const failed = served.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
  }
}

interface Pass {
  readonly settings: NotifierSettings
  readonly rests: Rests
  readonly signal: AbortSignal
  readonly clock: Clock
}

async function serve(receiver: StoredReceiver, pass: Pass): Promise<void> {
  const { rests, signal, clock } = pass
  if ((rests.get(receiver.id)?.untilMs ?? 0) > clock.now()) return
  for (let sent = 0; sent < PER_PASS && !signal.aborted; sent += 1) {
    await makeDelivery(receiver.id, clock.now())
    const due = await nextDelivery(receiver.id, clock.now())
    if (!due) break
    if (!(await deliver(receiver, due, pass))) return
  }
  if (receiver.kind === 'alertmanager' && !signal.aborted) await repeat(receiver, pass)
}

/** False where the receiver should be left alone for now. */
async function deliver(receiver: StoredReceiver, due: DueDelivery, pass: Pass): Promise<boolean> {
  const { settings, signal, clock } = pass
  const { url } = receiver
  const nowMs = clock.now()
  const outcome =
    url === undefined
      ? { tookMs: 0, answer: UNREADABLE, isRefused: false }
      : await postWebhook(makeRequest({ ...receiver, url }, messageOf(receiver, due, settings, nowMs)), {
          policy: settings.policy,
          signal,
        })
  // Nobody knows whether it arrived: it is sent again, under the same id.
  if (signal.aborted) return false
  const attempts = due.attempts + 1
  const next = nextStep({ outcome, attempts, createdMs: due.createdMs, nowMs: clock.now(), random: clock.random() })
  const settled: Settled = {
    state: next.kind === 'retry' ? 'waiting' : next.kind,
    ...(next.kind === 'retry' && { nextMs: next.atMs }),
    ...(outcome.status !== undefined && { status: outcome.status }),
    tookMs: outcome.tookMs,
    answer: next.kind === 'failed' ? withReason(next.reason, outcome.answer) : outcome.answer,
  }
  await settleDelivery(due.id, settled, clock.now())
  count('postern_notifications', 1, { kind: receiver.kind, outcome: next.kind })
  if (next.kind === 'sent') pass.rests.delete(receiver.id)
  if (next.kind !== 'retry') return true
  rest(receiver.id, pass, outcome.retryAfter === undefined ? 0 : next.atMs - clock.now())
  return false
}

const UNREADABLE =
  'its address cannot be decrypted: set POSTERN_SECRET_KEY as it was, or give the channel its address again'

const withReason = (reason: string, answer: string): string =>
  answer === '' || answer === reason ? reason : `${reason}: ${answer}`

/** Rests grow with failures in a row, so that a receiver that is down is not asked by each message in turn. */
function rest(id: string, { rests, clock }: Pass, askedMs: number): void {
  const failures = (rests.get(id)?.failures ?? 0) + 1
  const restMs = Math.min(Math.max(SECOND_MS * 2 ** Math.min(failures, 10), askedMs), LONGEST_REST_MS)
  rests.set(id, { failures, untilMs: clock.now() + restMs })
}

function messageOf(receiver: StoredReceiver, due: DueDelivery, settings: NotifierSettings, nowMs: number): Message {
  return {
    id: due.id,
    isTest: false,
    channel: receiver.name,
    notices: due.notices,
    createdMs: due.createdMs,
    nowMs,
    version: settings.version,
    ...(settings.publicUrl && { publicUrl: settings.publicUrl }),
  }
}

/** Tells Alertmanager again what is open; what is gone it is told the end of. One that fails comes again in a minute: alerts last for five. */
async function repeat(receiver: StoredReceiver, pass: Pass): Promise<void> {
  const { settings, signal, clock } = pass
  const { url } = receiver
  if (url === undefined) return noteRepeatProblem(receiver.id, UNREADABLE)
  for (;;) {
    const nowMs = clock.now()
    const due = await takeRepeats(receiver.id, { nowMs, nextMs: nowMs + REPEAT_MS, limit: REPEATED })
    if (due.length === 0) return
    const { publicUrl, version } = settings
    const gone = due
      .filter(({ isGone }) => isGone)
      .map(({ finding }) => ({ kind: 'resolved', atMs: nowMs, key: finding.id, finding }) as const)
    const open = due.filter(({ isGone }) => !isGone).map(({ finding }) => finding)
    const message = {
      id: `repeat-${nowMs}`,
      isTest: false,
      channel: receiver.name,
      notices: gone,
      createdMs: nowMs,
      nowMs,
      version,
    }
    const ends = alertmanagerPayload({ ...message, ...(publicUrl && { publicUrl }) })
    const request = requestOf({ ...receiver, url }, message, [...ends, ...repeatPayload(open, nowMs, publicUrl)])
    const outcome = await postWebhook(request, { policy: settings.policy, signal })
    if (signal.aborted) return
    const isTaken = outcome.status !== undefined && outcome.status >= 200 && outcome.status < 300
    const problem =
      outcome.status === undefined ? outcome.answer : withReason(`it answered ${outcome.status}`, outcome.answer)
    await noteRepeatProblem(receiver.id, isTaken ? undefined : problem.slice(0, LIMITS.webhookAnswerChars))
    if (!isTaken || due.length < REPEATED) return
  }
}
