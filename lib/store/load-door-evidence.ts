import 'server-only'
import type { ConnectionPosition, ConnectionRow } from '@/lib/model/edge-detail'
import type { DoorState, EgressObservation, Judgement } from '@/lib/model/egress'
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
  weight: number
  firstMs: number
  lastMs: number
  judgement: Judgement
  history: ConnectionRow['history'] | null
}

/** What a row says of itself only for the pages that follow. */
interface Placed extends Row {
  total: number
  firstUs: string
}

const HISTORY_SHOWN = 10

export interface DoorEvidence {
  readonly connections: readonly ConnectionRow[]
  /** Connections that the rows of all pages stand for; 0 on a page without rows. */
  readonly total: number
  /** There where more follow. */
  readonly next?: ConnectionPosition
}

/**
 * A page of the judged connections of an edge in a window, of one state or of all: violations first, then those that began last, at most
 * `limit`, with their last 10 judgements (oldest first: the last one is in force) and the NAT rows behind them. Index egress_connection (edge
 * id, last at), in the partitions of the window and of a day before.
 */
export async function loadDoorEvidence(
  dataset: string,
  edgeId: string,
  window: TimeRange,
  page: { readonly limit: number; readonly state?: DoorState; readonly after?: ConnectionPosition },
): Promise<DoorEvidence> {
  const { limit, state, after } = page
  const found = await query<Placed>(
    // Where the page begins is asked outside: inside it would be taken off the total.
    `SELECT c.id::text, c.client_ip AS "clientIp", c.client_port AS "clientPort", c.server_ip AS "serverIp", c.server_port AS "serverPort", c.protocol, c.weight,
       (extract(epoch FROM c.first_at) * 1000)::float8 AS "firstMs", (extract(epoch FROM c.last_at) * 1000)::float8 AS "lastMs", c.judgement, c.total,
       (extract(epoch FROM c.first_at) * 1000000)::bigint::text AS "firstUs",
       (SELECT json_agg(json_build_object('atMs', (extract(epoch FROM h.at) * 1000)::float8, 'judgement', h.judgement) ORDER BY h.at)
        FROM (SELECT at, judgement FROM judgement_history WHERE connection_id = c.id AND first_at = c.first_at AND dataset = $5
          ORDER BY at DESC LIMIT ${HISTORY_SHOWN}) h) AS history
     FROM (SELECT * FROM (SELECT *, coalesce(state = 'violation', false) AS is_violation, (sum(weight) OVER ())::float8 AS total FROM egress_connection
         WHERE edge_id = $1 AND dataset = $5 AND judgement IS NOT NULL AND last_at >= to_timestamp($2::float8 / 1000)
           AND first_at >= to_timestamp($4::float8 / 1000) AND first_at < to_timestamp($3::float8 / 1000) AND ($7::text IS NULL OR state = $7)) judged
       WHERE $8::bool IS NULL OR (is_violation, first_at, id) < ($8::bool, 'epoch'::timestamptz + $9::bigint * interval '1 microsecond', $10::bigint)
       ORDER BY is_violation DESC, first_at DESC, id DESC LIMIT $6) c
     ORDER BY c.is_violation DESC, c.first_at DESC, c.id DESC`,
    [
      edgeId,
      window.fromMs,
      window.toMs,
      window.fromMs - LONGEST_LIFE_MS,
      dataset,
      limit + 1,
      state ?? null,
      after?.isViolation ?? null,
      after?.firstUs ?? null,
      after?.id ?? null,
    ],
  )
  const rows = found.slice(0, limit)
  const last = found.length > limit ? rows.at(-1) : undefined
  const ids = rows.flatMap(({ judgement }) =>
    judgement.observations.flatMap((observation) => observation.evidenceIds ?? []),
  )
  const lives = hullOf(rows.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs })))
  const raws = await loadNatRows(dataset, ids, lives)
  const connections = rows.map(({ total: _total, firstUs: _firstUs, ...row }) => ({
    ...row,
    clientIp: row.clientIp ?? undefined,
    clientPort: row.clientPort ?? undefined,
    serverIp: row.serverIp ?? undefined,
    history: row.history ?? [],
    evidence: onceEach(row.judgement.observations.flatMap((observation) => evidenceOf(observation, raws))),
  }))
  return {
    connections,
    total: rows[0]?.total ?? 0,
    ...(last && {
      next: { isViolation: last.judgement.state === 'violation', firstUs: last.firstUs, id: last.id },
    }),
  }
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
