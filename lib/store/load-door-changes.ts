import 'server-only'
import type { DoorState, Judgement } from '@/lib/model/egress'
import type { DoorChange } from '@/lib/model/panel-history'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { LONGEST_LIFE_MS } from './connection-key'

interface Row {
  readonly edgeId: string
  readonly atMs: number
  readonly clientIp: string | null
  readonly clientPort: number | null
  readonly serverIp: string | null
  readonly serverPort: number
  readonly from: DoorState
  readonly to: DoorState
  readonly reason: Judgement['reason'] | null
  readonly observedIp: string | null
  readonly total: number
}

/** Connections of one edge whose histories are read. */
const LOOKED_AT = 2000
const SHOWN = 50

/**
 * Connections of edges in a window whose judgement became another in state, reason or address, newest change first, at most 50, and how
 * many changes there are, of the newest 2,000 judged connections of each edge. Indexes: egress_connection (edge id, last at),
 * judgement_history (key), in the partitions of the window and of a day before.
 */
export async function loadDoorChanges(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
): Promise<{ changes: DoorChange[]; total: number }> {
  if (edgeIds.length === 0) return { changes: [], total: 0 }
  const rows = await query<Row>(
    `WITH told AS (
       SELECT c.*, h.at, h.judgement, lag(h.judgement) OVER (PARTITION BY c.id, c.first_at ORDER BY h.at) AS before
       FROM unnest($1::bigint[]) AS e(id)
       CROSS JOIN LATERAL (SELECT c.id, c.edge_id, c.first_at, c.client_ip, c.client_port, c.server_ip, c.server_port FROM egress_connection c
         WHERE c.edge_id = e.id AND c.dataset = $2 AND c.judgement IS NOT NULL AND c.last_at >= to_timestamp($3::float8 / 1000)
           AND c.first_at >= to_timestamp($5::float8 / 1000) AND c.first_at < to_timestamp($4::float8 / 1000)
         ORDER BY c.last_at DESC LIMIT ${LOOKED_AT}) c
       JOIN judgement_history h ON h.connection_id = c.id AND h.first_at = c.first_at AND h.dataset = $2
         AND h.first_at >= to_timestamp($5::float8 / 1000) AND h.first_at < to_timestamp($4::float8 / 1000))
     SELECT edge_id::text AS "edgeId", (extract(epoch FROM at) * 1000)::float8 AS "atMs", client_ip AS "clientIp", client_port AS "clientPort",
       server_ip AS "serverIp", server_port AS "serverPort", before ->> 'state' AS "from", judgement ->> 'state' AS "to",
       judgement ->> 'reason' AS reason, judgement ->> 'observedIp' AS "observedIp", (count(*) OVER ())::float8 AS total
     FROM told WHERE before IS NOT NULL AND (before ->> 'state', before ->> 'reason', before ->> 'observedIp')
       IS DISTINCT FROM (judgement ->> 'state', judgement ->> 'reason', judgement ->> 'observedIp')
     ORDER BY at DESC, id LIMIT ${SHOWN}`,
    [edgeIds, dataset, window.fromMs, window.toMs, window.fromMs - LONGEST_LIFE_MS],
  )
  return { changes: rows.map(changeOf), total: rows[0]?.total ?? 0 }
}

const changeOf = ({ edgeId, atMs, from, to, reason, observedIp, ...row }: Row): DoorChange => ({
  edgeId,
  atMs,
  connection: `${row.clientIp ?? 'address not told'}:${row.clientPort ?? '–'} → ${row.serverIp ?? 'address not told'}:${row.serverPort}`,
  from,
  to,
  ...(reason && { reason }),
  ...(observedIp && { observedIp }),
})
