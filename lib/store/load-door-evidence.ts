import 'server-only'
import type { ConnectionRow } from '@/lib/model/edge-detail'
import type { EgressObservation, Judgement } from '@/lib/model/egress'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { hullOf, LONGEST_LIFE_MS } from './connection-key'
import { loadNatRows } from './load-nat-rows'

interface Row {
  id: string
  clientIp: string | null
  clientPort: number | null
  serverIp: string | null
  serverPort: number
  protocol: string
  firstMs: number
  lastMs: number
  judgement: Judgement
  history: ConnectionRow['history'] | null
}

const SHOWN = 10
const HISTORY_SHOWN = 10
/**
 * Judged connections of an edge in a window, violations first, newest first, at most 10, with their last 10 judgements (oldest
 * first: the last one is in force) and the NAT rows behind them. Index egress_connection (edge id, last at), in the partitions
 * of the window and of a day before.
 */
export async function loadDoorEvidence(
  dataset: string,
  edgeId: string,
  window: TimeRange,
): Promise<{ connections: ConnectionRow[]; total: number }> {
  const rows = await query<Row & { total: number }>(
    `SELECT c.id::text, c.client_ip AS "clientIp", c.client_port AS "clientPort", c.server_ip AS "serverIp", c.server_port AS "serverPort", c.protocol,
       (extract(epoch FROM c.first_at) * 1000)::float8 AS "firstMs", (extract(epoch FROM c.last_at) * 1000)::float8 AS "lastMs", c.judgement, c.total,
       (SELECT json_agg(json_build_object('atMs', (extract(epoch FROM h.at) * 1000)::float8, 'judgement', h.judgement) ORDER BY h.at)
        FROM (SELECT at, judgement FROM judgement_history WHERE connection_id = c.id AND first_at = c.first_at AND dataset = $6
          ORDER BY at DESC LIMIT ${HISTORY_SHOWN}) h) AS history
     FROM (SELECT *, (count(*) OVER ())::float8 AS total FROM egress_connection
       WHERE edge_id = $1 AND dataset = $6 AND judgement IS NOT NULL AND last_at >= to_timestamp($2::float8 / 1000)
         AND first_at >= to_timestamp($5::float8 / 1000) AND first_at < to_timestamp($3::float8 / 1000)
       ORDER BY (state = 'violation') DESC, last_at DESC LIMIT $4) c
     ORDER BY (c.state = 'violation') DESC, c.last_at DESC`,
    [edgeId, window.fromMs, window.toMs, SHOWN, window.fromMs - LONGEST_LIFE_MS, dataset],
  )
  const ids = rows.flatMap(({ judgement }) =>
    judgement.observations.flatMap((observation) => observation.evidenceIds ?? []),
  )
  const lives = hullOf(rows.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs })))
  const raws = await loadNatRows(dataset, ids, lives)
  const connections = rows.map(({ total: _total, ...row }) => ({
    ...row,
    clientIp: row.clientIp ?? undefined,
    clientPort: row.clientPort ?? undefined,
    serverIp: row.serverIp ?? undefined,
    history: row.history ?? [],
    evidence: onceEach(row.judgement.observations.flatMap((observation) => evidenceOf(observation, raws))),
  }))
  return { connections, total: rows[0]?.total ?? 0 }
}

/** Several observations may rest on one row: it is shown with the first, which is the deciding one. */
const onceEach = <Row extends { readonly id: string }>(rows: readonly Row[]): Row[] =>
  rows.filter((row, at) => rows.findIndex((other) => other.id === row.id) === at)

function evidenceOf(
  observation: EgressObservation,
  raws: readonly { id: string; hop: string; atMs: number; raw: string }[],
) {
  return raws
    .filter((row) => observation.evidenceIds?.includes(row.id))
    .map((row) => ({ id: row.id, kind: observation.kind, hop: row.hop, atMs: row.atMs, summary: '', raw: row.raw }))
}
