import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { confirmProviderList, withdrawProviderList } from '@/lib/usecases/confirm-allow-list'
import { listProviders } from '@/lib/usecases/list-providers'

export const dynamic = 'force-dynamic'

interface Params {
  readonly providerId: string
}

export const PUT = handle<Params>({
  name: 'providers.allow-list.confirm',
  access: 'admin',
  async run({ params, caller }) {
    await confirmProviderList(params.providerId, actorOf(caller))
    return json({ providers: await listProviders() })
  },
})

export const DELETE = handle<Params>({
  name: 'providers.allow-list.withdraw',
  access: 'admin',
  async run({ params, caller }) {
    await withdrawProviderList(params.providerId, actorOf(caller))
    return json({ providers: await listProviders() })
  },
})
