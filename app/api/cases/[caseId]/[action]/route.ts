import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { readJson } from '@/lib/http/read-json'
import { LIMITS } from '@/lib/model/limits'
import { actOnIncident } from '@/lib/usecases/change-findings'

export const dynamic = 'force-dynamic'

const findingIds = z.array(z.uuid()).min(1).max(LIMITS.caseFindings)

/** Each thing that a person can do with an incident, and what it wants to be told. */
const BODIES = {
  own: z
    .strictObject({ owner: z.string().trim().max(LIMITS.assigneeChars) })
    .transform(({ owner }) => ({ kind: 'own' as const, owner })),
  resolve: z
    .strictObject({ reason: z.string().trim().min(1).max(LIMITS.reasonChars) })
    .transform(({ reason }) => ({ kind: 'resolve' as const, reason })),
  reopen: z.strictObject({}).transform(() => ({ kind: 'reopen' as const })),
  comment: z
    .strictObject({ text: z.string().trim().min(1).max(LIMITS.commentChars) })
    .transform(({ text }) => ({ kind: 'comment' as const, text })),
  add: z.strictObject({ findingIds }).transform((told) => ({ kind: 'add' as const, ...told })),
  remove: z.strictObject({ findingIds }).transform((told) => ({ kind: 'remove' as const, ...told })),
  merge: z.strictObject({ into: z.uuid() }).transform(({ into }) => ({ kind: 'merge' as const, intoId: into })),
}

const isAction = (name: string): name is keyof typeof BODIES => Object.hasOwn(BODIES, name)

export const POST = handle<{ caseId: string; action: string }>({
  name: 'cases.act',
  access: 'admin',
  async run({ request, params, caller }) {
    const id = uuidParam(params.caseId, 'incident')
    if (!isAction(params.action)) throw new AppError('not_found', 'nothing of that name can be done with an incident')
    const action = await readJson(request, BODIES[params.action])
    await actOnIncident(id, action, { actor: actorOf(caller), nowMs: Date.now() })
    return json({})
  },
})
