import 'server-only'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { loadAskedNames } from './asked-names'
import { type Queryable, withSnapshot } from './client'
import { LONGEST_LIFE_MS } from './connection-key'
import {
  type Evidence,
  loadEvidence,
  type TakenConnection,
  WAITING_FROM,
  type WaitingConnection,
  type Wanted,
  withSurroundings,
} from './judge-connections'

/** An edge with judged connections in a window, and how much of it was looked at. */
export interface KeptEdge {
  readonly edgeId: string
  /** Connections that its rows stand for. */
  readonly connections: number
  readonly lookedAt: number
}

export interface Kept {
  readonly edges: readonly KeptEdge[]
  /** Edges beyond `LIMITS.previewEdges`, which were not looked at. */
  readonly edgesLeft: number
}

interface Visitor {
  /** The evidence that `visit` needs of a connection, one per way of judging; [] for none. */
  wantedOf(connection: WaitingConnection): readonly Wanted[]
  visit(connection: WaitingConnection, evidence: readonly Evidence[]): void
}

/**
 * Shows judged connections that were alive in a window to a visitor, with their evidence, in one snapshot and without writing
 * anything. Of each edge the newest ones, of all edges at most `LIMITS.previewConnections`, shared out evenly; the edges that were
 * judged last first. Index egress_connection (edge id, last at), in the partitions of the window and of a day before.
 */
export async function lookAtKept(dataset: string, window: TimeRange, visitor: Visitor): Promise<Kept> {
  return withSnapshot(async (client) => {
    const all = await loadEdges(client, dataset, window)
    const edges = all.slice(0, LIMITS.previewEdges)
    const perEdge = Math.max(1, Math.floor(LIMITS.previewConnections / Math.max(1, edges.length)))
    const lookedAt = new Map<string, number>()
    for (let from = 0; from < edges.length; from += EDGES_AT_ONCE) {
      const part = edges.slice(from, from + EDGES_AT_ONCE)
      const rows = await loadRows(client, dataset, window, part, perEdge)
      for (const row of rows) {
        const evidence: Evidence[] = []
        for (const wanted of visitor.wantedOf(row)) evidence.push(await loadEvidence(client, row, wanted))
        visitor.visit(row, evidence)
        lookedAt.set(row.edgeId, (lookedAt.get(row.edgeId) ?? 0) + row.weight)
      }
    }
    return {
      edges: edges.map((edge) => ({ ...edge, lookedAt: lookedAt.get(edge.edgeId) ?? 0 })),
      edgesLeft: all.length - edges.length,
    }
  })
}

const EDGES_AT_ONCE = 20

const IN_WINDOW = `c.edge_id = j.edge_id AND c.dataset = $1 AND c.group_id IS NOT NULL AND c.last_at >= to_timestamp($2::float8 / 1000)
  AND c.first_at >= to_timestamp($4::float8 / 1000) AND c.first_at < to_timestamp($3::float8 / 1000)`

async function loadEdges(client: Queryable, dataset: string, { fromMs, toMs }: TimeRange): Promise<KeptEdge[]> {
  const result = await client.query<KeptEdge>(
    `SELECT j.edge_id::text AS "edgeId", t.connections FROM judged_edge j CROSS JOIN LATERAL (
       SELECT sum(c.weight)::float8 AS connections FROM egress_connection c WHERE ${IN_WINDOW}) t
     WHERE j.dataset = $1 AND t.connections > 0 ORDER BY j.judged_at DESC, j.edge_id`,
    [dataset, fromMs, toMs, fromMs - LONGEST_LIFE_MS],
  )
  return result.rows
}

async function loadRows(
  client: Queryable,
  dataset: string,
  { fromMs, toMs }: TimeRange,
  edges: readonly KeptEdge[],
  perEdge: number,
): Promise<WaitingConnection[]> {
  const result = await client.query<Omit<TakenConnection, 'askedNames'>>(
    `${WAITING_FROM(`unnest($5::bigint[]) AS j(edge_id) CROSS JOIN LATERAL (
       SELECT * FROM egress_connection c WHERE ${IN_WINDOW} ORDER BY c.last_at DESC, c.id LIMIT $6)`)} ORDER BY c.edge_id, c.last_at DESC, c.id`,
    [dataset, fromMs, toMs, fromMs - LONGEST_LIFE_MS, edges.map(({ edgeId }) => edgeId), perEdge],
  )
  const asked = await loadAskedNames(client, result.rows)
  return withSurroundings(
    client,
    result.rows.map((row) => ({ ...row, askedNames: asked.get(row.id)?.names ?? [] })),
  )
}
