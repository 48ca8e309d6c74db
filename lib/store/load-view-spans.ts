import 'server-only'
import type { SpanRow } from '@/lib/model/edge-detail'
import type { Span } from '@/lib/model/span'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

/**
 * The newest spans of edges, of the calling and of the receiving end, that started in a window, at most `limit`; with `isOnlyFailed` those that
 * failed, or whose call did by the word of either side. Each edge is looked up by its indexes.
 */
export async function loadViewSpans(
  dataset: string,
  edgeIds: readonly string[],
  window: TimeRange,
  { limit, isOnlyFailed }: { readonly limit: number; readonly isOnlyFailed: boolean },
): Promise<SpanRow[]> {
  if (edgeIds.length === 0) return []
  const newest = (
    column: string,
  ) => `(SELECT span, s.has_failed OR s.is_error AS has_failed, start_at, trace_id, span_id FROM span s WHERE s.dataset = $1 AND s.${column} = u.id
     AND s.start_at >= to_timestamp($3::float8 / 1000) AND s.start_at < to_timestamp($4::float8 / 1000) AND ($6::bool IS FALSE OR s.has_failed OR s.is_error) ORDER BY start_at DESC LIMIT $5)`
  const rows = await query<{ edgeId: string; span: Span; hasFailed: boolean }>(
    `SELECT "edgeId", span, has_failed AS "hasFailed" FROM (
       SELECT DISTINCT ON (n.trace_id, n.span_id, n.start_at) u.id::text AS "edgeId", n.* FROM unnest($2::bigint[]) AS u(id)
       CROSS JOIN LATERAL (${newest('edge_id')} UNION ALL ${newest('received_edge_id')}) n
       ORDER BY n.trace_id, n.span_id, n.start_at) x
     ORDER BY start_at DESC, trace_id, span_id LIMIT $5`,
    [dataset, edgeIds, window.fromMs, window.toMs, limit, isOnlyFailed],
  )
  return rows
}
