import 'server-only'
import type { Span } from '@/lib/model/span'
import type { Queryable } from './client'

export interface StoredSpan {
  readonly span: Span
  readonly edgeId?: string
  readonly countsCall: boolean
  readonly countsAiCall: boolean
  /** Its tokens are counted (and it has some). */
  readonly hasTokens: boolean
}

interface Row {
  span: Span
  edge_id: string | null
  counts_call: boolean
  counts_ai_call: boolean
  has_tokens: boolean
}

/** A trace that is longer is linked in part; agents that loop for days in one trace exist. */
const MOST_PER_TRACE = 1000

/** Spans of these traces that are stored already, at most 1000 of each. Index: primary key. */
export async function loadTraceSpans(
  client: Queryable,
  dataset: string,
  traceIds: readonly string[],
): Promise<StoredSpan[]> {
  const result = await client.query<Row>(
    `SELECT s.span, s.edge_id::text, s.counts_call, s.counts_ai_call, coalesce(s.input_tokens, s.output_tokens) IS NOT NULL AS has_tokens FROM unnest($2::text[]) AS u(trace) CROSS JOIN LATERAL (
       SELECT * FROM span s WHERE s.dataset = $1 AND s.trace_id = u.trace ORDER BY s.span_id LIMIT ${MOST_PER_TRACE}) s`,
    [dataset, traceIds],
  )
  return result.rows.map((row) => ({
    span: row.span,
    countsCall: row.counts_call,
    countsAiCall: row.counts_ai_call,
    hasTokens: row.has_tokens,
    ...(row.edge_id !== null && { edgeId: row.edge_id }),
  }))
}
