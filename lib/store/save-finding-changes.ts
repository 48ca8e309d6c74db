import 'server-only'
import type { FindingChange } from '@/lib/model/finding'
import type { Queryable } from './client'

/** Applies what was planned, in order. A finding that another replica opened meanwhile is left as it is. */
export async function saveFindingChanges(client: Queryable, changes: readonly FindingChange[]): Promise<void> {
  for (const change of changes) await saveOne(client, change)
}

async function saveOne(client: Queryable, change: FindingChange): Promise<void> {
  switch (change.kind) {
    case 'open': {
      const { finding } = change
      await client.query(
        `INSERT INTO finding (id, detector, dataset, cluster, edge_id, status, severity, title, workload, target, count, first_seen, last_seen)
         VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11::float8 / 1000), to_timestamp($12::float8 / 1000))
         ON CONFLICT (detector, edge_id) DO NOTHING`,
        [
          finding.detector,
          finding.dataset,
          finding.cluster,
          finding.edgeId,
          finding.status,
          finding.severity,
          finding.title,
          finding.workload,
          finding.target,
          Math.round(finding.count),
          finding.firstSeenMs,
          finding.lastSeenMs,
        ],
      )
      return
    }
    case 'update':
    case 'reopen': {
      const { severity, title, count, firstSeenMs, lastSeenMs } = change.set
      await client.query(
        `UPDATE finding SET severity = $2, title = $3, count = $4, first_seen = to_timestamp($5::float8 / 1000), last_seen = to_timestamp($6::float8 / 1000),
           status = CASE WHEN $7 THEN 'open' ELSE status END, resolved_at = CASE WHEN $7 THEN NULL ELSE resolved_at END WHERE id = $1::uuid`,
        [change.findingId, severity, title, Math.round(count), firstSeenMs, lastSeenMs, change.kind === 'reopen'],
      )
      return
    }
    case 'resolve':
      await client.query(
        `UPDATE finding SET status = 'resolved', resolved_at = to_timestamp($2::float8 / 1000) WHERE id = $1::uuid`,
        [change.findingId, change.resolvedMs],
      )
      return
    case 'stale':
      await client.query(`UPDATE finding SET status = 'stale' WHERE id = $1::uuid`, [change.findingId])
  }
}
