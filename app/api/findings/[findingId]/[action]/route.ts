import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { uuidParam } from '@/lib/http/id-param'
import { readJson } from '@/lib/http/read-json'
import { LIMITS } from '@/lib/model/limits'
import { actOnFinding } from '@/lib/usecases/change-findings'

export const dynamic = 'force-dynamic'

const NOTHING = z.strictObject({})
const reason = z.string().trim().min(1).max(LIMITS.reasonChars)

/** Each thing that a person can do with a finding, and what it wants to be told. */
const BODIES = {
  acknowledge: NOTHING.transform(() => ({ kind: 'acknowledge' as const })),
  unacknowledge: NOTHING.transform(() => ({ kind: 'unacknowledge' as const })),
  'end-acceptance': NOTHING.transform(() => ({ kind: 'end-acceptance' as const })),
  assign: z
    .strictObject({ assignee: z.string().trim().max(LIMITS.assigneeChars) })
    .transform(({ assignee }) => ({ kind: 'assign' as const, assignee })),
  // An end is told, or that there is none: a risk is never accepted for ever by leaving something out.
  accept: z
    .strictObject({ reason, until: z.union([z.number().int().positive(), z.literal('ended')]) })
    .transform(({ reason, until }) => ({
      kind: 'accept' as const,
      reason,
      ...(until !== 'ended' && { untilMs: until }),
    })),
  comment: z
    .strictObject({ text: z.string().trim().min(1).max(LIMITS.commentChars) })
    .transform(({ text }) => ({ kind: 'comment' as const, text })),
}

const isAction = (name: string): name is keyof typeof BODIES => Object.hasOwn(BODIES, name)

export const POST = handle<{ findingId: string; action: string }>({
  name: 'findings.act',
  access: 'admin',
  async run({ request, params, caller }) {
    const id = uuidParam(params.findingId, 'finding')
    if (!isAction(params.action)) throw new AppError('not_found', 'nothing of that name can be done with a finding')
    const action = await readJson(request, BODIES[params.action])
    return json({ finding: await actOnFinding(id, action, { actor: actorOf(caller), nowMs: Date.now() }) })
  },
})
