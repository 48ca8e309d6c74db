import 'server-only'
import type { WeightedJudgement } from '@/lib/egress/summarise-door'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

/** Judgements of a window, grouped, per edge: what a door's summary is made of. With `edgeIds` of these edges only. */
export async function loadDoors(
  dataset: string,
  window: TimeRange,
  edgeIds?: readonly string[],
): Promise<ReadonlyMap<string, WeightedJudgement[]>> {
  const rows = await query<{ edge: string; judgement: WeightedJudgement['judgement']; weight: number }>(
    `SELECT t.edge_id::text AS edge, t.weight, g.body AS judgement
     FROM (SELECT edge_id, group_id, sum(weight)::float8 AS weight FROM egress_connection
       WHERE dataset = $1 AND group_id IS NOT NULL AND first_at < to_timestamp($3::float8 / 1000) AND last_at >= to_timestamp($2::float8 / 1000)
         ${edgeIds ? 'AND edge_id = ANY($4::bigint[])' : ''}
       GROUP BY edge_id, group_id) t JOIN judgement_group g ON g.id = t.group_id`,
    [dataset, window.fromMs, window.toMs, ...(edgeIds ? [edgeIds] : [])],
  )
  const doors = new Map<string, WeightedJudgement[]>()
  for (const { edge, judgement, weight } of rows) doors.set(edge, [...(doors.get(edge) ?? []), { judgement, weight }])
  return doors
}
