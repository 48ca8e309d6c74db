import { RateLimiterMemory } from 'rate-limiter-flexible'
import { z } from 'zod'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { cookieOf, isSame, NAME_COOKIE, SESSION_COOKIE } from '@/lib/http/authenticate'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { LIMITS } from '@/lib/model/limits'
import { personName } from '@/lib/model/person'
import { noteRefusedSignIn, SESSION_MS, startSession, stopSession } from '@/lib/usecases/sessions'

export const dynamic = 'force-dynamic'

/** Of all callers together: behind a proxy nobody can be told from another, and one person needs few tries. */
const attempts = new RateLimiterMemory({ points: 20, duration: 60 })
const givenName = z.string().max(4 * LIMITS.personNameChars)
const body = z.object({ token: z.string().max(1000), name: givenName.default('') })
const nameBody = z.strictObject({ name: givenName })
const NAME_KEPT_S = 365 * 86_400

/** Signs a browser in with the admin token, of somebody who may say a name for the audit log. */
export const POST = handle({
  name: 'session.create',
  access: 'public',
  async run({ request, url }) {
    const adminToken = env().POSTERN_ADMIN_TOKEN
    const { token, name } = await readJson(request, body)
    if (!adminToken || !isSame(token, adminToken)) {
      await attempts.consume('sign-in').catch(() => {
        throw new AppError('rate_limited', 'too many wrong tokens', { retryAfterS: 60 })
      })
      await noteRefusedSignIn(Date.now())
      throw new AppError('unauthenticated', 'the token is wrong')
    }
    const value = await startSession(adminToken, Date.now(), checkedName(name))
    return new Response(null, {
      status: 204,
      headers: { 'set-cookie': cookieText(SESSION_COOKIE, value, SESSION_MS / 1000, url.protocol === 'https:') },
    })
  },
})

export const DELETE = handle({
  name: 'session.delete',
  access: 'public',
  async run({ request, url }) {
    const [cookie, adminToken] = [cookieOf(request, SESSION_COOKIE), env().POSTERN_ADMIN_TOKEN]
    if (cookie && adminToken) await stopSession(cookie, adminToken)
    return new Response(null, {
      status: 204,
      headers: { 'set-cookie': cookieText(SESSION_COOKIE, '', 0, url.protocol === 'https:') },
    })
  },
})

/** How the caller is called in the audit log. */
export const GET = handle({
  name: 'session.read',
  access: 'viewer',
  run: async ({ caller }) => json({ name: caller.name ?? '' }),
})

/** Where no sign-in is asked for: the name that this browser's changes stand under; blank takes it away. */
export const PUT = handle({
  name: 'session.name',
  access: 'admin',
  async run({ request, url }) {
    if (env().POSTERN_ADMIN_TOKEN)
      throw new AppError('conflict', 'a name is said when signing in', { hint: 'Sign out, and in again with it.' })
    const name = checkedName((await readJson(request, nameBody)).name)
    const cookie = cookieText(
      NAME_COOKIE,
      encodeURIComponent(name ?? ''),
      name === undefined ? 0 : NAME_KEPT_S,
      url.protocol === 'https:',
    )
    return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
  },
})

/** A name that can stand in the audit log; undefined where none was said. */
function checkedName(text: string): string | undefined {
  if (text.trim() === '') return undefined
  const name = personName(text)
  if (name === undefined)
    throw new AppError(
      'bad_request',
      `name: letters, digits and .,'@_+- only, at most ${LIMITS.personNameChars} characters, and none that Postern uses itself`,
    )
  return name
}

const cookieText = (name: string, value: string, maxAgeS: number, isSecure: boolean): string =>
  `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${isSecure ? '; Secure' : ''}`
