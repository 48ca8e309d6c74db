import 'server-only'
import type { EdgeRow } from '@/lib/model/graph-input'
import { query } from './client'

/** The dictionary's row of an edge; undefined where the dataset has no such edge. */
export async function loadEdge(dataset: string, edgeId: string): Promise<EdgeRow | undefined> {
  const rows = await query<EdgeRow>(
    `SELECT id::text, cluster, client_id::text AS "clientId", server_id::text AS "serverId", protocol, server_port AS "serverPort"
     FROM edge WHERE dataset = $1 AND id = $2`,
    [dataset, edgeId],
  )
  return rows[0]
}
