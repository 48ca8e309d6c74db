import 'server-only'
import type { WeightedJudgement } from '@/lib/egress/summarise-door'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { LONGEST_LIFE_MS } from './connection-key'

/**
 * Judgements of a window, grouped, per edge: what a door's summary is made of. With `edgeIds` of these edges only. Edge by edge,
 * by index egress_connection (edge id, last at), in the partitions of the window and of a day before.
 */
export async function loadDoors(
  dataset: string,
  window: TimeRange,
  edgeIds?: readonly string[],
): Promise<ReadonlyMap<string, WeightedJudgement[]>> {
  const rows = await query<{ edge: string; judgement: WeightedJudgement['judgement']; weight: number }>(
    // LATERAL: of a join the planner may walk the index of a whole day for the last minutes of it.
    `SELECT j.edge_id::text AS edge, t.weight, g.body AS judgement
     FROM judged_edge j CROSS JOIN LATERAL (SELECT c.group_id, sum(c.weight)::float8 AS weight FROM egress_connection c
       WHERE c.edge_id = j.edge_id AND c.dataset = $1 AND c.group_id IS NOT NULL AND c.last_at >= to_timestamp($2::float8 / 1000)
         AND c.first_at >= to_timestamp($4::float8 / 1000) AND c.first_at < to_timestamp($3::float8 / 1000)
       GROUP BY c.group_id) t JOIN judgement_group g ON g.id = t.group_id
     WHERE j.dataset = $1 ${edgeIds ? 'AND j.edge_id = ANY($5::bigint[])' : ''}`,
    [dataset, window.fromMs, window.toMs, window.fromMs - LONGEST_LIFE_MS, ...(edgeIds ? [edgeIds] : [])],
  )
  const doors = new Map<string, WeightedJudgement[]>()
  for (const { edge, judgement, weight } of rows) doors.set(edge, [...(doors.get(edge) ?? []), { judgement, weight }])
  return doors
}
