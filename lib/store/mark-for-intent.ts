import 'server-only'
import { DAY_MS, MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import type { Queryable } from './client'
import { lockConnections } from './lock-connections'
import { notifyGraph } from './notify-graph'

/** How far back connections are judged again when what the cluster's egress gateways should do became known. */
const RECENT_MS = 15 * MINUTE_MS

/** What has lived for longer than this keeps its lean: only so far back are connections looked through. */
const LONGEST_LIFE_MS = DAY_MS

/** Marks recent connections of a cluster's live data that nothing proved: only they lean by what is configured. Index (dirty, first at). */
export async function markForIntent(client: Queryable, cluster: string, nowMs: UnixMillis): Promise<void> {
  const scope = { dataset: '', cluster }
  await lockConnections(client, [scope])
  const result = await client.query(
    `UPDATE egress_connection SET dirty = true
     WHERE dataset = '' AND cluster = $1 AND dirty = false AND first_at >= to_timestamp($3::float8 / 1000)
       AND last_at >= to_timestamp($2::float8 / 1000) AND state = 'unverified'`,
    [cluster, nowMs - RECENT_MS, nowMs - LONGEST_LIFE_MS],
  )
  if ((result.rowCount ?? 0) > 0) await notifyGraph(client, [{ ...scope, egress: true }])
}
