import { actorOf } from '@/lib/http/actor'
import { handle } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { revokeShare } from '@/lib/usecases/share-access'

export const dynamic = 'force-dynamic'

export const DELETE = handle<{ linkId: string }>({
  name: 'share-links.revoke',
  access: 'viewer',
  async run({ params, caller }) {
    await revokeShare(uuidParam(params.linkId, 'link'), actorOf(caller))
    return new Response(null, { status: 204 })
  },
})
