import 'server-only'
import { createHash, timingSafeEqual } from 'node:crypto'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'

/** public: health only · viewer: pages' data · ingest: senders. */
export type Access = 'public' | 'viewer' | 'ingest'

export interface Caller {
  /** '' without sign-in. */
  readonly tokenId: string
  readonly cluster?: string
}

export const SESSION_COOKIE = 'postern_session'

/**
 * Who may call. Without POSTERN_ADMIN_TOKEN Postern listens on loopback and asks for no sign-in, but `Host` must name this
 * machine and `Origin`, where a browser sends one, must be ours: so no web page reaches it by DNS rebinding or by a
 * cross-site form. With the token set, every route but health wants it: as bearer, or as the session cookie of the pages.
 */
export async function authenticate(request: Request, access: Access): Promise<Caller> {
  const anonymous: Caller = { tokenId: '' }
  checkHost(request)
  checkOrigin(request)
  const adminToken = env().POSTERN_ADMIN_TOKEN
  if (access === 'public' || !adminToken) return anonymous
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (bearer && isSame(bearer, adminToken)) return { tokenId: 'admin' }
  if (access === 'viewer' && isSession(cookieOf(request, SESSION_COOKIE), adminToken)) return { tokenId: 'session' }
  throw new AppError('unauthenticated', 'a valid token is needed', { hint: 'Send `Authorization: Bearer <token>`.' })
}

/** The value of a session cookie: bound to the admin token, so that changing the token ends every session. */
export const sessionValue = (adminToken: string): string =>
  createHash('sha256').update(`postern session ${adminToken}`).digest('base64url')

export const isSession = (cookie: string | undefined, adminToken: string): boolean =>
  cookie !== undefined && isSame(cookie, sessionValue(adminToken))

/** Compares in constant time, whatever the lengths. */
export function isSame(a: string, b: string): boolean {
  const [hashA, hashB] = [a, b].map((text) => createHash('sha256').update(text).digest())
  return hashA !== undefined && hashB !== undefined && timingSafeEqual(hashA, hashB)
}

function checkHost(request: Request): void {
  if (isHostAllowed(request.headers.get('host'), env().POSTERN_ADMIN_TOKEN !== undefined, env().POSTERN_ALLOWED_HOSTS))
    return
  throw new AppError('forbidden', 'this Host name is not served', {
    hint: 'Open Postern by localhost, or list the name in POSTERN_ALLOWED_HOSTS.',
  })
}

/** Without sign-in only loopback names are served; with it, the token protects. */
export function isHostAllowed(host: string | null, hasSignIn: boolean, allowed: readonly string[]): boolean {
  if (hasSignIn) return true
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '')
  return ['localhost', '127.0.0.1', '[::1]', ...allowed.map((item) => item.toLowerCase())].includes(name)
}

function checkOrigin(request: Request): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if (request.method === 'GET' || request.method === 'HEAD') return
  const isForeign = (origin !== null && hostOf(origin) !== request.headers.get('host')) || site === 'cross-site'
  if (isForeign) throw new AppError('forbidden', 'requests from other web pages are refused')
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)

function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([key]) => key === name)?.[1]
}
