import 'server-only'
import type { WeightedJudgement } from '@/lib/egress/summarise-door'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { LONGEST_LIFE_MS } from './connection-key'

/** Judgements of an edge's connections from one address; undefined = of connections whose address nobody told. */
export interface ClientJudgements {
  readonly edgeId: string
  readonly clientIp?: string
  readonly judgements: readonly WeightedJudgement[]
}

/**
 * As `loadDoors`, for some edges, by the address that connections began at. Edge by edge, by index egress_connection (edge id, last
 * at), in the partitions of the window and of a day before.
 */
export async function loadClientDoors(
  dataset: string,
  window: TimeRange,
  edgeIds: readonly string[],
): Promise<ClientJudgements[]> {
  if (edgeIds.length === 0) return []
  const rows = await query<{
    edge: string
    ip: string | null
    judgement: WeightedJudgement['judgement']
    weight: number
  }>(
    // LIMIT keeps the look-up of a group a look-up: by key, not a walk of all of them.
    `SELECT j.id::text AS edge, t.client_ip AS ip, t.weight, g.body AS judgement
     FROM unnest($5::bigint[]) AS j(id) CROSS JOIN LATERAL (SELECT c.client_ip, c.group_id, sum(c.weight)::float8 AS weight
       FROM egress_connection c WHERE c.edge_id = j.id AND c.dataset = $1 AND c.group_id IS NOT NULL
         AND c.last_at >= to_timestamp($2::float8 / 1000) AND c.first_at >= to_timestamp($4::float8 / 1000)
         AND c.first_at < to_timestamp($3::float8 / 1000)
       GROUP BY c.client_ip, c.group_id) t
     CROSS JOIN LATERAL (SELECT body FROM judgement_group b WHERE b.id = t.group_id LIMIT 1) g`,
    [dataset, window.fromMs, window.toMs, window.fromMs - LONGEST_LIFE_MS, edgeIds],
  )
  const found = new Map<string, { edgeId: string; clientIp?: string; judgements: WeightedJudgement[] }>()
  for (const { edge, ip, judgement, weight } of rows) {
    const key = `${edge} ${ip ?? ''}`
    const known = found.get(key) ?? { edgeId: edge, ...(ip !== null && { clientIp: ip }), judgements: [] }
    found.set(key, known)
    known.judgements.push({ judgement, weight })
  }
  return [...found.values()]
}
