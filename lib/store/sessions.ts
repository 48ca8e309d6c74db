import 'server-only'
import { hash } from 'node:crypto'
import { appendAudit } from './audit-log'
import { query, withTransaction } from './client'

/** The cookie's value is bound to the admin token, so that changing that token ends every session. */
const hashOf = (cookie: string, adminToken: string): Buffer =>
  hash('sha256', JSON.stringify([cookie, adminToken]), 'buffer')

export interface NewSession {
  readonly nowMs: number
  readonly expiresMs: number
  /** What the person called themselves. */
  readonly name?: string
  /** The same as the audit log has it. */
  readonly actor: string
}

/** Stores a session by a hash of its cookie, and removes those that have expired. */
export async function saveSession(cookie: string, adminToken: string, session: NewSession): Promise<void> {
  await withTransaction(async (client) => {
    await client.query('DELETE FROM session WHERE expires_at <= to_timestamp($1::float8 / 1000)', [session.nowMs])
    await client.query(
      'INSERT INTO session (id_hash, expires_at, name) VALUES ($1, to_timestamp($2::float8 / 1000), $3)',
      [hashOf(cookie, adminToken), session.expiresMs, session.name ?? null],
    )
    await appendAudit(client, { actor: session.actor, action: 'session.start', subject: 'session', detail: {} })
  })
}

/** A session that goes on, with the name that was given; undefined for none. */
export async function loadSession(
  cookie: string,
  adminToken: string,
  nowMs: number,
): Promise<{ readonly name?: string } | undefined> {
  const [row] = await query<{ name: string | null }>(
    'SELECT name FROM session WHERE id_hash = $1 AND expires_at > to_timestamp($2::float8 / 1000)',
    [hashOf(cookie, adminToken), nowMs],
  )
  return row && (row.name === null ? {} : { name: row.name })
}

/** Ends a session; one that is gone already is no error. */
export async function endSession(
  cookie: string,
  adminToken: string,
  actorOf: (name: string | undefined) => string,
): Promise<void> {
  await withTransaction(async (client) => {
    const { rows } = await client.query<{ name: string | null }>(
      'DELETE FROM session WHERE id_hash = $1 RETURNING name',
      [hashOf(cookie, adminToken)],
    )
    const [ended] = rows
    if (!ended) return
    const actor = actorOf(ended.name ?? undefined)
    await appendAudit(client, { actor, action: 'session.end', subject: 'session', detail: {} })
  })
}
