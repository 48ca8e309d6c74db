import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { deleteDataset } from '@/lib/usecases/delete-dataset'
import { getDataset, renameDataset } from '@/lib/usecases/name-dataset'

export const dynamic = 'force-dynamic'

interface Params {
  readonly name: string
}

const body = z.strictObject({ title: z.string().max(1000).nullable() })

/** Its title and whether it is being deleted: what a header shows. */
export const GET = handle<Params>({
  name: 'datasets.read',
  access: 'viewer',
  run: async ({ params }) => json(await getDataset(params.name)),
})

export const PATCH = handle<Params>({
  name: 'datasets.rename',
  access: 'admin',
  async run({ request, params, caller }) {
    const { title } = await readJson(request, body)
    return json(await renameDataset(params.name, title ?? '', actorOf(caller)))
  },
})

/** 202: from now on it takes no records; it is gone once GET answers 404. */
export const DELETE = handle<Params>({
  name: 'datasets.delete',
  access: 'admin',
  async run({ params, caller }) {
    await deleteDataset(params.name, actorOf(caller))
    return json({ name: params.name, deleting: true }, 202)
  },
})
