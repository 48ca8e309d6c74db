import 'server-only'
import type { SpanRow } from '@/lib/model/edge-detail'
import type { Span } from '@/lib/model/span'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

/** Spans of edges, of the calling and of the receiving end, that started in a window, newest first, at most `limit`, and how many there are in all. */
export async function loadEdgeSpans(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
  limit: number,
): Promise<{ spans: SpanRow[]; total: number }> {
  if (edgeIds.length === 0) return { spans: [], total: 0 }
  const rows = await query<{ edgeId: string; span: Span; total: number }>(
    `SELECT CASE WHEN edge_id = ANY($2::bigint[]) THEN edge_id ELSE received_edge_id END::text AS "edgeId", span, (count(*) OVER ())::float8 AS total FROM span
     WHERE dataset = $1 AND (edge_id = ANY($2::bigint[]) OR received_edge_id = ANY($2::bigint[])) AND start_at >= to_timestamp($3::float8 / 1000) AND start_at < to_timestamp($4::float8 / 1000)
     ORDER BY start_at DESC, trace_id, span_id LIMIT $5`,
    [dataset, edgeIds, window.fromMs, window.toMs, limit],
  )
  return { spans: rows.map(({ edgeId, span }) => ({ edgeId, span })), total: rows[0]?.total ?? 0 }
}
