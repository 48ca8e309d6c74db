import { RateLimiterMemory } from 'rate-limiter-flexible'
import { AppError } from '@/lib/errors'
import { notifierSettings } from '@/lib/http/channel-body'
import { handle, json } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { testChannel } from '@/lib/usecases/notification-channels'

export const dynamic = 'force-dynamic'

/** Of this process, whoever asks. */
const tests = new RateLimiterMemory({ points: 30, duration: 60 })

/** Sends a test message and tells what came of it. */
export const POST = handle<{ channelId: string }>({
  name: 'channels.test',
  access: 'admin',
  async run({ params }) {
    const id = uuidParam(params.channelId, 'channel')
    await tests.consume('test').catch(() => {
      throw new AppError('rate_limited', 'too many tests', { retryAfterS: 60 })
    })
    return json(await testChannel(id, notifierSettings(), Date.now()))
  },
})
