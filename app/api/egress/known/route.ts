import { handle, json } from '@/lib/http/handle'
import { knownForEgress } from '@/lib/usecases/known-for-egress'

export const dynamic = 'force-dynamic'

/** Names that the forms suggest. */
export const GET = handle({
  name: 'egress.known',
  access: 'viewer',
  run: async ({ url }) => json(await knownForEgress(url.searchParams.get('dataset') ?? '', Date.now())),
})
