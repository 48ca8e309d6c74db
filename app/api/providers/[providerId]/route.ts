import { AppError } from '@/lib/errors'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { ownProviderSchema } from '@/lib/model/provider-schema'
import { putOwnProvider, removeOwnProvider } from '@/lib/usecases/edit-providers'
import { listProviders } from '@/lib/usecases/list-providers'

export const dynamic = 'force-dynamic'

interface Params {
  readonly providerId: string
}

export const PUT = handle<Params>({
  name: 'providers.put',
  access: 'admin',
  async run({ request, params, caller }) {
    const entry = await readJson(request, ownProviderSchema)
    if (entry.id !== params.providerId) throw new AppError('bad_request', 'id: is not the one in the URL')
    await putOwnProvider(entry, actorOf(caller))
    return json({ providers: await listProviders() })
  },
})

export const DELETE = handle<Params>({
  name: 'providers.delete',
  access: 'admin',
  async run({ params, caller }) {
    await removeOwnProvider(params.providerId, actorOf(caller))
    return json({ providers: await listProviders() })
  },
})
