import 'server-only'
import type { WeightedJudgement } from '@/lib/egress/summarise-door'
import type { NamedBy } from '@/lib/model/egress'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { Queryable } from './client'

/** Connections of one edge that were judged alike. `weight`: those that are kept, 0 where retention dropped them all. */
export interface JudgedGroup extends WeightedJudgement {
  /** Connections ever seen, with those that retention dropped. */
  readonly seen: number
  readonly firstMs: number
  readonly lastMs: number
  /** When the newest of these judgements was made. */
  readonly learnedMs: number
  /** When the oldest of them was made. */
  readonly firstLearnedMs: number
}

export interface JudgedEdgeRow {
  readonly edgeId: string
  readonly dataset: string
  readonly cluster: string
  readonly namespace: string
  readonly workload: string
  readonly serverClass: EndpointClass
  readonly serverName: string
  /** How the newest judged connection knew its server; null where a version before judged it. */
  readonly named: NamedBy | null
  readonly groups: readonly JudgedGroup[]
}

interface Row extends Omit<JudgedEdgeRow, 'groups'> {
  readonly judgement: WeightedJudgement['judgement']
  readonly weight: number
  readonly seen: number
  readonly firstMs: number
  readonly lastMs: number
  readonly learnedMs: number
  readonly firstLearnedMs: number
}

/**
 * Every judged edge of the workloads of which a connection was judged since a moment, or a finding goes on, with totals over everything
 * on record, and over what retention dropped: planning over totals adds nothing when it runs twice. All edges of a workload,
 * since a finding is of a name and a name has many addresses. Index egress_connection (edge id, last at) of each partition there is.
 */
export async function loadJudgedEdges(client: Queryable, sinceMs: number): Promise<JudgedEdgeRow[]> {
  const result = await client.query<Row>(
    `WITH seen AS (
       SELECT dataset, edge_id FROM judged_edge WHERE judged_at >= to_timestamp($1::float8 / 1000)
       UNION SELECT f.dataset, e.id FROM finding f CROSS JOIN LATERAL unnest(f.edge_ids) AS e(id) WHERE f.status <> 'resolved' AND f.is_current),
     active AS (
       SELECT j.dataset, j.edge_id FROM judged_edge j JOIN edge e ON e.id = j.edge_id
       WHERE e.client_id IN (SELECT o.client_id FROM seen s JOIN edge o ON o.id = s.edge_id)),
     kept AS (
       SELECT a.edge_id, c.* FROM active a CROSS JOIN LATERAL (
         SELECT group_id, sum(weight)::float8 AS weight, min(first_at) AS first_at, max(last_at) AS last_at,
           max(judged_at) AS learned_at, min(judged_at) AS first_learned_at
         FROM egress_connection WHERE edge_id = a.edge_id AND dataset = a.dataset AND group_id IS NOT NULL GROUP BY group_id) c),
     total AS (
       SELECT edge_id, group_id, coalesce(k.weight, 0) AS weight, coalesce(k.weight, 0) + coalesce(p.weight, 0)::float8 AS seen,
         least(k.first_at, p.first_at) AS first_at, greatest(k.last_at, p.last_at) AS last_at,
         coalesce(k.learned_at, p.last_at) AS learned_at, coalesce(k.first_learned_at, p.first_at) AS first_learned_at
       FROM kept k FULL JOIN (SELECT p.* FROM active a JOIN judged_past p ON p.dataset = a.dataset AND p.edge_id = a.edge_id) p
         USING (edge_id, group_id))
     SELECT e.id::text AS "edgeId", e.dataset, e.cluster, p.namespace, p.name AS workload, s.class AS "serverClass", s.name AS "serverName",
       (SELECT c.judgement->'named' FROM egress_connection c
        WHERE c.edge_id = e.id AND c.dataset = e.dataset AND c.judgement IS NOT NULL ORDER BY c.last_at DESC LIMIT 1) AS named,
       g.body AS judgement, t.weight, t.seen, (extract(epoch FROM t.first_at) * 1000)::float8 AS "firstMs",
       (extract(epoch FROM t.last_at) * 1000)::float8 AS "lastMs", (extract(epoch FROM t.learned_at) * 1000)::float8 AS "learnedMs",
       (extract(epoch FROM t.first_learned_at) * 1000)::float8 AS "firstLearnedMs"
     FROM total t JOIN judgement_group g ON g.id = t.group_id JOIN edge e ON e.id = t.edge_id
     JOIN endpoint p ON p.id = e.client_id JOIN endpoint s ON s.id = e.server_id ORDER BY e.id, t.group_id`,
    [sinceMs],
  )
  const edges = new Map<string, JudgedEdgeRow & { groups: JudgedGroup[] }>()
  for (const { judgement, weight, seen, firstMs, lastMs, learnedMs, firstLearnedMs, ...edge } of result.rows) {
    const known = edges.get(edge.edgeId) ?? { ...edge, groups: [] }
    known.groups.push({ judgement, weight, seen, firstMs, lastMs, learnedMs, firstLearnedMs })
    edges.set(edge.edgeId, known)
  }
  return [...edges.values()]
}
