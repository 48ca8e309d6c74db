import 'server-only'
import { randomBytes } from 'node:crypto'
import { endSession, isLiveSession, saveSession } from '@/lib/store/sessions'

export const SESSION_MS = 12 * 3600_000

/** Starts a session and answers its cookie's value, of which only a hash is kept. */
export async function startSession(adminToken: string, nowMs: number): Promise<string> {
  const cookie = randomBytes(32).toString('base64url')
  await saveSession(cookie, adminToken, nowMs, nowMs + SESSION_MS)
  return cookie
}

/** Whether a cookie belongs to a session that goes on, started with the admin token that is now in force. */
export const isSessionLive = (cookie: string, adminToken: string, nowMs: number): Promise<boolean> =>
  isLiveSession(cookie, adminToken, nowMs)

/** Ends a session; one that is gone already is no error. */
export const stopSession = (cookie: string, adminToken: string): Promise<void> => endSession(cookie, adminToken)
