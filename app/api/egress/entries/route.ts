import { handle, json } from '@/lib/http/handle'
import { listEgressEntries } from '@/lib/usecases/edit-egress'

export const dynamic = 'force-dynamic'

/** Every entry with its revision, expired rules too. */
export const GET = handle({
  name: 'egress.entries',
  access: 'viewer',
  run: async () => json(await listEgressEntries(Date.now())),
})
