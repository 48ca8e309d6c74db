import 'server-only'
import type { CaseEvent, CaseSummary, IncidentCase } from '@/lib/model/incident-case'
import { type Queryable, query } from './client'
import { storeJson } from './store-json'

interface Row extends Omit<IncidentCase, 'owner' | 'resolvedMs' | 'resolvedReason'> {
  readonly owner: string | null
  readonly resolvedMs: number | null
  readonly resolvedReason: string | null
}

const COLUMNS = `c.id::text, c.dataset, c.cluster, c.cause, c.title, c.summary, c.owner, c.status, c.opened_by AS "openedBy",
  (extract(epoch FROM c.opened_at) * 1000)::float8 AS "openedMs", (extract(epoch FROM c.resolved_at) * 1000)::float8 AS "resolvedMs",
  c.resolved_reason AS "resolvedReason"`

function caseOf({ owner, resolvedMs, resolvedReason, ...row }: Row): IncidentCase {
  return {
    ...row,
    ...(owner !== null && { owner }),
    ...(resolvedMs !== null && { resolvedMs }),
    ...(resolvedReason !== null && { resolvedReason }),
  }
}

/** Incidents that are open, or were resolved since a moment: what planning compares with. */
export async function loadLiveCases(client: Queryable, sinceMs: number): Promise<IncidentCase[]> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM incident_case c WHERE c.status = 'open' OR c.resolved_at > to_timestamp($1::float8 / 1000) ORDER BY c.id`,
    [sinceMs],
  )
  return rows.map(caseOf)
}

/** One incident, in a transaction of its change; undefined where there is none by this id. */
export async function lockCase(client: Queryable, id: string): Promise<IncidentCase | undefined> {
  const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM incident_case c WHERE c.id = $1::uuid FOR UPDATE`, [
    id,
  ])
  return rows[0] && caseOf(rows[0])
}

/** One incident; undefined where there is none by this id. */
export async function loadCase(id: string): Promise<IncidentCase | undefined> {
  const [row] = await query<Row>(`SELECT ${COLUMNS} FROM incident_case c WHERE c.id = $1::uuid`, [id])
  return row && caseOf(row)
}

interface ListedRow extends Row {
  readonly findings: number
  readonly unsettled: number
  readonly severity: CaseSummary['severity'] | null
  readonly lastSeenMs: number | null
  readonly total: number
}

/** Incidents of a dataset, open ones first, then the newest; at most `limit`, with how many there are in all. */
export async function listCases(dataset: string, limit: number): Promise<{ cases: CaseSummary[]; total: number }> {
  const rows = await query<ListedRow>(
    `SELECT ${COLUMNS}, f.findings, f.unsettled, f.severity, f.last AS "lastSeenMs", (count(*) OVER ())::float8 AS total FROM incident_case c
     LEFT JOIN LATERAL (
       SELECT count(*)::float8 AS findings, (count(*) FILTER (WHERE status <> 'resolved' AND accepted_at IS NULL))::float8 AS unsettled,
         (ARRAY['critical', 'high', 'medium', 'low', 'info'])[min(array_position(ARRAY['critical', 'high', 'medium', 'low', 'info'], severity))] AS severity,
         (extract(epoch FROM max(last_seen)) * 1000)::float8 AS last
       FROM finding WHERE case_id = c.id) f ON true
     WHERE c.dataset = $1 ORDER BY (c.status = 'open') DESC, c.opened_at DESC, c.id LIMIT $2`,
    [dataset, limit],
  )
  const cases = rows.map(({ findings, unsettled, severity, lastSeenMs, total: _total, ...row }) => ({
    ...caseOf(row),
    findings,
    unsettled,
    ...(severity !== null && severity !== undefined && { severity }),
    ...(lastSeenMs !== null && { lastSeenMs }),
  }))
  return { cases, total: rows[0]?.total ?? 0 }
}

/** Appends what happened to incidents, in the transaction of the change itself. */
export async function appendCaseEvents(client: Queryable, events: readonly CaseEvent[]): Promise<void> {
  if (events.length === 0) return
  const rows = events.map((event, position) => ({ ...event, position: position % 32_768 }))
  await client.query(
    `INSERT INTO case_event (dataset, case_id, kind, at, position, actor, detail)
     SELECT dataset, "caseId", kind, to_timestamp("atMs" / 1000), position, actor, detail
     FROM jsonb_to_recordset($1::jsonb) AS e(dataset text, "caseId" uuid, kind text, "atMs" float8, position int, actor text, detail jsonb)`,
    [storeJson(rows)],
  )
}

/** What happened to an incident, the newest first, at most `limit`. Index: (case, time). */
export async function loadCaseEvents(caseId: string, limit: number): Promise<CaseEvent[]> {
  return query<CaseEvent>(
    `SELECT dataset, case_id::text AS "caseId", kind, (extract(epoch FROM at) * 1000)::float8 AS "atMs", actor, detail
     FROM case_event WHERE case_id = $1::uuid ORDER BY at DESC, position DESC, id LIMIT $2`,
    [caseId, limit],
  )
}
