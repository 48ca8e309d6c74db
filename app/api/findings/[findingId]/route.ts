import { handle, json } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { loadFindingDetail } from '@/lib/usecases/load-incident'

export const dynamic = 'force-dynamic'

export const GET = handle<{ findingId: string }>({
  name: 'findings.get',
  access: 'viewer',
  run: async ({ params }) => json(await loadFindingDetail(uuidParam(params.findingId, 'finding'))),
})
