import 'server-only'
import type { AuditCursor, AuditEntry, AuditFilter, AuditRow } from '@/lib/model/audit'
import type { TimeRange } from '@/lib/model/time-range'
import { type Queryable, query, withTransaction } from './client'
import { storeJson, storeText } from './store-json'

const MOST_ACTOR = 200
const MOST_SUBJECT = 300

/** Appends one entry in the caller's transaction: what was done and that it was done are committed together. */
export async function appendAudit(client: Queryable, { actor, action, subject, detail }: AuditEntry): Promise<void> {
  await client.query('INSERT INTO audit_entry (actor, action, subject, detail) VALUES ($1, $2, $3, $4::jsonb)', [
    storeText(actor.slice(0, MOST_ACTOR)),
    action,
    storeText(subject.slice(0, MOST_SUBJECT)),
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

/** One entry of what no row of ours changes with. */
export const saveAudit = (entry: AuditEntry): Promise<void> => withTransaction((client) => appendAudit(client, entry))

/** Entries of a stretch of time, newest first, at most `limit`, from behind a cursor. Index: time. */
export async function listAudit(
  filter: Required<Pick<AuditFilter, 'fromMs' | 'toMs'>> & AuditFilter,
  limit: number,
  after?: AuditCursor,
): Promise<AuditRow[]> {
  return query<AuditRow>(
    `SELECT id::text, (extract(epoch FROM at) * 1000)::float8 AS "atMs", actor, action, subject, detail FROM audit_entry a
     WHERE at >= to_timestamp($1::float8 / 1000) AND at < to_timestamp($2::float8 / 1000)
       AND ($3::text IS NULL OR starts_with(actor, $3)) AND ($4::text IS NULL OR starts_with(action, $4))
       AND ($5::text IS NULL OR starts_with(subject, $5))
       AND ($6::float8 IS NULL OR (at <= to_timestamp($6::float8 / 1000) AND (at, a.id) < (to_timestamp($6::float8 / 1000), $7::uuid)))
     ORDER BY at DESC, a.id DESC LIMIT $8`,
    [
      filter.fromMs,
      filter.toMs,
      filter.actor ?? null,
      filter.action ?? null,
      filter.subject ?? null,
      after?.atMs ?? null,
      after?.id ?? null,
      limit,
    ],
  )
}
