import 'server-only'
import type { ConnectionRow } from '@/lib/model/edge-detail'
import type { EgressObservation, Judgement } from '@/lib/model/egress'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

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
}

const SHOWN = 10

/** Judged connections of an edge in a window, violations first, newest first, at most 10, with the NAT rows behind them. */
export async function loadDoorEvidence(
  edgeId: string,
  window: TimeRange,
): Promise<{ connections: ConnectionRow[]; total: number }> {
  const rows = await query<Row & { total: number }>(
    `SELECT id::text, client_ip AS "clientIp", client_port AS "clientPort", server_ip AS "serverIp", server_port AS "serverPort", protocol,
       (extract(epoch FROM first_at) * 1000)::float8 AS "firstMs", (extract(epoch FROM last_at) * 1000)::float8 AS "lastMs", judgement,
       (count(*) OVER ())::float8 AS total
     FROM egress_connection WHERE edge_id = $1 AND judgement IS NOT NULL AND first_at < to_timestamp($3::float8 / 1000) AND last_at >= to_timestamp($2::float8 / 1000)
     ORDER BY (state = 'violation') DESC, last_at DESC LIMIT $4`,
    [edgeId, window.fromMs, window.toMs, SHOWN],
  )
  const ids = rows.flatMap(({ judgement }) =>
    judgement.observations.flatMap((observation) => observation.evidenceIds ?? []),
  )
  const raws = await query<{ id: string; hop: string; atMs: number; raw: string }>(
    `SELECT record_id::text AS id, hop, (extract(epoch FROM at) * 1000)::float8 AS "atMs", raw FROM nat_record
     WHERE record_id = ANY($1::uuid[]) AND dataset = (SELECT dataset FROM edge WHERE id = $2) ORDER BY at`,
    [[...new Set(ids)], edgeId],
  )
  const histories = await loadHistories(rows.map((row) => row.id))
  const connections = rows.map(({ total: _total, ...row }) => ({
    ...row,
    clientIp: row.clientIp ?? undefined,
    clientPort: row.clientPort ?? undefined,
    serverIp: row.serverIp ?? undefined,
    history: histories.get(row.id) ?? [],
    evidence: onceEach(row.judgement.observations.flatMap((observation) => evidenceOf(observation, raws))),
  }))
  return { connections, total: rows[0]?.total ?? 0 }
}

/** Judgements of connections, oldest first, at most 10 each: the last one is in force. */
async function loadHistories(ids: readonly string[]): Promise<ReadonlyMap<string, ConnectionRow['history']>> {
  const rows = await query<{ id: string; history: ConnectionRow['history'] }>(
    `SELECT u.id::text, (SELECT json_agg(json_build_object('atMs', (extract(epoch FROM h.at) * 1000)::float8, 'judgement', h.judgement) ORDER BY h.at)
       FROM (SELECT at, judgement FROM judgement_history WHERE connection_id = u.id ORDER BY at DESC LIMIT 10) h) AS history
     FROM unnest($1::bigint[]) AS u(id)`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row.history ?? []]))
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
