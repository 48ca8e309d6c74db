import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { LONGEST_LIFE_MS } from './connection-key'

/** Addresses at both ends of an edge that leaves the cluster. */
export interface ConnectionAddresses {
  readonly edgeId: string
  readonly clientIps: readonly string[] | null
  readonly serverIps: readonly string[] | null
}

/** Newest connections of an edge that are looked at. */
const CONNECTIONS_OF_EDGE = 32

/**
 * Addresses of the newest connections of each edge that were alive in a window; edges without connections are missing. Index
 * egress_connection (edge id, last at), in the partitions of the window and of a day before.
 */
export async function loadConnectionAddresses(
  dataset: string,
  window: TimeRange,
  edgeIds: readonly string[],
): Promise<ReadonlyMap<string, ConnectionAddresses>> {
  if (edgeIds.length === 0) return new Map()
  const rows = await query<ConnectionAddresses & { readonly edgeId: string }>(
    `SELECT u.id::text AS "edgeId", t.clients AS "clientIps", t.servers AS "serverIps" FROM unnest($5::bigint[]) AS u(id) CROSS JOIN LATERAL (
       SELECT count(*) AS connections, array_agg(DISTINCT n.client_ip) FILTER (WHERE n.client_ip IS NOT NULL) AS clients,
         array_agg(DISTINCT n.server_ip) FILTER (WHERE n.server_ip IS NOT NULL) AS servers
       FROM (SELECT c.client_ip, c.server_ip FROM egress_connection c WHERE c.edge_id = u.id AND c.dataset = $1
         AND c.last_at >= to_timestamp($2::float8 / 1000) AND c.first_at >= to_timestamp($4::float8 / 1000) AND c.first_at < to_timestamp($3::float8 / 1000)
         ORDER BY c.last_at DESC LIMIT ${CONNECTIONS_OF_EDGE}) n) t
     WHERE t.connections > 0`,
    [dataset, window.fromMs, window.toMs, window.fromMs - LONGEST_LIFE_MS, edgeIds],
  )
  return new Map(rows.map((row) => [row.edgeId, row]))
}
