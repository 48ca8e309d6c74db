import 'server-only'
import type { DoorState, EgressObservation, Judgement } from '@/lib/model/egress'
import type { VerdictChange } from '@/lib/model/matrix'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { LONGEST_LIFE_MS } from './connection-key'

/** One observation of one connection, the first or the last of its kind. */
export interface KindEnd {
  readonly kind: EgressObservation['kind']
  /** '' where no hop is named. */
  readonly hop: string
  /** State of the connection's judgement, and whether this observation stands first in it. */
  readonly state: DoorState
  readonly isDeciding: boolean
  /** Of this kind, hop, state and place, among what was looked at. */
  readonly count: number
  readonly atMs: number
  readonly observation: EgressObservation
  /** Addresses that this kind and hop showed, at most 20. */
  readonly addresses: readonly string[]
  readonly clientIp: string | null
  readonly clientPort: number | null
  readonly serverIp: string | null
  readonly serverPort: number
  readonly protocol: string
  readonly firstMs: number
  readonly lastMs: number
}

/** Judged connections `c` of edges $1 in dataset $2 and the window $3–$4; $5 is a life before it. */
const OF_CELL = `c.edge_id = ANY($1::bigint[]) AND c.dataset = $2 AND c.judgement IS NOT NULL AND c.last_at >= to_timestamp($3::float8 / 1000)
  AND c.first_at >= to_timestamp($5::float8 / 1000) AND c.first_at < to_timestamp($4::float8 / 1000)`

const valuesOf = (dataset: string, edgeIds: readonly string[], window: TimeRange) => [
  edgeIds,
  dataset,
  window.fromMs,
  window.toMs,
  window.fromMs - LONGEST_LIFE_MS,
]

/** Judged connections of edges in a window: rows, each of which may stand for several. */
export async function countCellConnections(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
): Promise<number> {
  const rows = await query<{ total: number }>(
    `SELECT count(*)::float8 AS total FROM egress_connection c WHERE ${OF_CELL}`,
    valuesOf(dataset, edgeIds, window),
  )
  return rows[0]?.total ?? 0
}

/**
 * The oldest and the newest observation of every kind, hop and verdict, over the `each` oldest and `each` newest judged connections
 * of the edges. Index egress_connection (edge id, last at), in the partitions of the window and of a day before.
 */
export async function loadKindEnds(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
  each: number,
): Promise<KindEnd[]> {
  return query<KindEnd>(
    `WITH looked_at AS MATERIALIZED (
       SELECT DISTINCT ON (id, first_at) * FROM (
         (SELECT c.* FROM egress_connection c WHERE ${OF_CELL} ORDER BY c.first_at, c.id LIMIT $6)
         UNION ALL (SELECT c.* FROM egress_connection c WHERE ${OF_CELL} ORDER BY c.last_at DESC, c.id LIMIT $6)) b ORDER BY id, first_at),
     seen AS MATERIALIZED (
       SELECT c.id, c.state, c.client_ip, c.client_port, c.server_ip, c.server_port, c.protocol, c.first_at, c.last_at, o.body,
         o.body->>'kind' AS kind, coalesce(o.body->>'hop', '') AS hop, o.place = 1 AS is_deciding,
         coalesce((o.body->>'atMs')::float8, (extract(epoch FROM c.first_at) * 1000)::float8) AS at_ms
       FROM looked_at c CROSS JOIN LATERAL jsonb_array_elements(c.judgement->'observations') WITH ORDINALITY AS o(body, place)),
     ranked AS (
       SELECT *, count(*) OVER same AS count, row_number() OVER (same ORDER BY at_ms, id) AS oldest, row_number() OVER (same ORDER BY at_ms DESC, id) AS newest
       FROM seen WINDOW same AS (PARTITION BY kind, hop, state, is_deciding))
     SELECT r.kind, r.hop, r.state, r.is_deciding AS "isDeciding", r.count::float8 AS count, r.at_ms AS "atMs", r.body AS observation,
       ARRAY(SELECT DISTINCT s.body->>'ip' FROM seen s WHERE s.kind = r.kind AND s.hop = r.hop AND s.body ? 'ip' ORDER BY 1 LIMIT 20) AS addresses,
       r.client_ip AS "clientIp", r.client_port AS "clientPort", r.server_ip AS "serverIp", r.server_port AS "serverPort", r.protocol,
       (extract(epoch FROM r.first_at) * 1000)::float8 AS "firstMs", (extract(epoch FROM r.last_at) * 1000)::float8 AS "lastMs"
     FROM ranked r WHERE r.oldest = 1 OR r.newest = 1 ORDER BY r.kind, r.hop, r.at_ms`,
    [...valuesOf(dataset, edgeIds, window), each],
  )
}

type Verdict = Pick<Judgement, 'state' | 'reason'>
interface ChangeRow {
  readonly atMs: number
  readonly fromState: DoorState
  readonly fromReason: Judgement['reason'] | null
  readonly toState: DoorState
  readonly toReason: Judgement['reason'] | null
  readonly connections: number
}

/**
 * How judgements of the `each` newest connections of the edges changed, like changes of one minute together, newest first, at
 * most `limit`. The first judgement of a connection is no change; a judgement that differs in neither state nor reason neither.
 */
export async function loadVerdictChanges(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
  { each, limit }: { readonly each: number; readonly limit: number },
): Promise<VerdictChange[]> {
  const rows = await query<ChangeRow>(
    `SELECT (extract(epoch FROM max(at)) * 1000)::float8 AS "atMs", before AS "fromState", reason_before AS "fromReason", state AS "toState", reason AS "toReason",
       count(*)::float8 AS connections
     FROM (SELECT h.at, h.judgement->>'state' AS state, h.judgement->>'reason' AS reason,
         lag(h.judgement->>'state') OVER life AS before, lag(h.judgement->>'reason') OVER life AS reason_before
       FROM (SELECT c.id, c.first_at FROM egress_connection c WHERE ${OF_CELL} ORDER BY c.last_at DESC, c.id LIMIT $6) k
       CROSS JOIN LATERAL (SELECT at, judgement FROM judgement_history h WHERE h.connection_id = k.id AND h.first_at = k.first_at AND h.dataset = $2
         AND h.first_at >= to_timestamp($5::float8 / 1000) AND h.first_at < to_timestamp($4::float8 / 1000)) h
       WINDOW life AS (PARTITION BY k.id, k.first_at ORDER BY h.at)) x
     WHERE before IS NOT NULL AND (before <> state OR reason_before IS DISTINCT FROM reason)
     GROUP BY 2, 3, 4, 5, date_trunc('minute', at) ORDER BY 1 DESC, 2, 4 LIMIT $7`,
    [...valuesOf(dataset, edgeIds, window), each, limit],
  )
  return rows.map((row) => ({
    atMs: row.atMs,
    from: verdict(row.fromState, row.fromReason),
    to: verdict(row.toState, row.toReason),
    connections: row.connections,
  }))
}

const verdict = (state: DoorState, reason: Judgement['reason'] | null): Verdict => ({
  state,
  ...(reason && { reason }),
})
