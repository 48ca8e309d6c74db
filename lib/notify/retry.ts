import type { WebhookOutcome } from '@/lib/model/notification'
import { HOUR_MS, SECOND_MS, type UnixMillis } from '@/lib/model/units'

const FIRST_PAUSE_MS = 5 * SECOND_MS
const LONGEST_PAUSE_MS = HOUR_MS
/** A message that could not be delivered for so long is given up. */
export const GIVE_UP_MS = 24 * HOUR_MS
/** Client errors that pass by themselves: a timeout, too early, too many. */
const PASSING_CLIENT_ERRORS: readonly number[] = [408, 425, 429]

export type NextStep =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly atMs: UnixMillis }
  | { readonly kind: 'failed'; readonly reason: string }

export interface Attempted {
  readonly outcome: WebhookOutcome
  /** With this one. */
  readonly attempts: number
  readonly createdMs: UnixMillis
  readonly nowMs: UnixMillis
  /** In [0, 1). */
  readonly random: number
}

/**
 * What comes after an attempt. 2xx is sent. Silence, 5xx, 408, 425 and 429 are tried again: after what Retry-After says, else after
 * 5 s, doubled up to an hour, half of it at random, for 24 h in all. Everything else fails at once, with why.
 */
export function nextStep({ outcome, attempts, createdMs, nowMs, random }: Attempted): NextStep {
  const { status, isRefused, answer } = outcome
  if (isRefused) return { kind: 'failed', reason: answer }
  if (status !== undefined && status >= 200 && status < 300) return { kind: 'sent' }
  if (status !== undefined && status >= 300 && status < 400)
    return { kind: 'failed', reason: `it answered ${status}: redirects are not followed` }
  if (status !== undefined && status < 500 && !PASSING_CLIENT_ERRORS.includes(status))
    return { kind: 'failed', reason: `it answered ${status}` }
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_PAUSE_MS) * (0.5 + random / 2)
  const atMs = Math.round(nowMs + Math.max(pauseMs, askedPauseMs(outcome.retryAfter, nowMs)))
  return atMs - createdMs > GIVE_UP_MS
    ? { kind: 'failed', reason: 'it could not be delivered in 24 h' }
    : { kind: 'retry', atMs }
}

/** RFC 9110 §10.2.3: seconds, or a date. Nonsense asks for nothing. */
function askedPauseMs(text: string | undefined, nowMs: UnixMillis): number {
  if (text === undefined) return 0
  if (/^\d{1,9}$/.test(text.trim())) return Number(text.trim()) * SECOND_MS
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs)
}
