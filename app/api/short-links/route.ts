import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { LIMITS } from '@/lib/model/limits'
import { makeShortLink } from '@/lib/usecases/short-links'

export const dynamic = 'force-dynamic'

const body = z.strictObject({ path: z.string().max(LIMITS.linkPathChars) })

export const POST = handle({
  name: 'short-links.create',
  access: 'viewer',
  run: async ({ request, caller }) =>
    json(await makeShortLink((await readJson(request, body)).path, actorOf(caller)), 201),
})
