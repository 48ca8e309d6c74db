import 'server-only'
import type { JudgedSum } from '@/lib/egress/build-matrix'
import type { WeightedJudgement } from '@/lib/egress/summarise-door'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { LONGEST_LIFE_MS } from './connection-key'

/** An end of an edge, as the dictionary has it. */
export interface EdgeEnd {
  readonly id: string
  readonly cluster: string
  readonly class: EndpointClass
  readonly namespace: string
  readonly name: string
}

export interface JudgedSums {
  readonly sums: readonly JudgedSum[]
  readonly groups: ReadonlyMap<string, WeightedJudgement['judgement']>
  readonly ends: ReadonlyMap<string, EdgeEnd>
  /** There are more sums than `limit`. */
  readonly isCut: boolean
}

/**
 * Connections of a window by edge and judgement group, of every edge that was ever judged, with the groups and both ends: what a
 * matrix is made of. At most `limit` sums. As in load-doors.ts, edge by edge by index egress_connection (edge id, last at), in the
 * partitions of the window and of a day before.
 */
export async function loadJudgedSums(dataset: string, window: TimeRange, limit: number): Promise<JudgedSums> {
  const sums = await query<JudgedSum>(
    `SELECT e.id::text AS "edgeId", e.client_id::text AS "clientId", e.server_id::text AS "serverId", t.group_id::text AS "groupId", t.weight
     FROM judged_edge j JOIN edge e ON e.id = j.edge_id CROSS JOIN LATERAL (SELECT c.group_id, sum(c.weight)::float8 AS weight FROM egress_connection c
       WHERE c.edge_id = j.edge_id AND c.dataset = $1 AND c.last_at >= to_timestamp($2::float8 / 1000)
         AND c.first_at >= to_timestamp($4::float8 / 1000) AND c.first_at < to_timestamp($3::float8 / 1000)
       GROUP BY c.group_id) t
     WHERE j.dataset = $1 LIMIT $5`,
    [dataset, window.fromMs, window.toMs, window.fromMs - LONGEST_LIFE_MS, limit + 1],
  )
  const shown = sums.slice(0, limit)
  const [groups, ends] = await Promise.all([
    loadGroups([...new Set(shown.flatMap(({ groupId }) => groupId ?? []))]),
    loadEnds([...new Set(shown.flatMap(({ clientId, serverId }) => [clientId, serverId]))]),
  ])
  return { sums: shown, groups, ends, isCut: sums.length > limit }
}

async function loadGroups(ids: readonly string[]): Promise<JudgedSums['groups']> {
  const rows = await query<{ id: string; body: WeightedJudgement['judgement'] }>(
    'SELECT id::text, body FROM judgement_group WHERE id = ANY($1::bigint[])',
    [ids],
  )
  return new Map(rows.map(({ id, body }) => [id, body]))
}

async function loadEnds(ids: readonly string[]): Promise<JudgedSums['ends']> {
  const rows = await query<EdgeEnd>(
    'SELECT id::text, cluster, class, namespace, name FROM endpoint WHERE id = ANY($1::bigint[])',
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

export interface JudgedEdge {
  readonly id: string
  readonly client: EdgeEnd
  readonly server: EdgeEnd
}

/** Judged edges that begin at an endpoint of the dataset, at most `limit`. */
export async function loadJudgedEdgesOf(dataset: string, clientId: string, limit: number): Promise<JudgedEdge[]> {
  const rows = await query<{ id: string; clientId: string; serverId: string }>(
    `SELECT e.id::text, e.client_id::text AS "clientId", e.server_id::text AS "serverId" FROM edge e
     JOIN judged_edge j ON j.dataset = e.dataset AND j.edge_id = e.id WHERE e.client_id = $2 AND e.dataset = $1 ORDER BY e.id LIMIT $3`,
    [dataset, clientId, limit],
  )
  const ends = await loadEnds([...new Set(rows.flatMap((row) => [row.clientId, row.serverId]))])
  return rows.flatMap((row) => {
    const [client, server] = [ends.get(row.clientId), ends.get(row.serverId)]
    return client && server ? [{ id: row.id, client, server }] : []
  })
}

/** Variants of edges by the one source whose records count bytes. Hubble's and NAT records count none. */
export async function loadByteVariants(edgeIds: readonly string[]): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT id::text FROM edge_variant WHERE edge_id = ANY($1::bigint[]) AND source = 'calico'`,
    [edgeIds],
  )
  return rows.map(({ id }) => id)
}
