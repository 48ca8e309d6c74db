import 'server-only'
import type { Finding, FindingTally, TrackedFinding } from '@/lib/model/finding'
import type { CaseFinding } from '@/lib/model/incident-case'
import type { Queryable } from './client'
import { query } from './client'

interface Row extends Omit<Finding, 'resolvedMs' | 'acknowledged' | 'assignee' | 'accepted' | 'caseId'> {
  readonly resolvedMs: number | null
  readonly acknowledgedMs: number | null
  readonly acknowledgedBy: string | null
  readonly assignee: string | null
  readonly acceptedMs: number | null
  readonly acceptedBy: string | null
  readonly acceptedReason: string | null
  readonly acceptedUntilMs: number | null
  readonly caseId: string | null
}

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`

/** Columns of a finding, as `findingOf` takes them. Rows of the version before have one edge. */
export const FINDING_COLUMNS = `id::text, detector, status, severity, certainty, dataset, cluster, workload, target, title, facts, disproof, cause,
  CASE WHEN edge_id IS NOT NULL AND cardinality(edge_ids) = 0 THEN ARRAY[edge_id::text] ELSE edge_ids::text[] END AS "edgeIds", count::float8,
  ${ms('first_seen')} AS "firstSeenMs", ${ms('last_seen')} AS "lastSeenMs", ${ms('coalesce(opened_at, first_seen)')} AS "openedMs",
  ${ms('resolved_at')} AS "resolvedMs", ${ms('acknowledged_at')} AS "acknowledgedMs", acknowledged_by AS "acknowledgedBy", assignee,
  ${ms('accepted_at')} AS "acceptedMs", accepted_by AS "acceptedBy", accepted_reason AS "acceptedReason",
  ${ms('accepted_until')} AS "acceptedUntilMs", case_id::text AS "caseId"`

function findingOf(row: Row): Finding {
  const { resolvedMs, acknowledgedMs, acknowledgedBy, assignee, acceptedMs, acceptedBy, acceptedReason, ...rest } = row
  const { acceptedUntilMs, caseId, ...finding } = rest
  return {
    ...finding,
    ...(resolvedMs !== null && { resolvedMs }),
    ...(acknowledgedMs !== null && { acknowledged: { by: acknowledgedBy ?? '', atMs: acknowledgedMs } }),
    ...(assignee !== null && { assignee }),
    ...(acceptedMs !== null && {
      accepted: {
        by: acceptedBy ?? '',
        atMs: acceptedMs,
        reason: acceptedReason ?? '',
        ...(acceptedUntilMs !== null && { untilMs: acceptedUntilMs }),
      },
    }),
    ...(caseId !== null && { caseId }),
  }
}

export interface FindingFilter {
  readonly dataset: string
  readonly edgeId?: string
  /** Of any of these. */
  readonly edgeIds?: readonly string[]
  readonly status?: Finding['status']
  readonly caseId?: string
  /** True for accepted risks alone, false for the others; both where it is absent. */
  readonly isAccepted?: boolean
  /** Also those that another went on from. */
  readonly isPastToo?: true
}

/**
 * Current findings of a dataset: those that nobody accepted first, of these the open ones, then the worst, then the newest; at most
 * `limit`, and how many there are in all. Those of an edge by the index on edges.
 */
export async function loadFindings(
  filter: FindingFilter,
  limit: number,
): Promise<{ findings: Finding[]; total: number }> {
  const rows = await query<Row & { total: number }>(
    `SELECT ${FINDING_COLUMNS}, (count(*) OVER ())::float8 AS total FROM finding
     WHERE dataset = $1 AND (is_current IS NOT FALSE OR $7::bool) AND ($2::bigint[] IS NULL OR edge_ids && $2::bigint[]) AND ($3::text IS NULL OR status = $3)
       AND ($4::uuid IS NULL OR case_id = $4) AND ($5::bool IS NULL OR (accepted_at IS NOT NULL) = $5)
     ORDER BY (accepted_at IS NULL) DESC, (status = 'open') DESC, array_position(ARRAY['critical', 'high', 'medium', 'low', 'info'], severity), last_seen DESC, id
     LIMIT $6`,
    [
      filter.dataset,
      filter.edgeIds ?? (filter.edgeId === undefined ? null : [filter.edgeId]),
      filter.status ?? null,
      filter.caseId ?? null,
      filter.isAccepted ?? null,
      limit,
      filter.isPastToo ?? false,
    ],
  )
  return { findings: rows.map(({ total: _total, ...row }) => findingOf(row)), total: rows[0]?.total ?? 0 }
}

/** One finding; undefined where there is none by this id. */
export async function loadFinding(id: string): Promise<Finding | undefined> {
  const [row] = await query<Row>(`SELECT ${FINDING_COLUMNS} FROM finding WHERE id = $1::uuid`, [id])
  return row && findingOf(row)
}

/** Findings by their ids, locked until the end of the transaction, in the order of their ids. */
export async function lockFindings(client: Queryable, ids: readonly string[]): Promise<Finding[]> {
  const { rows } = await client.query<Row>(
    `SELECT ${FINDING_COLUMNS} FROM finding WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE`,
    [ids],
  )
  return rows.map(findingOf)
}

/**
 * What planning of incidents looks at: findings of these incidents, these findings, and open ones that belong to none, may join one, and
 * are not accepted.
 */
export async function loadCaseFindings(
  client: Queryable,
  caseIds: readonly string[],
  findingIds: readonly string[],
): Promise<CaseFinding[]> {
  const { rows } = await client.query<Row & { isCaseChosen: boolean }>(
    `SELECT ${FINDING_COLUMNS}, is_case_chosen AS "isCaseChosen" FROM finding
     WHERE case_id = ANY($1::uuid[]) OR id = ANY($2::uuid[])
       OR (is_current AND status = 'open' AND case_id IS NULL AND accepted_at IS NULL AND NOT is_case_chosen) ORDER BY id`,
    [caseIds, findingIds],
  )
  return rows.map(({ isCaseChosen, ...row }) => ({ ...findingOf(row), isCaseChosen }))
}

interface TrackedRow extends Row {
  readonly tally: Partial<FindingTally>
}

/** Every current finding, whatever its status: what planning compares with. One row per key. */
export async function loadCurrentFindings(client: Queryable): Promise<TrackedFinding[]> {
  const result = await client.query<TrackedRow>(`SELECT ${FINDING_COLUMNS}, tally FROM finding WHERE is_current`)
  return result.rows.map(({ tally, ...row }) => ({
    ...findingOf(row),
    tally: { before: 0, base: 0, foldedMs: 0, slots: [], ...tally },
  }))
}
