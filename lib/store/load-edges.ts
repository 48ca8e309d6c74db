import 'server-only'
import type { EdgeRow } from '@/lib/model/graph-input'
import { query } from './client'

const COLUMNS = `id::text, cluster, client_id::text AS "clientId", server_id::text AS "serverId", protocol, server_port AS "serverPort"`

/** The edges of these ids; unknown ones are missing. Index: primary key. */
export function loadEdges(ids: readonly string[]): Promise<EdgeRow[]> {
  if (ids.length === 0) return Promise.resolve([])
  return query<EdgeRow>(`SELECT ${COLUMNS} FROM edge WHERE id = ANY($1::bigint[])`, [ids])
}

/** Every edge that these endpoints ever were the client of, at most `limit`. Index: client. */
export function loadEdgesOfClients(clientIds: readonly string[], limit: number): Promise<EdgeRow[]> {
  if (clientIds.length === 0) return Promise.resolve([])
  return query<EdgeRow>(`SELECT ${COLUMNS} FROM edge WHERE client_id = ANY($1::bigint[]) ORDER BY id LIMIT $2`, [
    clientIds,
    limit,
  ])
}

/** Ways in which these edges were reported, by edge. Index: edge. */
export function loadVariantIds(
  edgeIds: readonly string[],
): Promise<{ readonly id: string; readonly edgeId: string }[]> {
  if (edgeIds.length === 0) return Promise.resolve([])
  return query('SELECT id::text, edge_id::text AS "edgeId" FROM edge_variant WHERE edge_id = ANY($1::bigint[])', [
    edgeIds,
  ])
}
