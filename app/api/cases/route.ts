import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { LIMITS } from '@/lib/model/limits'
import { openIncident } from '@/lib/usecases/change-findings'
import { listIncidentCases } from '@/lib/usecases/load-incident'

export const dynamic = 'force-dynamic'

const body = z.strictObject({ findingIds: z.array(z.uuid()).min(1).max(LIMITS.caseFindings) })

export const GET = handle({
  name: 'cases.list',
  access: 'viewer',
  run: async ({ url }) => json(await listIncidentCases((url.searchParams.get('dataset') ?? '').slice(0, 64))),
})

export const POST = handle({
  name: 'cases.open',
  access: 'admin',
  async run({ request, caller }) {
    const { findingIds } = await readJson(request, body)
    return json({ id: await openIncident(findingIds, { actor: actorOf(caller), nowMs: Date.now() }) }, 201)
  },
})
