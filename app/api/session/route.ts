import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { isSame, SESSION_COOKIE, sessionValue } from '@/lib/http/authenticate'
import { handle } from '@/lib/http/handle'

export const dynamic = 'force-dynamic'

const EIGHT_HOURS_S = 8 * 3600

/** Signs a browser in with the admin token. */
export const POST = handle({
  name: 'session.create',
  access: 'public',
  async run({ request, url }) {
    const adminToken = env().POSTERN_ADMIN_TOKEN
    const body: unknown = await request.json().catch(() => undefined)
    const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined
    if (!adminToken || typeof token !== 'string' || !isSame(token, adminToken))
      throw new AppError('unauthenticated', 'the token is wrong')
    const secure = url.protocol === 'https:' ? '; Secure' : ''
    const cookie = `${SESSION_COOKIE}=${sessionValue(adminToken)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${EIGHT_HOURS_S}${secure}`
    return new Response(null, { status: 204, headers: { 'set-cookie': cookie } })
  },
})

export const DELETE = handle({
  name: 'session.delete',
  access: 'public',
  run: async () =>
    new Response(null, {
      status: 204,
      headers: { 'set-cookie': `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0` },
    }),
})
