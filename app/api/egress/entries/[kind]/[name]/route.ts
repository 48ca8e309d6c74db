import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { actorOf } from '@/lib/http/actor'
import { expectedRevision } from '@/lib/http/expected-revision'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { EGRESS_KINDS, type EgressKind } from '@/lib/model/egress-entry'
import { putEgressEntry, removeEgressEntry } from '@/lib/usecases/edit-egress'
import { egressConfig } from '@/lib/usecases/egress-config'

export const dynamic = 'force-dynamic'

interface Params {
  readonly kind: string
  readonly name: string
}

function kindOf({ kind }: Params): EgressKind {
  const known = EGRESS_KINDS.find((item) => item === kind)
  if (!known) throw new AppError('not_found', 'no such kind', { hint: `Known: ${EGRESS_KINDS.join(', ')}.` })
  return known
}

export const PUT = handle<Params>({
  name: 'egress.put',
  access: 'admin',
  async run({ request, url, params, caller }) {
    const entry = await readJson(request, z.looseObject({}))
    await putEgressEntry(kindOf(params), params.name, entry, {
      actor: actorOf(caller),
      origin: url.searchParams.get('origin') === 'ui' ? 'ui' : 'api',
      ...expectedRevision(request),
    })
    return json(egressConfig())
  },
})

export const DELETE = handle<Params>({
  name: 'egress.delete',
  access: 'admin',
  async run({ request, params, caller }) {
    await removeEgressEntry(kindOf(params), params.name, { actor: actorOf(caller), ...expectedRevision(request) })
    return json(egressConfig())
  },
})
