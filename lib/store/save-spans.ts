import 'server-only'
import type { Span } from '@/lib/model/span'
import type { Queryable } from './client'
import { byId } from './row-order'
import { storeJson, storeText } from './store-json'

/** A span as it is stored: with what it counts and where it is drawn, as known by now. */
export interface PlacedSpan {
  readonly span: Span
  /** undefined only for rows of before these were stored. */
  readonly cluster?: string
  readonly endpointId?: string
  readonly namedEdgeId?: string
  readonly edgeId?: string
  readonly receivedEdgeId?: string
  readonly countsCall: boolean
  readonly countsAiCall: boolean
  readonly countsTokens: boolean
  readonly hasFailed: boolean
  readonly settleAtMs?: number
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
    `INSERT INTO span AS s (dataset, trace_id, span_id, named_edge_id, edge_id, received_edge_id, counts_call, counts_ai_call, has_failed,
       input_tokens, output_tokens, settle_at, parent_span_id, cluster, endpoint_id, start_at, duration_ns, is_error, ai_provider, ai_model, database, refused, span)
     SELECT $1, u.trace, u.id, u.named, u.edge, u.received, u.counts, u.counts_ai, u.failed, u.input, u.output, to_timestamp(u.settle / 1000.0),
       u.parent, u.cluster, u.endpoint, to_timestamp(u.start / 1000.0), u.duration, u.error, u.provider, u.model, u.database, u.refused, u.span::jsonb
     FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bool[], $8::bool[], $9::bool[], $10::bigint[], $11::bigint[],
       $12::float8[], $13::text[], $14::text[], $15::bigint[], $16::float8[], $17::bigint[], $18::bool[], $19::text[], $20::text[], $21::text[], $22::bool[], $23::text[])
       AS u(trace, id, named, edge, received, counts, counts_ai, failed, input, output, settle, parent, cluster, endpoint, start, duration, error,
         provider, model, database, refused, span)
     ON CONFLICT (dataset, trace_id, span_id) DO UPDATE SET named_edge_id = EXCLUDED.named_edge_id, edge_id = EXCLUDED.edge_id,
       received_edge_id = EXCLUDED.received_edge_id, counts_call = EXCLUDED.counts_call, counts_ai_call = EXCLUDED.counts_ai_call,
       has_failed = EXCLUDED.has_failed, input_tokens = EXCLUDED.input_tokens, output_tokens = EXCLUDED.output_tokens,
       settle_at = EXCLUDED.settle_at, parent_span_id = EXCLUDED.parent_span_id, cluster = EXCLUDED.cluster, endpoint_id = EXCLUDED.endpoint_id,
       start_at = EXCLUDED.start_at, duration_ns = EXCLUDED.duration_ns, is_error = EXCLUDED.is_error, ai_provider = EXCLUDED.ai_provider,
       ai_model = EXCLUDED.ai_model, database = EXCLUDED.database, refused = EXCLUDED.refused, span = EXCLUDED.span
     RETURNING trace_id || ':' || span_id AS key, (xmax = 0) AS is_new`,
    [dataset, ...roleColumns(rows), ...spanColumns(rows)],
  )
  return new Set(result.rows.flatMap((row) => (row.is_new ? [row.key] : [])))
}

/** Writes anew what stored spans count and where they are drawn, and nothing else of them. */
export async function saveSpanRoles(client: Queryable, dataset: string, spans: readonly PlacedSpan[]): Promise<void> {
  if (spans.length === 0) return
  await client.query(
    `UPDATE span s SET named_edge_id = u.named, edge_id = u.edge, received_edge_id = u.received, counts_call = u.counts,
       counts_ai_call = u.counts_ai, has_failed = u.failed, input_tokens = u.input, output_tokens = u.output,
       settle_at = to_timestamp(u.settle / 1000.0)
     FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bool[], $8::bool[], $9::bool[], $10::bigint[], $11::bigint[],
       $12::float8[]) AS u(trace, id, named, edge, received, counts, counts_ai, failed, input, output, settle)
     WHERE s.dataset = $1 AND s.trace_id = u.trace AND s.span_id = u.id`,
    [dataset, ...roleColumns(byId(spans, keyOf))],
  )
}

function roleColumns(rows: readonly PlacedSpan[]): unknown[] {
  return [
    rows.map(({ span }) => span.traceId),
    rows.map(({ span }) => span.spanId),
    rows.map((row) => row.namedEdgeId ?? null),
    rows.map((row) => row.edgeId ?? null),
    rows.map((row) => row.receivedEdgeId ?? null),
    rows.map((row) => row.countsCall),
    rows.map((row) => row.countsAiCall),
    rows.map((row) => row.hasFailed),
    rows.map(({ span, countsTokens }) => (countsTokens ? whole(span.ai?.inputTokens) : null)),
    rows.map(({ span, countsTokens }) => (countsTokens ? whole(span.ai?.outputTokens) : null)),
    rows.map((row) => row.settleAtMs ?? null),
  ]
}

function spanColumns(rows: readonly PlacedSpan[]): unknown[] {
  return [
    rows.map(({ span }) => span.parentSpanId ?? null),
    rows.map((row) => row.cluster ?? null),
    rows.map((row) => row.endpointId ?? null),
    rows.map(({ span }) => span.startMs),
    rows.map(({ span }) => whole(span.durationNs) ?? '0'),
    rows.map(({ span }) => span.isError),
    rows.map(({ span }) => textOrNull(span.ai?.providerName)),
    rows.map(({ span }) => textOrNull(span.ai?.responseModel ?? span.ai?.requestModel)),
    rows.map(({ span }) => textOrNull(span.peer?.database)),
    rows.map(({ span }) => span.ai?.addressRefused ?? false),
    rows.map(({ span }) => storeJson(span)),
  ]
}

/** bigint text; more than any clock or model can mean is left out rather than failing its neighbours. */
const whole = (count: number | undefined): string | null =>
  count !== undefined && Number.isFinite(count) && Math.abs(count) < 1e18 ? BigInt(Math.round(count)).toString() : null
const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storeText(text))
