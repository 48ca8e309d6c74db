import 'server-only'
import { randomBytes } from 'node:crypto'
import { ADMIN_ACTOR, UNKNOWN_ACTOR } from '@/lib/model/audit'
import { actorNamed } from '@/lib/model/person'
import { processGlobal } from '@/lib/process-global'
import { saveAudit } from '@/lib/store/audit-log'
import { endSession, loadSession, saveSession } from '@/lib/store/sessions'

export const SESSION_MS = 12 * 3600_000
/** Refused sign-ins stand in the audit log once in so long, with how many there were. */
const REFUSALS_NOTED_EVERY_MS = 60_000

const actorOfName = (name: string | undefined): string =>
  name === undefined ? ADMIN_ACTOR : actorNamed(name, 'signed in')

/** Starts a session, of somebody by a checked name, and answers its cookie's value, of which only a hash is kept. */
export async function startSession(adminToken: string, nowMs: number, name?: string): Promise<string> {
  const cookie = randomBytes(32).toString('base64url')
  const expiresMs = nowMs + SESSION_MS
  await saveSession(cookie, adminToken, { nowMs, expiresMs, actor: actorOfName(name), ...(name && { name }) })
  return cookie
}

/** The session of a cookie, if it goes on and was started with the admin token that is now in force. */
export const sessionOf = (
  cookie: string,
  adminToken: string,
  nowMs: number,
): Promise<{ readonly name?: string } | undefined> => loadSession(cookie, adminToken, nowMs)

/** Ends a session; one that is gone already is no error. */
export const stopSession = (cookie: string, adminToken: string): Promise<void> =>
  endSession(cookie, adminToken, actorOfName)

const refusals = () => processGlobal('refused-sign-ins', () => ({ count: 0, notedMs: Number.NEGATIVE_INFINITY }))

/**
 * Notes a wrong token: the first at once, further ones with the next that comes a minute later, so that guessing does not fill the
 * audit log. Errors: `unavailable`.
 */
export async function noteRefusedSignIn(nowMs: number): Promise<void> {
  const state = refusals()
  state.count += 1
  if (nowMs - state.notedMs < REFUSALS_NOTED_EVERY_MS) return
  const { count } = state
  state.count = 0
  state.notedMs = nowMs
  await saveAudit({ actor: UNKNOWN_ACTOR, action: 'session.refuse', subject: 'session', detail: { count } })
}
