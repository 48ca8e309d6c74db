import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { withSnapshot } from './client'

/** Spans of a slot that one workload emitted, that stand on the same edges and claim the same provider. */
export interface SpanSlot {
  readonly startMs: UnixMillis
  /** Who emitted them; null for rows of before this was stored. */
  readonly endpointId: string | null
  /** Edge of the call and of the AI facts, and edge by which the call came in. */
  readonly edgeId: string | null
  readonly receivedEdgeId: string | null
  readonly spans: number
  /** Those that count a call: at the edge by which it came in where there is one, else at the other. */
  readonly calls: number
  readonly aiCalls: number
  /** Those with GenAI facts. */
  readonly aiSpans: number
  /** Those in which the provider refused the address. */
  readonly refused: number
  /** Provider that they claim, in their words; null for none. */
  readonly claimed: string | null
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/**
 * Spans of a window, counted by slot, emitter, edges and claimed provider, in one pass over their columns: a call that moves to another
 * edge is counted there and nowhere else. Index: start.
 */
export function loadSpanSlots(dataset: string, window: TimeRange, slotMs: number): Promise<SpanSlot[]> {
  // In a snapshot, where nothing is compiled: compiling takes longer than the read.
  return withSnapshot(async (client) => {
    await client.query(`SET LOCAL work_mem = '64MB'`)
    const { rows } = await client.query<SpanSlot>(
      `SELECT g.slot * $4::float8 AS "startMs", g.endpoint_id::text AS "endpointId", g.edge_id::text AS "edgeId",
         g.received_edge_id::text AS "receivedEdgeId", g.claimed, g.spans, g.calls, g.ai_calls AS "aiCalls", g.ai_spans AS "aiSpans", g.refused,
         (extract(epoch FROM g.first_at) * 1000)::float8 AS "firstMs", (extract(epoch FROM g.last_at) * 1000)::float8 AS "lastMs"
       FROM (SELECT floor(extract(epoch FROM s.start_at)::float8 * 1000 / $4::float8) AS slot, s.endpoint_id, s.edge_id, s.received_edge_id,
           s.ai_provider AS claimed, count(*)::float8 AS spans, (count(*) FILTER (WHERE s.counts_call))::float8 AS calls,
           (count(*) FILTER (WHERE s.counts_ai_call))::float8 AS ai_calls,
           (count(*) FILTER (WHERE s.counts_ai_call OR s.ai_provider IS NOT NULL OR s.ai_model IS NOT NULL))::float8 AS ai_spans,
           (count(*) FILTER (WHERE s.refused))::float8 AS refused, min(s.start_at) AS first_at, max(s.start_at) AS last_at
         FROM span s WHERE s.dataset = $1 AND s.start_at >= to_timestamp($2::float8 / 1000) AND s.start_at < to_timestamp($3::float8 / 1000)
         GROUP BY 1, 2, 3, 4, 5) g`,
      [dataset, window.fromMs, window.toMs, slotMs],
    )
    return rows
  })
}
