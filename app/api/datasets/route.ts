import { retention } from '@/lib/env'
import { handle, json } from '@/lib/http/handle'
import { listDatasets } from '@/lib/usecases/list-datasets'

export const dynamic = 'force-dynamic'

/** The live dataset and the pinned ones, each with its records and about its size. */
export const GET = handle({
  name: 'datasets.list',
  access: 'viewer',
  run: async () => json(await listDatasets(retention(), Date.now())),
})
