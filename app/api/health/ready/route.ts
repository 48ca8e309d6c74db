import { handle, json } from '@/lib/http/handle'
import { checkReady } from '@/lib/usecases/check-ready'

export const dynamic = 'force-dynamic'

/** The database answers too; 503 where it does not. */
export const GET = handle({
  name: 'health.ready',
  access: 'public',
  async run() {
    await checkReady()
    return json({ status: 'ready' })
  },
})
