import 'server-only'
import { query } from './client'

/** Ids of the edges that begin or end at any of these endpoints. */
export async function loadEdgesOf(dataset: string, endpointIds: readonly string[]): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT id::text FROM edge WHERE dataset = $1 AND client_id = ANY($2::bigint[])
     UNION SELECT id::text FROM edge WHERE dataset = $1 AND server_id = ANY($2::bigint[])`,
    [dataset, endpointIds],
  )
  return rows.map((row) => row.id)
}
