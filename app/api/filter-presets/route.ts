import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { FILTER_MODES } from '@/lib/model/filter-preset'
import { givenName } from '@/lib/model/given-name'
import { LIMITS } from '@/lib/model/limits'
import { ownPresets, savePreset } from '@/lib/usecases/filter-presets'

export const dynamic = 'force-dynamic'

const body = z.strictObject({
  name: givenName(LIMITS.filterPresetNameChars),
  mode: z.enum(FILTER_MODES),
  expression: z.string().max(LIMITS.filterChars),
})

export const GET = handle({
  name: 'filter-presets.list',
  access: 'viewer',
  run: async ({ caller }) => json(await ownPresets(actorOf(caller))),
})

export const POST = handle({
  name: 'filter-presets.save',
  access: 'viewer',
  run: async ({ request, caller }) => json(await savePreset(await readJson(request, body), actorOf(caller)), 201),
})
