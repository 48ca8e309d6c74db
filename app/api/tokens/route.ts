import { z } from 'zod'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readJson } from '@/lib/http/read-json'
import { TOKEN_SCOPES } from '@/lib/model/api-token'
import { apiTokens, createApiToken } from '@/lib/usecases/api-tokens'

export const dynamic = 'force-dynamic'

const body = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(z.enum(TOKEN_SCOPES)).min(1),
  cluster: z.string().trim().min(1).max(128).optional(),
  expiresInDays: z
    .number()
    .positive()
    .max(366 * 5)
    .optional(),
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
    const { cluster, expiresInDays, ...wanted } = await readJson(request, body)
    const made = await createApiToken(
      { ...wanted, ...(cluster && { cluster }), ...(expiresInDays && { expiresInDays }) },
      Date.now(),
      actorOf(caller),
    )
    return json(made, 201)
  },
})
