import { actorOf } from '@/lib/http/actor'
import { channelBody } from '@/lib/http/channel-body'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { channels, createChannel } from '@/lib/usecases/notification-channels'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'channels.list',
  access: 'admin',
  run: async () => json({ channels: await channels() }),
})

export const POST = handle({
  name: 'channels.create',
  access: 'admin',
  async run({ request, caller }) {
    return json({ id: await createChannel(await readJson(request, channelBody), actorOf(caller)) }, 201)
  },
})
