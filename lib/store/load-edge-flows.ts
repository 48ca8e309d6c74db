import 'server-only'
import type { FlowRow } from '@/lib/model/edge-detail'
import type { Flow } from '@/lib/model/flow'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

interface Row {
  id: string
  edgeId: string
  receivedMs: number
  flow: Flow
  total: number
}

/** Stored flow records of edges in a window, newest first, at most `limit`, and how many there are in all. */
export async function loadEdgeFlows(
  edgeIds: readonly string[],
  window: TimeRange,
  { limit, outcomes }: { readonly limit: number; readonly outcomes?: readonly string[] },
): Promise<{ flows: FlowRow[]; total: number }> {
  const rows = await query<Row>(
    `SELECT r.record_id::text AS id, r.edge_id::text AS "edgeId", (extract(epoch FROM r.received_at) * 1000)::float8 AS "receivedMs", r.flow,
       (count(*) OVER ())::float8 AS total
     FROM flow_record r ${outcomes ? 'JOIN edge_variant v ON v.id = r.variant_id AND v.outcome = ANY($5::text[])' : ''}
     WHERE r.edge_id = ANY($1::bigint[]) AND r.start_at < to_timestamp($3::float8 / 1000) AND r.end_at >= to_timestamp($2::float8 / 1000)
     ORDER BY r.start_at DESC, r.record_id LIMIT $4`,
    [edgeIds, window.fromMs, window.toMs, limit, ...(outcomes ? [outcomes] : [])],
  )
  return { flows: rows.map(({ total: _total, ...row }) => row), total: rows[0]?.total ?? 0 }
}
