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
  const connections = rows.map(({ total: _total, ...row }) => ({
    ...row,
    clientIp: row.clientIp ?? undefined,
    clientPort: row.clientPort ?? undefined,
    serverIp: row.serverIp ?? undefined,
    history: [],
    evidence: row.judgement.observations.flatMap((observation) => evidenceOf(observation, raws)),
  }))
  return { connections, total: rows[0]?.total ?? 0 }
}

function evidenceOf(
  observation: EgressObservation,
  raws: readonly { id: string; hop: string; atMs: number; raw: string }[],
) {
  return raws
    .filter((row) => observation.evidenceIds?.includes(row.id))
    .map((row) => ({ id: row.id, kind: observation.kind, hop: row.hop, atMs: row.atMs, summary: '', raw: row.raw }))
}
