import { handle, json } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { loadIncidentCase } from '@/lib/usecases/load-incident'

export const dynamic = 'force-dynamic'

export const GET = handle<{ caseId: string }>({
  name: 'cases.get',
  access: 'viewer',
  run: async ({ params }) => json(await loadIncidentCase(uuidParam(params.caseId, 'incident'), Date.now())),
})
