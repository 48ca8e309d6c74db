import { actorOf } from '@/lib/http/actor'
import { channelBody } from '@/lib/http/channel-body'
import { handle } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { readJson } from '@/lib/http/read-json'
import { changeChannel, removeChannel } from '@/lib/usecases/notification-channels'

export const dynamic = 'force-dynamic'

interface Params {
  readonly channelId: string
}

/** Replaces what a channel is; address and secret stay where they are not given. */
export const PUT = handle<Params>({
  name: 'channels.change',
  access: 'admin',
  async run({ request, params, caller }) {
    const id = uuidParam(params.channelId, 'channel')
    await changeChannel(id, await readJson(request, channelBody), actorOf(caller))
    return new Response(null, { status: 204 })
  },
})

export const DELETE = handle<Params>({
  name: 'channels.delete',
  access: 'admin',
  async run({ params, caller }) {
    await removeChannel(uuidParam(params.channelId, 'channel'), actorOf(caller))
    return new Response(null, { status: 204 })
  },
})
