import 'server-only'
import { createHash, timingSafeEqual } from 'node:crypto'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import type { TokenScope } from '@/lib/model/api-token'
import { personName } from '@/lib/model/person'
import { grantOfToken, type TokenGrant } from '@/lib/usecases/api-tokens'
import { sessionOf } from '@/lib/usecases/sessions'

/**
 * public: health, sign-in · viewer: pages' data · embed: what a frame shows · ingest: senders · nat: senders of NAT records ·
 * metrics: Prometheus · canary: probes of egress paths · admin: tokens and settings.
 */
export type Access = 'public' | 'viewer' | 'embed' | 'ingest' | 'nat' | 'metrics' | 'canary' | 'admin'

/** Scopes of an API token that open a route: any of them. */
const OPENED_BY: Readonly<Record<Access, readonly TokenScope[]>> = {
  public: [],
  viewer: ['read'],
  embed: ['read', 'embed'],
  ingest: ['ingest'],
  nat: ['ingest', 'nat-evidence'],
  metrics: ['metrics'],
  canary: ['canary'],
  admin: [],
}
/** What a signed-in browser may do. Senders use tokens, so that no page can be tricked into sending. */
const OPENED_BY_SESSION: readonly Access[] = ['viewer', 'embed', 'metrics', 'admin']

export interface Caller {
  /** Of an API token; `admin`, `session`, or '' without sign-in. */
  readonly tokenId: string
  readonly cluster?: string
  /** Namespace of a token of scope `canary`. */
  readonly namespace?: string
  /** What a person called themselves: as checked as that can be (lib/model/person.ts). */
  readonly name?: string
  /** NAT records over this channel may prove something: the workload cannot write to it. */
  readonly mayProve: boolean
}

export const SESSION_COOKIE = 'postern_session'
/** What a person calls themselves where no sign-in is asked for, percent-encoded. */
export const NAME_COOKIE = 'postern_name'
/** An API token of scope `embed`, where a frame cannot send a header (see proxy.ts). */
export const EMBED_COOKIE = 'postern_embed'

/**
 * Who may call. Without POSTERN_ADMIN_TOKEN Postern listens on loopback and asks for no sign-in, but `Host` must name this
 * machine and `Origin`, where a browser sends one, must be ours: so no web page reaches it by DNS rebinding or by a
 * cross-site form. With the token set every route but the public ones wants the admin token, an API token with a scope that
 * opens it, or, for pages, a session. An API token that is sent without sign-in still says which cluster it is for. Throws
 * `unauthenticated` or `forbidden`, each with what to send.
 */
export async function authenticate(request: Request, access: Access, nowMs = Date.now()): Promise<Caller> {
  checkHost(request)
  checkOrigin(request)
  const adminToken = env().POSTERN_ADMIN_TOKEN
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (access === 'public') return { tokenId: '', mayProve: false }
  if (bearer && adminToken && isSame(bearer, adminToken)) return { tokenId: 'admin', mayProve: true }
  const token = bearer ?? (access === 'embed' ? cookieOf(request, EMBED_COOKIE) : undefined)
  const grant = token ? await grantOfToken(token, nowMs) : undefined
  if (!adminToken) {
    const name = grant ? undefined : personName(decoded(cookieOf(request, NAME_COOKIE) ?? ''))
    return {
      tokenId: grant?.tokenId ?? '',
      ...(name !== undefined && { name }),
      mayProve: !grant || grant.scopes.includes('nat-evidence'),
      ...(grant?.cluster && { cluster: grant.cluster }),
      ...(grant?.namespace && { namespace: grant.namespace }),
    }
  }
  if (grant) return callerOf(grant, access)
  const cookie = OPENED_BY_SESSION.includes(access) ? cookieOf(request, SESSION_COOKIE) : undefined
  const session = cookie ? await sessionOf(cookie, adminToken, nowMs) : undefined
  if (session) return { ...session, tokenId: 'session', mayProve: false }
  throw new AppError('unauthenticated', 'a valid token is needed', {
    hint: 'Make one on the Settings page, and send `Authorization: Bearer <token>`.',
  })
}

function callerOf(grant: TokenGrant, access: Access): Caller {
  if (!OPENED_BY[access].some((scope) => grant.scopes.includes(scope)))
    throw new AppError('forbidden', `this token may not do that: it has the scopes ${grant.scopes.join(', ')}`, {
      hint: `Needed: ${OPENED_BY[access].join(' or ') || 'the admin token'}.`,
    })
  return {
    tokenId: grant.tokenId,
    mayProve: grant.scopes.includes('nat-evidence'),
    ...(grant.cluster && { cluster: grant.cluster }),
    ...(grant.namespace && { namespace: grant.namespace }),
  }
}

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

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** A cookie's value; undefined where the browser sent none by this name. */
export function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim().split('='))
  return pairs.find(([key]) => key === name)?.[1]
}
