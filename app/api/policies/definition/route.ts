import { z } from 'zod'
import { AppError } from '@/lib/errors'
import { handle, json } from '@/lib/http/handle'
import { type DefinitionQuery, loadPolicyDefinition } from '@/lib/usecases/load-policy-definition'

export const dynamic = 'force-dynamic'

const name = z.string().max(253)
const params = z.object({
  cluster: name.min(1),
  kind: name.min(1),
  namespace: name.default(''),
  tier: name.default(''),
  name: name.min(1),
  /** Unix milliseconds. */
  at: z.coerce.number().int().min(0).max(8.64e15),
  /** What is marked: the rule that decided in a direction, or what selects the pod. */
  mark: z.enum(['rule', 'selector']).optional(),
  direction: z.enum(['ingress', 'egress']).optional(),
  action: z.enum(['allow', 'deny', 'pass', 'unspecified']).default('unspecified'),
  /** 0-based, in that direction, as the source counts; left out where it did not tell. */
  rule: z.coerce.number().int().min(0).max(100_000).optional(),
})

/** The YAML of a policy as of a time, where a Kubernetes inventory has it. */
export const GET = handle({
  name: 'policy.definition',
  access: 'viewer',
  async run({ url }) {
    const read = params.safeParse(Object.fromEntries(url.searchParams))
    if (!read.success)
      throw new AppError('bad_request', `wrong parameter: ${String(read.error.issues[0]?.path[0] ?? '')}`, {
        hint: 'Needed: cluster, kind, name, at; namespace and tier where the policy has them.',
      })
    const { at, mark, direction, action, rule, ...ref } = read.data
    return json(await loadPolicyDefinition({ ...ref, atMs: at, ...markOf({ mark, direction, action, rule }) }))
  },
})

type MarkParams = Pick<z.infer<typeof params>, 'mark' | 'direction' | 'action' | 'rule'>

function markOf({ mark, direction, action, rule }: MarkParams): Pick<DefinitionQuery, 'mark'> {
  if (mark === 'selector') return { mark }
  if (!direction || (mark === undefined && rule === undefined)) return {}
  return { mark: { direction, action, ...(rule !== undefined && { index: rule }) } }
}
