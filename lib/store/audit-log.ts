import 'server-only'
import type { AuditEntry, AuditRow } from '@/lib/model/audit'
import type { TimeRange } from '@/lib/model/time-range'
import { type Queryable, query } from './client'
import { storeJson } from './store-json'

const MOST_ACTOR = 200
const MOST_SUBJECT = 300

/** Appends one entry in the caller's transaction: what was done and that it was done are committed together. */
export async function appendAudit(client: Queryable, { actor, action, subject, detail }: AuditEntry): Promise<void> {
  await client.query('INSERT INTO audit_entry (actor, action, subject, detail) VALUES ($1, $2, $3, $4::jsonb)', [
    actor.slice(0, MOST_ACTOR),
    action,
    subject.slice(0, MOST_SUBJECT),
    storeJson(detail),
  ])
}

/** Entries of actions that begin so in `[fromMs, toMs)`, oldest first, at most `limit`. Index: (at). */
export async function listAuditBetween(
  actionPrefix: string,
  { fromMs, toMs }: TimeRange,
  limit: number,
): Promise<AuditRow[]> {
  return query<AuditRow>(
    `SELECT id::text, (extract(epoch FROM at) * 1000)::float8 AS "atMs", actor, action, subject, detail FROM audit_entry
     WHERE at >= to_timestamp($2::float8 / 1000) AND at < to_timestamp($3::float8 / 1000) AND starts_with(action, $1) ORDER BY at, id LIMIT $4`,
    [actionPrefix, fromMs, toMs, limit],
  )
}

/** Entries before a moment, newest first, at most `limit`; of one subject where it is given. */
export async function listAudit(limit: number, beforeMs?: number, subject?: string): Promise<AuditRow[]> {
  return query<AuditRow>(
    `SELECT id::text, (extract(epoch FROM at) * 1000)::float8 AS "atMs", actor, action, subject, detail FROM audit_entry
     WHERE at < coalesce(to_timestamp($2::float8 / 1000), 'infinity') AND ($3::text IS NULL OR subject = $3) ORDER BY at DESC, id LIMIT $1`,
    [limit, beforeMs ?? null, subject ?? null],
  )
}
