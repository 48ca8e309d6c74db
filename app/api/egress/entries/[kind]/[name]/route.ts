import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { putEgressEntry, removeEgressEntry } from '@/lib/usecases/edit-egress'
import { egressConfig } from '@/lib/usecases/egress-config'

export const dynamic = 'force-dynamic'

interface Params {
  readonly kind: string
  readonly name: string
}

const KINDS = ['point', 'path', 'rule', 'denied-provider'] as const

function kindOf({ kind }: Params): (typeof KINDS)[number] {
  const known = KINDS.find((item) => item === kind)
  if (!known) throw new AppError('not_found', 'no such kind', { hint: `Known: ${KINDS.join(', ')}.` })
  return known
}

export const PUT = handle<Params>({
  name: 'egress.put',
  access: 'admin',
  async run({ request, params }) {
    await putEgressEntry(kindOf(params), params.name, await readJson(request, z.looseObject({})))
    return json(egressConfig())
  },
})

export const DELETE = handle<Params>({
  name: 'egress.delete',
  access: 'admin',
  async run({ params }) {
    await removeEgressEntry(kindOf(params), params.name)
    return json(egressConfig())
  },
})
