import 'server-only'
import type { Queryable } from './client'
import { mergeOldFindings, type OldFinding } from './merge-old-findings'

/**
 * Makes over the findings that the version before wrote, one per edge: one row per key, with summed counts. Under the lock of changes. Where
 * a current row has the key already, theirs go: what judged doors count in all, the current row counts too. Links to rows that go
 * lead to the row that stays. Changes nothing where there are none; a replica of the version before may write more meanwhile.
 */
export async function adoptOldFindings(client: Queryable): Promise<void> {
  const old = await client.query<OldFinding>(
    `SELECT id::text, detector, dataset, cluster, edge_id::text AS "edgeId", status, severity, workload, target, count::float8,
       (extract(epoch FROM first_seen) * 1000)::float8 AS "firstMs", (extract(epoch FROM last_seen) * 1000)::float8 AS "lastMs",
       (extract(epoch FROM resolved_at) * 1000)::float8 AS "resolvedMs" FROM finding WHERE is_current IS NULL AND edge_id IS NOT NULL`,
  )
  for (const { id, merged, edgeIds, target, ...row } of mergeOldFindings(old.rows)) {
    const current = await client.query<{ id: string }>(
      `SELECT id::text FROM finding WHERE dataset = $1 AND detector = $2 AND cluster = $3 AND workload = $4 AND target = $5 AND is_current`,
      [row.dataset, row.detector, row.cluster, row.workload, target],
    )
    const stays = current.rows[0]?.id
    const gone = stays === undefined ? merged : [id, ...merged]
    await client.query('UPDATE incident SET finding_id = $1::uuid WHERE finding_id = ANY($2::uuid[])', [
      stays ?? id,
      gone,
    ])
    await client.query('DELETE FROM finding WHERE id = ANY($1::uuid[])', [gone])
    if (stays === undefined)
      await client.query(
        `UPDATE finding SET is_current = true, edge_ids = $2::bigint[], target = $3, status = $4, severity = $5, count = $6, opened_at = first_seen,
           first_seen = to_timestamp($7::float8 / 1000), resolved_at = to_timestamp($8::float8 / 1000) WHERE id = $1::uuid`,
        [id, edgeIds, target, row.status, row.severity, Math.round(row.count), row.firstMs, row.resolvedMs],
      )
  }
}
