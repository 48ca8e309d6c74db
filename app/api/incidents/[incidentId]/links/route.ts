import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { baseUrlOf } from '@/lib/http/base-url'
import { handle, json } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { readJson } from '@/lib/http/read-json'
import { createShareLink } from '@/lib/usecases/create-share-link'

export const dynamic = 'force-dynamic'

const MAX_HOURS = 24 * 366
const body = z.strictObject({ expiresInHours: z.number().positive().max(MAX_HOURS).optional() })

export const POST = handle<{ incidentId: string }>({
  name: 'share-links.create',
  access: 'viewer',
  async run({ request, params, caller }) {
    const { expiresInHours } = await readJson(request, body)
    const { linkId, token } = await createShareLink(
      uuidParam(params.incidentId, 'incident'),
      Date.now(),
      expiresInHours,
      actorOf(caller),
    )
    return json({ linkId, url: `${baseUrlOf(request)}/share/${token}` }, 201)
  },
})
