import 'server-only'
import type { Finding } from '@/lib/model/finding'
import type { Queryable } from './client'
import { query } from './client'

interface Row extends Omit<Finding, 'resolvedMs'> {
  readonly resolvedMs: number | null
}

const COLUMNS = `id::text, detector, status, severity, dataset, cluster, edge_id::text AS "edgeId", title, workload, target, count::float8,
  (extract(epoch FROM first_seen) * 1000)::float8 AS "firstSeenMs", (extract(epoch FROM last_seen) * 1000)::float8 AS "lastSeenMs",
  (extract(epoch FROM resolved_at) * 1000)::float8 AS "resolvedMs"`

const findingOf = ({ resolvedMs, ...row }: Row): Finding => ({ ...row, ...(resolvedMs !== null && { resolvedMs }) })

export interface FindingFilter {
  readonly dataset: string
  readonly edgeId?: string
  readonly status?: Finding['status']
}

/** Findings of a dataset, open first, then the worst, then the newest; at most `limit`, and how many there are in all. */
export async function loadFindings(
  filter: FindingFilter,
  limit: number,
): Promise<{ findings: Finding[]; total: number }> {
  const rows = await query<Row & { total: number }>(
    `SELECT ${COLUMNS}, (count(*) OVER ())::float8 AS total FROM finding
     WHERE dataset = $1 AND ($2::bigint IS NULL OR edge_id = $2) AND ($3::text IS NULL OR status = $3)
     ORDER BY (status = 'open') DESC, array_position(ARRAY['critical', 'high', 'medium', 'low', 'info'], severity), last_seen DESC, id LIMIT $4`,
    [filter.dataset, filter.edgeId ?? null, filter.status ?? null, limit],
  )
  return { findings: rows.map(({ total: _total, ...row }) => findingOf(row)), total: rows[0]?.total ?? 0 }
}

/** One finding; undefined where there is none by this id. */
export async function loadFinding(id: string): Promise<Finding | undefined> {
  const rows = await query<Row>(`SELECT ${COLUMNS} FROM finding WHERE id = $1::uuid`, [id])
  return rows[0] && findingOf(rows[0])
}

/** Every finding, whatever its status: what planning compares with. One row per (detector, edge), so as many as edges at most. */
export async function loadAllFindings(client: Queryable): Promise<Finding[]> {
  const result = await client.query<Row>(`SELECT ${COLUMNS} FROM finding`)
  return result.rows.map(findingOf)
}
