import 'server-only'
import type { Span } from '@/lib/model/span'
import type { Queryable } from './client'
import { beginningsOf } from './connection-key'
import { placeOfTraces } from './load-trace-spans'
import { ensurePartitions } from './partitions'
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

/**
 * Inserts spans, or replaces those that were sent before. Answers the new ones, as `traceId:spanId`. The caller holds the dataset's
 * span lock. Index: primary key, in the partitions of the spans and of a day around.
 */
export async function saveSpans(
  client: Queryable,
  dataset: string,
  spans: readonly PlacedSpan[],
): Promise<ReadonlySet<string>> {
  if (spans.length === 0) return new Set()
  const rows = byId(spans, keyOf)
  if (dataset === '')
    await ensurePartitions(
      'span',
      rows.map(({ span }) => span.startMs),
    )
  const stored = await takeStored(client, dataset, rows)
  await client.query(
    `INSERT INTO span AS s (dataset, trace_id, span_id, named_edge_id, edge_id, received_edge_id, counts_call, counts_ai_call, has_failed,
       input_tokens, output_tokens, settle_at, parent_span_id, cluster, endpoint_id, start_at, duration_ns, is_error, ai_provider, ai_model, database, refused, span)
     SELECT $1, u.trace, u.id, u.named, u.edge, u.received, u.counts, u.counts_ai, u.failed, u.input, u.output, to_timestamp(u.settle / 1000.0),
       u.parent, u.cluster, u.endpoint, to_timestamp(u.start / 1000.0), u.duration, u.error, u.provider, u.model, u.database, u.refused, u.span::jsonb
     FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bool[], $8::bool[], $9::bool[], $10::bigint[], $11::bigint[],
       $12::float8[], $13::text[], $14::text[], $15::bigint[], $16::float8[], $17::bigint[], $18::bool[], $19::text[], $20::text[], $21::text[], $22::bool[], $23::text[])
       AS u(trace, id, named, edge, received, counts, counts_ai, failed, input, output, settle, parent, cluster, endpoint, start, duration, error,
         provider, model, database, refused, span)
     ON CONFLICT (trace_id, span_id, start_at, dataset) DO UPDATE SET named_edge_id = EXCLUDED.named_edge_id, edge_id = EXCLUDED.edge_id,
       received_edge_id = EXCLUDED.received_edge_id, counts_call = EXCLUDED.counts_call, counts_ai_call = EXCLUDED.counts_ai_call,
       has_failed = EXCLUDED.has_failed, input_tokens = EXCLUDED.input_tokens, output_tokens = EXCLUDED.output_tokens,
       settle_at = EXCLUDED.settle_at, parent_span_id = EXCLUDED.parent_span_id, cluster = EXCLUDED.cluster, endpoint_id = EXCLUDED.endpoint_id,
       duration_ns = EXCLUDED.duration_ns, is_error = EXCLUDED.is_error, ai_provider = EXCLUDED.ai_provider,
       ai_model = EXCLUDED.ai_model, database = EXCLUDED.database, refused = EXCLUDED.refused, span = EXCLUDED.span`,
    [dataset, ...roleColumns(rows), ...spanColumns(rows)],
  )
  return new Set(rows.map(keyOf).filter((key) => !stored.has(key)))
}

/** Which of these spans are stored already; those with another start are taken away, their rows may be in another partition. */
async function takeStored(
  client: Queryable,
  dataset: string,
  rows: readonly PlacedSpan[],
): Promise<ReadonlySet<string>> {
  const { around } = placeOfTraces(
    dataset,
    rows.map(({ span }) => span.startMs),
  )
  const { rows: stored } = await client.query<{
    key: string
    traceId: string
    spanId: string
    startMs: number
    isMoved: boolean
  }>(
    `SELECT u.trace || ':' || u.id AS key, u.trace AS "traceId", u.id AS "spanId", (extract(epoch FROM s.start_at) * 1000)::float8 AS "startMs",
       s.start_at <> to_timestamp(u.start / 1000.0) AS "isMoved"
     FROM unnest($4::text[], $5::text[], $6::float8[]) AS u(trace, id, start) CROSS JOIN LATERAL (
       SELECT start_at FROM span s WHERE s.dataset = $1 AND s.trace_id = u.trace AND s.span_id = u.id
         AND s.start_at BETWEEN to_timestamp($2::float8 / 1000) AND to_timestamp($3::float8 / 1000) LIMIT 1) s`,
    [
      dataset,
      around.fromMs,
      around.toMs,
      rows.map(({ span }) => span.traceId),
      rows.map(({ span }) => span.spanId),
      rows.map(({ span }) => span.startMs),
    ],
  )
  const moved = stored.filter(({ isMoved }) => isMoved)
  const { fromMs, toMs } = beginningsOf(moved.map(({ startMs }) => ({ firstMs: startMs })))
  if (moved.length > 0)
    await client.query(
      `DELETE FROM span s USING unnest($4::text[], $5::text[], $6::float8[]) AS u(trace, id, start)
       WHERE s.dataset = $1 AND s.trace_id = u.trace AND s.span_id = u.id AND s.start_at = to_timestamp(u.start / 1000.0)
         AND s.start_at BETWEEN to_timestamp($2::float8 / 1000) AND to_timestamp($3::float8 / 1000)`,
      [
        dataset,
        fromMs,
        toMs,
        moved.map(({ traceId }) => traceId),
        moved.map(({ spanId }) => spanId),
        moved.map(({ startMs }) => startMs),
      ],
    )
  return new Set(stored.map(({ key }) => key))
}

/** Writes anew what stored spans count and where they are drawn, and nothing else of them. */
export async function saveSpanRoles(client: Queryable, dataset: string, spans: readonly PlacedSpan[]): Promise<void> {
  if (spans.length === 0) return
  const rows = byId(spans, keyOf)
  const { fromMs, toMs } = beginningsOf(rows.map(({ span }) => ({ firstMs: span.startMs })))
  await client.query(
    `UPDATE span s SET named_edge_id = u.named, edge_id = u.edge, received_edge_id = u.received, counts_call = u.counts,
       counts_ai_call = u.counts_ai, has_failed = u.failed, input_tokens = u.input, output_tokens = u.output,
       settle_at = to_timestamp(u.settle / 1000.0)
     FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bool[], $8::bool[], $9::bool[], $10::bigint[], $11::bigint[],
       $12::float8[], $13::float8[]) AS u(trace, id, named, edge, received, counts, counts_ai, failed, input, output, settle, start)
     WHERE s.dataset = $1 AND s.trace_id = u.trace AND s.span_id = u.id AND s.start_at = to_timestamp(u.start / 1000.0)
       AND s.start_at BETWEEN to_timestamp($14::float8 / 1000) AND to_timestamp($15::float8 / 1000)`,
    [dataset, ...roleColumns(rows), rows.map(({ span }) => span.startMs), fromMs, toMs],
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
