import 'server-only'
import { MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import type { Queryable } from './client'
import { LONGEST_LIFE_MS } from './connection-key'
import { lockConnections } from './lock-connections'
import { notifyGraph } from './notify-graph'

/** How far back connections are judged again when what the cluster's egress gateways should do became known. */
const RECENT_MS = 15 * MINUTE_MS

/** Marks recent connections of a cluster's live data that nothing proved, which lean by what is configured, and violations, which may come of it. Index (edge id, last at), edge by edge. */
export async function markForIntent(client: Queryable, cluster: string, nowMs: UnixMillis): Promise<void> {
  const scope = { dataset: '', cluster }
  await lockConnections(client, [scope])
  const result = await client.query(
    `UPDATE egress_connection c SET dirty = true
     FROM judged_edge j WHERE j.dataset = '' AND c.edge_id = j.edge_id AND c.dataset = '' AND c.cluster = $1 AND NOT c.dirty
       AND c.first_at >= to_timestamp($3::float8 / 1000) AND c.last_at >= to_timestamp($2::float8 / 1000) AND c.state IN ('unverified', 'violation')`,
    [cluster, nowMs - RECENT_MS, nowMs - RECENT_MS - LONGEST_LIFE_MS],
  )
  if ((result.rowCount ?? 0) > 0) await notifyGraph(client, [{ ...scope, egress: true }])
}
