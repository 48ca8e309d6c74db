import 'server-only'
import type { SpanRole } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import type { Queryable } from './client'
import { byId } from './row-order'
import { storeJson, storeText } from './store-json'

/** A span as it is stored: with its role in the trace as known by now. */
export interface PlacedSpan {
  readonly span: Span
  readonly role: SpanRole
  readonly edgeId?: string
}

const keyOf = ({ span }: PlacedSpan): string => `${span.traceId}:${span.spanId}`

/** Inserts spans, or replaces those that were sent before. Answers the new ones, as `traceId:spanId`. */
export async function saveSpans(
  client: Queryable,
  dataset: string,
  spans: readonly PlacedSpan[],
): Promise<ReadonlySet<string>> {
  if (spans.length === 0) return new Set()
  const rows = byId(spans, keyOf)
  const result = await client.query<{ key: string; is_new: boolean }>(
    `INSERT INTO span AS s (dataset, trace_id, span_id, parent_span_id, edge_id, counts_call, counts_ai_call, start_at, duration_ns, is_error,
       ai_provider, ai_model, input_tokens, output_tokens, refused, span)
     SELECT $1, u.trace, u.id, u.parent, u.edge, u.counts, u.counts_ai, to_timestamp(u.start / 1000.0), u.duration, u.error, u.provider, u.model,
       u.input, u.output, u.refused, u.span::jsonb
     FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bool[], $7::bool[], $8::float8[], $9::bigint[], $10::bool[], $11::text[],
       $12::text[], $13::bigint[], $14::bigint[], $15::bool[], $16::text[])
       AS u(trace, id, parent, edge, counts, counts_ai, start, duration, error, provider, model, input, output, refused, span)
     ON CONFLICT (dataset, trace_id, span_id) DO UPDATE SET parent_span_id = EXCLUDED.parent_span_id, edge_id = EXCLUDED.edge_id,
       counts_call = EXCLUDED.counts_call, counts_ai_call = EXCLUDED.counts_ai_call, start_at = EXCLUDED.start_at,
       duration_ns = EXCLUDED.duration_ns, is_error = EXCLUDED.is_error, ai_provider = EXCLUDED.ai_provider, ai_model = EXCLUDED.ai_model,
       input_tokens = EXCLUDED.input_tokens, output_tokens = EXCLUDED.output_tokens, refused = EXCLUDED.refused, span = EXCLUDED.span
     RETURNING trace_id || ':' || span_id AS key, (xmax = 0) AS is_new`,
    [dataset, ...columnsOf(rows)],
  )
  return new Set(result.rows.flatMap((row) => (row.is_new ? [row.key] : [])))
}

function columnsOf(rows: readonly PlacedSpan[]): unknown[] {
  return [
    rows.map(({ span }) => span.traceId),
    rows.map(({ span }) => span.spanId),
    rows.map(({ span }) => span.parentSpanId ?? null),
    rows.map((row) => row.edgeId ?? null),
    rows.map(({ role }) => role.countsCall),
    rows.map(({ role }) => role.countsAiCall),
    rows.map(({ span }) => span.startMs),
    rows.map(({ span }) => whole(span.durationNs) ?? '0'),
    rows.map(({ span }) => span.isError),
    rows.map(({ span }) => textOrNull(span.ai?.providerName)),
    rows.map(({ span }) => textOrNull(span.ai?.responseModel ?? span.ai?.requestModel)),
    rows.map(({ span, role }) => (role.countsTokens ? whole(span.ai?.inputTokens) : null)),
    rows.map(({ span, role }) => (role.countsTokens ? whole(span.ai?.outputTokens) : null)),
    rows.map(({ span }) => span.ai?.addressRefused ?? false),
    rows.map(({ span }) => storeJson(span)),
  ]
}

/** bigint text; more than any clock or model can mean is left out rather than failing its neighbours. */
const whole = (count: number | undefined): string | null =>
  count !== undefined && Number.isFinite(count) && Math.abs(count) < 1e18 ? BigInt(Math.round(count)).toString() : null
const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storeText(text))
