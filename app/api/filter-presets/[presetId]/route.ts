import { actorOf } from '@/lib/http/actor'
import { handle } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { removePreset } from '@/lib/usecases/filter-presets'

export const dynamic = 'force-dynamic'

interface Params {
  readonly presetId: string
}

export const DELETE = handle<Params>({
  name: 'filter-presets.delete',
  access: 'viewer',
  async run({ params, caller }) {
    await removePreset(uuidParam(params.presetId, 'preset'), actorOf(caller))
    return new Response(null, { status: 204 })
  },
})
