import 'server-only'
import type { IncidentSummary, ShareLink } from '@/lib/model/share'
import { query } from './client'

/** Frozen evidence of an incident, newest first, at most `limit`. Index: (case). */
export async function listFrozen(
  caseId: string,
  limit: number,
): Promise<{ readonly id: string; readonly title: string; readonly createdMs: number }[]> {
  return query(
    `SELECT id::text, title, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs" FROM incident
     WHERE case_id = $1::uuid ORDER BY created_at DESC, id LIMIT $2`,
    [caseId, limit],
  )
}

interface Row extends Omit<IncidentSummary, 'findingId' | 'edgeId'> {
  readonly findingId: string | null
  readonly edgeId: string | null
  readonly total: number
}

/** Incidents, newest first, at most `limit`, with every link of each, and how many there are in all. */
export async function listIncidents(limit: number): Promise<{ incidents: IncidentSummary[]; total: number }> {
  const rows = await query<Row & { links: (Omit<ShareLink, 'expiresMs'> & { expiresMs: number | null })[] | null }>(
    `SELECT i.id::text, i.title, (extract(epoch FROM i.created_at) * 1000)::float8 AS "createdMs", i.finding_id::text AS "findingId",
       i.edge_id::text AS "edgeId", encode(i.sha256, 'hex') AS sha256, (count(*) OVER ())::float8 AS total,
       (SELECT json_agg(json_strip_nulls(json_build_object('id', l.id, 'incidentId', i.id, 'title', i.title,
          'createdMs', floor(extract(epoch FROM l.created_at) * 1000), 'expiresMs', floor(extract(epoch FROM l.expires_at) * 1000),
          'revokedMs', floor(extract(epoch FROM l.revoked_at) * 1000), 'views', l.views,
          'lastViewMs', floor(extract(epoch FROM l.last_view_at) * 1000))) ORDER BY l.created_at DESC) FROM share_link l WHERE l.incident_id = i.id) AS links
     FROM incident i ORDER BY i.created_at DESC, i.id LIMIT $1`,
    [limit],
  )
  const incidents = rows.map(({ total: _total, findingId, edgeId, links, ...row }) => ({
    ...row,
    ...(findingId && { findingId }),
    ...(edgeId && { edgeId }),
    links: (links ?? []).map(({ expiresMs, ...link }) => ({ ...link, ...(expiresMs && { expiresMs }) })),
  }))
  return { incidents, total: rows[0]?.total ?? 0 }
}
