import 'server-only'
import type { UnixMillis } from '@/lib/model/units'
import { DAY_MS } from '@/lib/model/units'
import { query } from './client'
import { byId } from './row-order'

/** An edge of live data with its first and last record in the window that was looked at. */
export interface SeenEdge {
  readonly edgeId: string
  readonly cluster: string
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** Rows of one statement: short, so that nobody waits for it. */
const AT_ONCE = 2000
/** How old the word on when an edge was seen last may get, before it is written anew. */
const LAST_SEEN_STEP_MS = DAY_MS

/** What is remembered of an edge. */
export type RememberedEdge = Pick<SeenEdge, 'edgeId' | 'firstMs' | 'lastMs'>

/** What is remembered of these edges; those that are not remembered are missing. Index: primary key. */
export async function loadFirstSeen(edgeIds: readonly string[]): Promise<ReadonlyMap<string, RememberedEdge>> {
  if (edgeIds.length === 0) return new Map()
  const rows = await query<RememberedEdge>(
    `SELECT f.edge_id::text AS "edgeId", (extract(epoch FROM f.first_at) * 1000)::float8 AS "firstMs",
       (extract(epoch FROM f.last_at) * 1000)::float8 AS "lastMs" FROM edge_first_seen f WHERE f.edge_id = ANY($1::bigint[])`,
    [edgeIds],
  )
  return new Map(rows.map((row) => [row.edgeId, row]))
}

/** Which of these edges were first seen at or after a moment; those that are not remembered are missing. Index: primary key. */
export async function loadSeenSince(edgeIds: readonly string[], sinceMs: UnixMillis): Promise<readonly string[]> {
  if (edgeIds.length === 0) return []
  const rows = await query<{ id: string }>(
    `SELECT f.edge_id::text AS id FROM edge_first_seen f WHERE f.edge_id = ANY($1::bigint[]) AND f.first_at >= to_timestamp($2::float8 / 1000)`,
    [edgeIds, sinceMs],
  )
  return rows.map(({ id }) => id)
}

/** True where `rememberEdges` has something to write. */
export const isNewsOf = (seen: SeenEdge, known: RememberedEdge | undefined): boolean =>
  !known || Math.floor(seen.firstMs) < known.firstMs || known.lastMs < seen.lastMs - LAST_SEEN_STEP_MS

/**
 * Remembers edges: new ones, those with an older first record than was known, and once a day that they are still seen. Nothing is written
 * for the rest. Any number of replicas may do it at once; rows are taken in key order. Answers how many rows were written.
 */
export async function rememberEdges(edges: readonly SeenEdge[], nowMs: UnixMillis): Promise<number> {
  const rows = byId(edges, ({ edgeId }) => edgeId)
  let written = 0
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const part = rows.slice(from, from + AT_ONCE)
    const [row] = await query<{ count: number }>(
      `WITH news AS (
         SELECT u.* FROM unnest($1::bigint[], $2::text[], $3::float8[], $4::float8[]) AS u(id, cluster, f, l)
         LEFT JOIN edge_first_seen s ON s.edge_id = u.id
         WHERE s.edge_id IS NULL OR s.first_at > to_timestamp(u.f / 1000) OR s.last_at < to_timestamp((u.l - $6::float8) / 1000) ORDER BY u.id),
       written AS (
         INSERT INTO edge_first_seen AS s (edge_id, cluster, first_at, noted_at, last_at)
         SELECT id, cluster, to_timestamp(f / 1000), to_timestamp($5::float8 / 1000), to_timestamp(l / 1000) FROM news
         ON CONFLICT (edge_id) DO UPDATE SET first_at = least(s.first_at, EXCLUDED.first_at), last_at = greatest(s.last_at, EXCLUDED.last_at)
         RETURNING 1)
       SELECT count(*)::int AS count FROM written`,
      [
        part.map(({ edgeId }) => edgeId),
        part.map(({ cluster }) => cluster),
        part.map(({ firstMs }) => Math.floor(firstMs)),
        part.map(({ lastMs }) => Math.floor(lastMs)),
        nowMs,
        LAST_SEEN_STEP_MS,
      ],
    )
    written += row?.count ?? 0
  }
  return written
}

/** Since when edges of each cluster are remembered; clusters without any are missing. Index: cluster, noted at. */
export async function loadLearningSince(clusters: readonly string[]): Promise<ReadonlyMap<string, UnixMillis>> {
  if (clusters.length === 0) return new Map()
  const rows = await query<{ cluster: string; sinceMs: number }>(
    `SELECT u.cluster, (extract(epoch FROM f.noted_at) * 1000)::float8 AS "sinceMs" FROM unnest($1::text[]) AS u(cluster)
     CROSS JOIN LATERAL (SELECT noted_at FROM edge_first_seen s WHERE s.cluster = u.cluster ORDER BY s.noted_at LIMIT 1) f`,
    [clusters],
  )
  return new Map(rows.map(({ cluster, sinceMs }) => [cluster, sinceMs]))
}

/**
 * When the first edge that begins or ends at each of these endpoints was seen, as far as remembered. Indexes: edge (client),
 * edge (server), then by key; a row per edge that the endpoint ever had.
 */
export async function loadFirstSeenOfEndpoints(ids: readonly string[]): Promise<ReadonlyMap<string, UnixMillis>> {
  if (ids.length === 0) return new Map()
  const rows = await query<{ id: string; firstMs: number }>(
    `SELECT e.id::text, (extract(epoch FROM min(f.first_at)) * 1000)::float8 AS "firstMs" FROM (
       SELECT client_id AS id, id AS edge_id FROM edge WHERE client_id = ANY($1::bigint[])
       UNION ALL SELECT server_id, id FROM edge WHERE server_id = ANY($1::bigint[])) e
     JOIN edge_first_seen f ON f.edge_id = e.edge_id GROUP BY e.id`,
    [ids],
  )
  return new Map(rows.map(({ id, firstMs }) => [id, firstMs]))
}
