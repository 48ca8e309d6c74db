import { z } from 'zod'
import { handle, json } from '@/lib/http/handle'
import { isInt64 } from '@/lib/http/id-param'
import { readQuery } from '@/lib/http/read-query'
import { readFlowRecord } from '@/lib/usecases/list-flows'

export const dynamic = 'force-dynamic'

const int64 = z.string().refine(isInt64, { message: 'not a 64-bit number' })
const parameters = z.strictObject({ dataset: z.string().max(64).default(''), at: int64, key: int64 })

/** One kept flow record with what its source sent; `at` and `key` are `startNs` and `recordKey` of its row. */
export const GET = handle({
  name: 'flows.record',
  access: 'viewer',
  async run({ url }) {
    const { dataset, at, key } = readQuery(url, parameters)
    return json(await readFlowRecord(dataset, { startNs: at, recordKey: key }))
  },
})
