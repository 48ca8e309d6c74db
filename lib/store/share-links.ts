import 'server-only'
import { hash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { IncidentSnapshot } from '@/lib/model/share'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'

const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer')

/** Stores a link by the hash of its token and answers its id. Throws `not_found` where there is no such incident. */
export async function saveShareLink(
  incidentId: string,
  token: string,
  expiresMs: number | undefined,
  actor: string,
): Promise<string> {
  return withTransaction(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO share_link (id, incident_id, token_hash, expires_at)
       SELECT gen_random_uuid(), id, $2, to_timestamp($3::float8 / 1000) FROM incident WHERE id = $1::uuid RETURNING id::text`,
      [incidentId, hashOf(token), expiresMs ?? null],
    )
    const id = rows[0]?.id
    if (!id) throw new AppError('not_found', 'no such incident')
    const detail = { incidentId, expiresMs: expiresMs ?? null }
    await appendAudit(client, { actor, action: 'share-link.create', subject: `share-link/${id}`, detail })
    return id
  })
}

/** Ends a link for good; ending it again changes nothing. Throws `not_found` where there is none by this id. */
export async function revokeShareLink(linkId: string, actor: string): Promise<void> {
  await withTransaction(async (client) => {
    const { rows } = await client.query<{ incidentId: string; isRevoked: boolean }>(
      'SELECT incident_id::text AS "incidentId", revoked_at IS NOT NULL AS "isRevoked" FROM share_link WHERE id = $1::uuid FOR UPDATE',
      [linkId],
    )
    const [link] = rows
    if (!link) throw new AppError('not_found', 'no such link')
    if (link.isRevoked) return
    await client.query('UPDATE share_link SET revoked_at = now() WHERE id = $1::uuid', [linkId])
    const detail = { incidentId: link.incidentId }
    await appendAudit(client, { actor, action: 'share-link.revoke', subject: `share-link/${linkId}`, detail })
  })
}

/** Whether a token opens something now. */
export async function statusOfShareToken(token: string): Promise<'open' | 'gone' | 'unknown'> {
  const rows = await query<{ gone: boolean }>(
    'SELECT revoked_at IS NOT NULL OR coalesce(expires_at <= now(), false) AS gone FROM share_link WHERE token_hash = $1',
    [hashOf(token)],
  )
  if (!rows[0]) return 'unknown'
  return rows[0].gone ? 'gone' : 'open'
}

export interface OpenedShare {
  readonly snapshot: IncidentSnapshot
  readonly sha256: string
  readonly createdMs: number
  readonly expiresMs?: number
}

/** The frozen evidence behind a token, counted as one view; undefined where the token opens nothing (any more). */
export async function openShareLink(token: string): Promise<OpenedShare | undefined> {
  const rows = await query<Omit<OpenedShare, 'expiresMs'> & { expiresMs: number | null }>(
    `WITH seen AS (
       UPDATE share_link SET views = views + 1, last_view_at = now()
       WHERE token_hash = $1 AND revoked_at IS NULL AND coalesce(expires_at > now(), true) RETURNING incident_id, created_at, expires_at)
     SELECT i.snapshot, encode(i.sha256, 'hex') AS sha256, (extract(epoch FROM s.created_at) * 1000)::float8 AS "createdMs",
       (extract(epoch FROM s.expires_at) * 1000)::float8 AS "expiresMs"
     FROM seen s JOIN incident i ON i.id = s.incident_id`,
    [hashOf(token)],
  )
  const row = rows[0]
  if (!row) return undefined
  const { expiresMs, ...rest } = row
  return { ...rest, ...(expiresMs !== null && { expiresMs }) }
}
