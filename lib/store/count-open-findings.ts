import 'server-only'
import { query } from './client'

/** Open findings per edge id, without those whose risk is accepted. */
export async function countOpenFindings(dataset: string): Promise<Readonly<Record<string, number>>> {
  const rows = await query<{ edge: string; count: number }>(
    `SELECT e.id::text AS edge, count(*)::float8 AS count FROM finding f CROSS JOIN LATERAL unnest(f.edge_ids) AS e(id)
     WHERE f.status = 'open' AND f.dataset = $1 AND f.is_current AND f.accepted_at IS NULL GROUP BY e.id`,
    [dataset],
  )
  return Object.fromEntries(rows.map((row) => [row.edge, row.count]))
}
