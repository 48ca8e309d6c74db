import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { readJson } from '@/lib/http/read-json'
import { givenName } from '@/lib/model/given-name'
import { LIMITS } from '@/lib/model/limits'
import { removeView, renameView } from '@/lib/usecases/saved-views'

export const dynamic = 'force-dynamic'

const body = z.strictObject({ name: givenName(LIMITS.savedViewNameChars) })

interface Params {
  readonly viewId: string
}

export const PATCH = handle<Params>({
  name: 'saved-views.rename',
  access: 'viewer',
  async run({ request, params, caller }) {
    const { name } = await readJson(request, body)
    await renameView(uuidParam(params.viewId, 'view'), name, actorOf(caller))
    return new Response(null, { status: 204 })
  },
})

export const DELETE = handle<Params>({
  name: 'saved-views.delete',
  access: 'viewer',
  async run({ params, caller }) {
    await removeView(uuidParam(params.viewId, 'view'), actorOf(caller))
    return new Response(null, { status: 204 })
  },
})
