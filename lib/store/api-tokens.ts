import 'server-only'
import { hash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { ApiToken, TokenScope } from '@/lib/model/api-token'
import { appendAudit } from './audit-log'
import { prisma, withTransaction } from './client'

const hashOf = (secret: string): Uint8Array<ArrayBuffer> => new Uint8Array(hash('sha256', secret, 'buffer'))
const LISTED = 500
const USE_NOTED_EVERY_MS = 60_000

/** Stores a token by the hash of its secret. */
export async function saveApiToken(
  token: {
    readonly id: string
    readonly secret: string
    readonly name: string
    readonly scopes: readonly TokenScope[]
    readonly cluster?: string
    readonly namespace?: string
    readonly expiresMs?: number
  },
  actor: string,
): Promise<void> {
  const { id, secret, ...told } = token
  await withTransaction(async (client) => {
    await client.query(
      `INSERT INTO api_token (id, name, secret_hash, scopes, cluster, namespace, expires_at)
       VALUES ($1, $2, $3, $4::text[], $5, $6, to_timestamp($7::float8 / 1000))`,
      [
        id,
        token.name,
        hashOf(secret),
        token.scopes,
        token.cluster ?? null,
        token.namespace ?? null,
        token.expiresMs ?? null,
      ],
    )
    await appendAudit(client, { actor, action: 'token.create', subject: `token/${id}`, detail: told })
  })
}

/** Tokens, those in force first, newest first, at most 500. */
export async function listApiTokens(): Promise<ApiToken[]> {
  const rows = await prisma().apiToken.findMany({
    orderBy: [{ revokedAt: { sort: 'desc', nulls: 'first' } }, { createdAt: 'desc' }],
    take: LISTED,
    omit: { secretHash: true },
  })
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: row.scopes as TokenScope[],
    createdMs: row.createdAt.getTime(),
    ...(row.cluster !== null && { cluster: row.cluster }),
    ...(row.namespace !== null && { namespace: row.namespace }),
    ...(row.expiresAt && { expiresMs: row.expiresAt.getTime() }),
    ...(row.lastUsedAt && { lastUsedMs: row.lastUsedAt.getTime() }),
    ...(row.revokedAt && { revokedMs: row.revokedAt.getTime() }),
  }))
}

/** Ends a token for good. Throws `not_found` where there is none by this id. */
export async function revokeApiToken(id: string, nowMs: number, actor: string): Promise<void> {
  await withTransaction(async (client) => {
    const { rows } = await client.query<{ name: string; isRevoked: boolean }>(
      'SELECT name, revoked_at IS NOT NULL AS "isRevoked" FROM api_token WHERE id = $1 FOR UPDATE',
      [id],
    )
    const [token] = rows
    if (!token) throw new AppError('not_found', 'no such token')
    if (token.isRevoked) return
    await client.query('UPDATE api_token SET revoked_at = to_timestamp($2::float8 / 1000) WHERE id = $1', [id, nowMs])
    await appendAudit(client, { actor, action: 'token.revoke', subject: `token/${id}`, detail: { name: token.name } })
  })
}

/** What a token may do now; undefined where the secret is wrong, or the token expired or was revoked. Notes its use, once a minute. */
export async function openApiToken(
  id: string,
  secret: string,
  nowMs: number,
): Promise<
  { readonly scopes: readonly TokenScope[]; readonly cluster?: string; readonly namespace?: string } | undefined
> {
  const row = await prisma().apiToken.findUnique({ where: { id } })
  // Both sides are hashes of a high-entropy secret: the time of this comparison tells nothing about it.
  if (!row || row.revokedAt || !Buffer.from(row.secretHash).equals(hashOf(secret))) return undefined
  if (row.expiresAt && row.expiresAt.getTime() <= nowMs) return undefined
  if (!row.lastUsedAt || nowMs - row.lastUsedAt.getTime() > USE_NOTED_EVERY_MS)
    await prisma().apiToken.update({ where: { id }, data: { lastUsedAt: new Date(nowMs) } })
  return {
    scopes: row.scopes as TokenScope[],
    ...(row.cluster !== null && { cluster: row.cluster }),
    ...(row.namespace !== null && { namespace: row.namespace }),
  }
}
