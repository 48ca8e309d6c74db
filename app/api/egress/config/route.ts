import { handle, json } from '@/lib/http/handle'
import { egressConfig } from '@/lib/usecases/egress-config'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'egress.config',
  access: 'viewer',
  run: async () => json(egressConfig()),
})
