import 'server-only'
import type { SpanRow } from '@/lib/model/edge-detail'
import type { Span } from '@/lib/model/span'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

/** Spans of an edge, of the calling and of the receiving end, that started in a window, newest first, at most `limit`, and how many there are in all. */
export async function loadEdgeSpans(
  dataset: string,
  edgeId: string,
  window: TimeRange,
  limit: number,
): Promise<{ spans: SpanRow[]; total: number }> {
  const rows = await query<{ span: Span; total: number }>(
    `SELECT span, (count(*) OVER ())::float8 AS total FROM span
     WHERE dataset = $1 AND (edge_id = $2 OR received_edge_id = $2) AND start_at >= to_timestamp($3::float8 / 1000) AND start_at < to_timestamp($4::float8 / 1000)
     ORDER BY start_at DESC, trace_id, span_id LIMIT $5`,
    [dataset, edgeId, window.fromMs, window.toMs, limit],
  )
  return { spans: rows.map(({ span }) => ({ edgeId, span })), total: rows[0]?.total ?? 0 }
}
