import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { TOKEN_SCOPES } from '@/lib/model/api-token'
import { apiTokens, createApiToken } from '@/lib/usecases/api-tokens'

export const dynamic = 'force-dynamic'

const body = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    scopes: z.array(z.enum(TOKEN_SCOPES)).min(1),
    cluster: z.string().trim().min(1).max(128).optional(),
    namespace: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'not the name of a namespace')
      .optional(),
    expiresInDays: z
      .number()
      .positive()
      .max(366 * 5)
      .optional(),
  })
  // It lies in a workload's namespace: who reads it there must not be able to do anything else.
  .refine(({ scopes }) => !scopes.includes('canary') || scopes.every((scope) => scope === 'canary'), {
    path: ['scopes'],
    error: 'canary stands alone',
  })
  .refine(({ scopes, cluster, namespace }) => !scopes.includes('canary') || (cluster && namespace), {
    path: ['namespace'],
    error: 'a token of scope canary names its cluster and namespace',
  })

export const GET = handle({
  name: 'tokens.list',
  access: 'admin',
  run: async () => json({ tokens: await apiTokens() }),
})

export const POST = handle({
  name: 'tokens.create',
  access: 'admin',
  async run({ request, caller }) {
    const { cluster, namespace, expiresInDays, ...wanted } = await readJson(request, body)
    const made = await createApiToken(
      {
        ...wanted,
        ...(cluster && { cluster }),
        ...(namespace && { namespace }),
        ...(expiresInDays && { expiresInDays }),
      },
      Date.now(),
      actorOf(caller),
    )
    return json(made, 201)
  },
})
