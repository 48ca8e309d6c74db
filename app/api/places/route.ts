import { z } from 'zod'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { readQuery } from '@/lib/http/read-query'
import { graphLayout, LAYOUT_CHANGES, layoutKey } from '@/lib/model/graph-layout'
import { LIMITS } from '@/lib/model/limits'
import { changePlaces, readPlaces } from '@/lib/usecases/graph-places'

export const dynamic = 'force-dynamic'

const which = z.strictObject({ dataset: z.string().max(64).default(''), view: layoutKey })
const body = graphLayout.extend({ change: z.enum(LAYOUT_CHANGES) })

/** Where the nodes of a view stand; a frame sees the same picture. */
export const GET = handle({
  name: 'places.read',
  access: 'embed',
  async run({ url }) {
    const { dataset, view } = readQuery(url, which)
    return json(await readPlaces({ dataset, key: view }))
  },
})

export const PUT = handle({
  name: 'places.change',
  access: 'viewer',
  async run({ request, url }) {
    const { dataset, view } = readQuery(url, which)
    const { change, ...told } = await readJson(request, body, LIMITS.layoutBytes)
    return json(await changePlaces({ dataset, key: view }, change, told))
  },
})
