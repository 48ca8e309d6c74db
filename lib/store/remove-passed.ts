import 'server-only'
import type { Queryable } from './client'
import { beginningsOf, isKeyOf, isWithin } from './connection-key'
import type { Connection } from './group-connections'
import { byId } from './row-order'

/**
 * Deletes connections that turned out to be others (givePassed), with their judgements, which are no story of their own: what they rest on
 * is judged anew with the others. Edges of which nothing judged is left are no judged ones any more. The caller holds the lock of the
 * connections. Keys of egress_connection and judgement_history; index egress_connection (edge id, last at) of each partition.
 */
export async function removePassed(
  client: Queryable,
  dataset: string,
  connections: readonly Connection[],
): Promise<void> {
  const rows = byId(connections, (row) => row.id).flatMap(({ id, storedMs, edgeId }) =>
    storedMs === undefined ? [] : [{ id, firstMs: storedMs, edgeId }],
  )
  if (rows.length === 0) return
  const { fromMs, toMs } = beginningsOf(rows)
  const keys = [rows.map((row) => row.id), rows.map((row) => row.firstMs), dataset, fromMs, toMs]
  await client.query(
    `DELETE FROM egress_connection c USING unnest($1::bigint[], $2::float8[]) AS u(id, f) WHERE ${isKeyOf(3, 4, 5)}`,
    keys,
  )
  await client.query(
    `DELETE FROM judgement_history h USING unnest($1::bigint[], $2::float8[]) AS u(id, f)
     WHERE h.connection_id = u.id AND h.first_at = to_timestamp(u.f / 1000.0) AND ${isWithin('h', 3, 4, 5)}`,
    keys,
  )
  // In key order: an ORDER BY of a DELETE would not promise it, and of one edge nobody but us changes the row.
  for (const edgeId of byId(rows, (row) => row.edgeId).map((row) => row.edgeId))
    await client.query(
      `DELETE FROM judged_edge j WHERE j.dataset = $1 AND j.edge_id = $2::bigint
         AND NOT EXISTS (SELECT FROM egress_connection c WHERE c.edge_id = j.edge_id AND c.dataset = $1 AND c.group_id IS NOT NULL)
         AND NOT EXISTS (SELECT FROM judged_past p WHERE p.dataset = j.dataset AND p.edge_id = j.edge_id)`,
      [dataset, edgeId],
    )
}
