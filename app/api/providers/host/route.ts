import { handle, json } from '@/lib/http/handle'
import { answerHost } from '@/lib/usecases/list-providers'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'providers.host',
  access: 'viewer',
  async run({ url }) {
    return json(await answerHost(url.searchParams.get('name') ?? ''))
  },
})
