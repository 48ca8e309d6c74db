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

/** Connections whose histories are read. */
const LOOKED_AT = 2000
const SHOWN = 50

/**
 * Connections of edges in a window whose judgement became another in state, reason or address, newest change first, at most 50, and how
 * many changes there are, of the newest 2,000 judged connections. Indexes: egress_connection (edge id, last at),
 * judgement_history (key), in the partitions of the window and of a day before.
 */
export async function loadDoorChanges(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
): Promise<{ changes: DoorChange[]; total: number }> {
  if (edgeIds.length === 0) return { changes: [], total: 0 }
  const rows = await query<Row>(
    // LATERAL: of a join the planner may walk the index of all histories of a day.
    `WITH told AS (
       SELECT c.*, h.at, h.judgement, h.before
       FROM (SELECT id, edge_id, first_at, client_ip, client_port, server_ip, server_port FROM egress_connection
         WHERE edge_id = ANY($1::bigint[]) AND dataset = $2 AND judgement IS NOT NULL AND last_at >= to_timestamp($3::float8 / 1000)
           AND first_at >= to_timestamp($5::float8 / 1000) AND first_at < to_timestamp($4::float8 / 1000)
         ORDER BY last_at DESC LIMIT ${LOOKED_AT}) c
       CROSS JOIN LATERAL (SELECT at, judgement, lag(judgement) OVER (ORDER BY at) AS before FROM judgement_history
         WHERE connection_id = c.id AND first_at = c.first_at AND dataset = $2) h)
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
