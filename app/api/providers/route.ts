import { handle, json } from '@/lib/http/handle'
import { listProviders } from '@/lib/usecases/list-providers'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'providers.list',
  access: 'viewer',
  async run() {
    return json({ providers: await listProviders() })
  },
})
