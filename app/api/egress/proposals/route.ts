import { handle, json } from '@/lib/http/handle'
import { proposeEgress } from '@/lib/usecases/propose-egress'

export const dynamic = 'force-dynamic'

/** What could be declared of what is seen; nothing of it is in force. */
export const GET = handle({
  name: 'egress.proposals',
  access: 'viewer',
  run: async ({ url }) => json(await proposeEgress(url.searchParams.get('dataset') ?? '', Date.now())),
})
