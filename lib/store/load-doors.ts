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
    `SELECT edge_id::text AS edge, sum(weight)::float8 AS weight,
       jsonb_strip_nulls(jsonb_build_object('state', state, 'reason', reason, 'lean', lean, 'observedIp', observed_ip,
         'rule', judgement->>'rule', 'expected', judgement->'expected', 'confidence', judgement->>'confidence')) AS judgement
     FROM egress_connection
     WHERE dataset = $1 AND state IS NOT NULL AND first_at < to_timestamp($3::float8 / 1000) AND last_at >= to_timestamp($2::float8 / 1000)
       ${edgeIds ? 'AND edge_id = ANY($4::bigint[])' : ''}
     GROUP BY edge_id, state, reason, lean, observed_ip, judgement->>'rule', judgement->'expected', judgement->>'confidence'`,
    [dataset, window.fromMs, window.toMs, ...(edgeIds ? [edgeIds] : [])],
  )
  const doors = new Map<string, WeightedJudgement[]>()
  for (const { edge, judgement, weight } of rows) doors.set(edge, [...(doors.get(edge) ?? []), { judgement, weight }])
  return doors
}
