import { randomUUID } from 'node:crypto'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import { callerOf } from '@/lib/usecases/caller-address'
import { seenAddress } from '@/lib/usecases/record-probe'

export const dynamic = 'force-dynamic'

/** Of each address, and of all together: an answer costs little, and nobody needs many. */
const ofOne = new RateLimiterMemory({ points: 60, duration: 60 })
const ofAll = new RateLimiterMemory({ points: 3000, duration: 60 })

/** The address by which the caller reached this server, with a nonce, which tells that no cache answered. Public. */
export const GET = handle({
  name: 'canary.echo',
  access: 'public',
  async run({ request }) {
    const seen = seenAddress(callerOf(request.headers), env().POSTERN_TRUSTED_PROXIES)
    await Promise.all([ofOne.consume(seen.address), ofAll.consume('all')]).catch(() => {
      throw new AppError('rate_limited', 'asked too often', { retryAfterS: 60 })
    })
    return json({ ...seen, atMs: Date.now(), nonce: randomUUID() })
  },
})
