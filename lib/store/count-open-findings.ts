import 'server-only'
import { query } from './client'

/** Open findings per edge id. */
export async function countOpenFindings(dataset: string): Promise<Readonly<Record<string, number>>> {
  const rows = await query<{ edge: string; count: number }>(
    `SELECT edge_id::text AS edge, count(*)::float8 AS count FROM finding WHERE status = 'open' AND dataset = $1 GROUP BY edge_id`,
    [dataset],
  )
  return Object.fromEntries(rows.map((row) => [row.edge, row.count]))
}
