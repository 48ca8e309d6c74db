import { z } from 'zod'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { EGRESS_KINDS } from '@/lib/model/egress-entry'
import { previewEgress } from '@/lib/usecases/preview-egress'

export const dynamic = 'force-dynamic'

const named = { kind: z.enum(EGRESS_KINDS), name: z.string().max(1000), dataset: z.string().max(200).default('') }
const revision = { expected: z.string().max(100).nullable().optional() }
const bodySchema = z.union([
  z.strictObject({ ...named, ...revision, entry: z.looseObject({}) }),
  z.strictObject({ ...named, ...revision, remove: z.literal(true) }),
])

/** What an entry, or taking it away, would change. */
export const POST = handle({
  name: 'egress.preview',
  access: 'admin',
  async run({ request }) {
    const { dataset, ...body } = await readJson(request, bodySchema)
    const { kind, name, expected } = body
    const key = { kind, name, ...(expected !== undefined && { expected }) }
    const change =
      'entry' in body
        ? ({ what: 'put', ...key, entry: body.entry, origin: 'ui' } as const)
        : ({ what: 'remove', ...key } as const)
    return json(await previewEgress(change, dataset, Date.now()))
  },
})
