import { AppError } from '@/lib/errors'
import { actorOf } from '@/lib/http/actor'
import { handle } from '@/lib/http/handle'
import { endApiToken } from '@/lib/usecases/api-tokens'

export const dynamic = 'force-dynamic'

export const DELETE = handle<{ tokenId: string }>({
  name: 'tokens.revoke',
  access: 'admin',
  async run({ params, caller }) {
    if (!/^[0-9a-f]{12}$/.test(params.tokenId)) throw new AppError('not_found', 'no such token')
    await endApiToken(params.tokenId, Date.now(), actorOf(caller))
    return new Response(null, { status: 204 })
  },
})
