import { handle, json } from '@/lib/http/handle'
import { listDetectors } from '@/lib/usecases/list-detectors'

export const dynamic = 'force-dynamic'

export const GET = handle({
  name: 'detectors.list',
  access: 'viewer',
  async run({ url }) {
    const dataset = (url.searchParams.get('dataset') ?? '').slice(0, 64)
    return json(await listDetectors(dataset))
  },
})
