import 'server-only'
import type { WeightedJudgement } from '@/lib/egress/summarise-door'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { Queryable } from './client'

/** Connections of one edge that were judged alike. */
export interface JudgedGroup extends WeightedJudgement {
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
  readonly groups: readonly JudgedGroup[]
}

interface Row extends Omit<JudgedEdgeRow, 'groups'> {
  readonly judgement: WeightedJudgement['judgement']
  readonly weight: number
  readonly firstMs: number
  readonly lastMs: number
  readonly learnedMs: number
  readonly firstLearnedMs: number
}

/**
 * Every edge with judged connections that were seen since a moment, or that have a finding, with totals over everything on
 * record: planning over totals adds nothing when it runs twice.
 */
export async function loadJudgedEdges(client: Queryable, sinceMs: number): Promise<JudgedEdgeRow[]> {
  const result = await client.query<Row>(
    `WITH active AS (
       SELECT DISTINCT edge_id FROM egress_connection WHERE state IS NOT NULL AND judged_at >= to_timestamp($1::float8 / 1000)
       UNION SELECT edge_id FROM finding WHERE status <> 'resolved')
     SELECT e.id::text AS "edgeId", e.dataset, e.cluster, p.namespace, p.name AS workload, s.class AS "serverClass", s.name AS "serverName",
       jsonb_strip_nulls(jsonb_build_object('state', c.state, 'reason', c.reason, 'lean', c.lean, 'observedIp', c.observed_ip,
         'rule', c.judgement->>'rule', 'expected', c.judgement->'expected', 'confidence', c.judgement->>'confidence')) AS judgement,
       sum(c.weight)::float8 AS weight, (extract(epoch FROM min(c.first_at)) * 1000)::float8 AS "firstMs",
       (extract(epoch FROM max(c.last_at)) * 1000)::float8 AS "lastMs", (extract(epoch FROM max(c.judged_at)) * 1000)::float8 AS "learnedMs",
       (extract(epoch FROM min(c.judged_at)) * 1000)::float8 AS "firstLearnedMs"
     FROM active a JOIN edge e ON e.id = a.edge_id JOIN egress_connection c ON c.edge_id = e.id AND c.state IS NOT NULL
     JOIN endpoint p ON p.id = e.client_id JOIN endpoint s ON s.id = e.server_id
     GROUP BY e.id, p.namespace, p.name, s.class, s.name, c.state, c.reason, c.lean, c.observed_ip, c.judgement->>'rule', c.judgement->'expected', c.judgement->>'confidence'
     ORDER BY e.id`,
    [sinceMs],
  )
  const edges = new Map<string, JudgedEdgeRow & { groups: JudgedGroup[] }>()
  for (const { judgement, weight, firstMs, lastMs, learnedMs, firstLearnedMs, ...edge } of result.rows) {
    const known = edges.get(edge.edgeId) ?? { ...edge, groups: [] }
    known.groups.push({ judgement, weight, firstMs, lastMs, learnedMs, firstLearnedMs })
    edges.set(edge.edgeId, known)
  }
  return [...edges.values()]
}
