import { z } from 'zod'
import { appVersion } from '@/lib/env'
import { actorOf } from '@/lib/http/actor'
import { baseUrlOf } from '@/lib/http/base-url'
import { handle, json } from '@/lib/http/handle'
import { idParam } from '@/lib/http/id-param'
import { readJson } from '@/lib/http/read-json'
import { createIncident } from '@/lib/usecases/create-incident'
import { incidents } from '@/lib/usecases/share-access'
import { windowOf } from '@/lib/view/graph-view'

export const dynamic = 'force-dynamic'

const MAX_HOURS = 24 * 366
const body = z.strictObject({
  findingId: z.uuid().optional(),
  edgeId: z.string().max(20).optional(),
  /** The query string of the view that the edge was looked at in. */
  view: z.string().max(2000).default(''),
  title: z.string().max(300).optional(),
  expiresInHours: z.number().positive().max(MAX_HOURS).optional(),
})

export const GET = handle({
  name: 'incidents.list',
  access: 'viewer',
  run: async () => json(await incidents()),
})

export const POST = handle({
  name: 'incidents.create',
  access: 'viewer',
  async run({ request, caller }) {
    const nowMs = Date.now()
    const { findingId, edgeId, view, title, expiresInHours } = await readJson(request, body)
    const baseUrl = baseUrlOf(request)
    const edge = edgeId && { edgeId: idParam(edgeId, 'edge'), ...windowOf(new URLSearchParams(view), nowMs) }
    const { token, ...made } = await createIncident(
      {
        actor: actorOf(caller),
        ...(findingId && { findingId }),
        ...(edge && { edge }),
        ...(title && { title }),
        ...(expiresInHours && { expiresInHours }),
      },
      { nowMs, baseUrl, appVersion: appVersion() },
    )
    return json({ ...made, url: `${baseUrl}/share/${token}` }, 201)
  },
})
