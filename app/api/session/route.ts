import { RateLimiterMemory } from 'rate-limiter-flexible'
import { z } from 'zod'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { cookieOf, isSame, SESSION_COOKIE } from '@/lib/http/authenticate'
import { handle } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { SESSION_MS, startSession, stopSession } from '@/lib/usecases/sessions'

export const dynamic = 'force-dynamic'

/** Of all callers together: behind a proxy nobody can be told from another, and one person needs few tries. */
const attempts = new RateLimiterMemory({ points: 20, duration: 60 })
const body = z.object({ token: z.string().max(1000) })

/** Signs a browser in with the admin token. */
export const POST = handle({
  name: 'session.create',
  access: 'public',
  async run({ request, url }) {
    const adminToken = env().POSTERN_ADMIN_TOKEN
    const { token } = await readJson(request, body)
    if (!adminToken || !isSame(token, adminToken)) {
      await attempts.consume('sign-in').catch(() => {
        throw new AppError('rate_limited', 'too many wrong tokens', { retryAfterS: 60 })
      })
      throw new AppError('unauthenticated', 'the token is wrong')
    }
    const value = await startSession(adminToken, Date.now())
    return new Response(null, {
      status: 204,
      headers: { 'set-cookie': cookieText(value, SESSION_MS / 1000, url.protocol === 'https:') },
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
      headers: { 'set-cookie': cookieText('', 0, url.protocol === 'https:') },
    })
  },
})

const cookieText = (value: string, maxAgeS: number, isSecure: boolean): string =>
  `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${isSecure ? '; Secure' : ''}`
