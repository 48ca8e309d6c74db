import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { givenName } from '@/lib/model/given-name'
import { LIMITS } from '@/lib/model/limits'
import { savedViews, saveView } from '@/lib/usecases/saved-views'

export const dynamic = 'force-dynamic'

const body = z.strictObject({
  name: givenName(LIMITS.savedViewNameChars),
  path: z.string().max(LIMITS.linkPathChars),
})

export const GET = handle({
  name: 'saved-views.list',
  access: 'viewer',
  run: async () => json({ views: await savedViews() }),
})

export const POST = handle({
  name: 'saved-views.save',
  access: 'viewer',
  run: async ({ request, caller }) => json(await saveView(await readJson(request, body), actorOf(caller)), 201),
})
