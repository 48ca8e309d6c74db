import { handle, json } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { deliveries } from '@/lib/usecases/notification-channels'

export const dynamic = 'force-dynamic'

/** The last messages of a channel. */
export const GET = handle<{ channelId: string }>({
  name: 'channels.deliveries',
  access: 'admin',
  run: async ({ params }) => json({ deliveries: await deliveries(uuidParam(params.channelId, 'channel')) }),
})
