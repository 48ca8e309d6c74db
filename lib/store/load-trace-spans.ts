import 'server-only'
import { LIMITS } from '@/lib/model/limits'
import type { Span, SpanBridge, SpanKind } from '@/lib/model/span'
import type { TimeRange } from '@/lib/model/time-range'
import { DAY_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { hullOf } from './connection-key'

export interface StoredSpan {
  readonly span: Span
  readonly cluster?: string
  readonly endpointId?: string
  readonly namedEdgeId?: string
  readonly edgeId?: string
  readonly receivedEdgeId?: string
  readonly countsCall: boolean
  readonly countsAiCall: boolean
  /** Its tokens are counted (and it has some). */
  readonly hasTokens: boolean
  readonly hasFailed: boolean
  readonly settleAtMs?: number
}

export interface StoredBridge extends SpanBridge {
  readonly cluster: string
  readonly endpointId: string
}

/** Spans that a look at their traces is about: they, their parents and their children are always read. */
export interface FocusSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}

export interface StoredTraces {
  readonly spans: readonly StoredSpan[]
  readonly bridges: readonly StoredBridge[]
  /** Traces that are longer than what is read of them. What a span of these counts is only known near the focus. */
  readonly partial: ReadonlySet<string>
}

interface Row {
  span: Span
  cluster: string | null
  endpoint_id: string | null
  named_edge_id: string | null
  edge_id: string | null
  received_edge_id: string | null
  counts_call: boolean
  counts_ai_call: boolean
  has_tokens: boolean
  has_failed: boolean
  settle_ms: number | null
}

interface BridgeRow {
  trace_id: string
  span_id: string
  parent_span_id: string | null
  kind: SpanKind
  emitter: string
  cluster: string
  endpoint_id: string
}

/** Where the spans of traces at hand are looked for. */
export interface TracePlace {
  readonly dataset: string
  /** When they started. */
  readonly around: TimeRange
}

/** How far apart the spans of one trace may start and still be linked; it bounds the partitions that are read. */
const APART_MS = DAY_MS
/** After every time there is: all pinned datasets share one partition, so nothing is gained by bounds. */
const ALWAYS: TimeRange = { fromMs: 0, toMs: 8.64e15 }

/** Where the other spans of these traces are, by what is known of when they started. */
export function placeOfTraces(dataset: string, startsMs: readonly number[]): TracePlace {
  if (dataset !== '' || startsMs.length === 0) return { dataset, around: ALWAYS }
  const { fromMs, toMs } = hullOf(startsMs.map((ms) => ({ fromMs: ms, toMs: ms })))
  return { dataset, around: { fromMs: fromMs - APART_MS, toMs: toMs + APART_MS } }
}

/** The first three parameters of every statement here, and their condition. */
const placed = ({ dataset, around }: TracePlace) => [dataset, around.fromMs, around.toMs]
const WITHIN =
  's.dataset = $1 AND s.start_at BETWEEN to_timestamp($2::float8 / 1000) AND to_timestamp($3::float8 / 1000)'

/** A trace that is longer is linked in part; agents that loop for days in one trace exist. */
const MOST_PER_TRACE = LIMITS.traceSpans

const COLUMNS = `s.span, s.cluster, s.endpoint_id::text, s.named_edge_id::text, s.edge_id::text, s.received_edge_id::text, s.counts_call,
  s.counts_ai_call, coalesce(s.input_tokens, s.output_tokens) IS NOT NULL AS has_tokens, s.has_failed,
  (extract(epoch FROM s.settle_at) * 1000)::float8 AS settle_ms`

/** Rows read at a time: with their JSON about 100 MB. */
const MOST_ROWS = 100_000

/**
 * Cuts traces into groups of which each can be read at once. One group, without asking, for as few as even the longest fit.
 * Index: primary key.
 */
export async function groupTraces(
  client: Queryable,
  place: TracePlace,
  traceIds: readonly string[],
  mostRows = MOST_ROWS,
): Promise<ReadonlySet<string>[]> {
  if (traceIds.length * MOST_PER_TRACE <= mostRows) return [new Set(traceIds)]
  const result = await client.query<{ trace: string; rows: number }>(
    `SELECT u.trace, n.rows FROM unnest($4::text[]) AS u(trace) CROSS JOIN LATERAL (
       SELECT count(*)::int AS rows FROM (SELECT 1 FROM span s WHERE ${WITHIN} AND s.trace_id = u.trace LIMIT ${MOST_PER_TRACE}) x) n`,
    [...placed(place), traceIds],
  )
  const groups: Set<string>[] = []
  let room = 0
  for (const { trace, rows } of result.rows) {
    if (groups.length === 0 || rows > room) {
      groups.push(new Set())
      room = mostRows
    }
    groups.at(-1)?.add(trace)
    room -= rows
  }
  return groups
}

/**
 * What is stored of the traces of these spans: at most 1000 kept and 1000 dropped spans of each, and in longer ones also the
 * spans of the focus, their parents and up to 1000 children of each. Indexes: primary keys; span (trace id, parent span id), in the
 * partitions of a day before and after.
 */
export async function loadTraces(
  client: Queryable,
  place: TracePlace,
  focus: readonly FocusSpan[],
): Promise<StoredTraces> {
  const traceIds = [...new Set(focus.map((span) => span.traceId))]
  if (traceIds.length === 0) return { spans: [], bridges: [], partial: new Set() }
  const stored = await client.query<Row>(
    `SELECT ${COLUMNS} FROM unnest($4::text[]) AS u(trace) CROSS JOIN LATERAL (
       SELECT * FROM span s WHERE ${WITHIN} AND s.trace_id = u.trace ORDER BY s.span_id LIMIT ${MOST_PER_TRACE}) s`,
    [...placed(place), traceIds],
  )
  const bridges = await client.query<BridgeRow>(
    `SELECT b.trace_id, b.span_id, b.parent_span_id, b.kind, b.emitter, b.cluster, b.endpoint_id::text
     FROM unnest($2::text[]) AS u(trace) CROSS JOIN LATERAL (
       SELECT * FROM span_bridge b WHERE b.dataset = $1 AND b.trace_id = u.trace ORDER BY b.span_id LIMIT ${MOST_PER_TRACE}) b`,
    [place.dataset, traceIds],
  )
  const partial = fullTraces(stored.rows)
  const near = await loadNear(
    client,
    place,
    focus.filter((span) => partial.has(span.traceId)),
  )
  return { spans: unique([...stored.rows, ...near]).map(spanOf), bridges: bridges.rows.map(bridgeOf), partial }
}

function fullTraces(rows: readonly Row[]): Set<string> {
  const counts = new Map<string, number>()
  for (const { span } of rows) counts.set(span.traceId, (counts.get(span.traceId) ?? 0) + 1)
  return new Set([...counts].flatMap(([traceId, count]) => (count >= MOST_PER_TRACE ? [traceId] : [])))
}

async function loadNear(client: Queryable, place: TracePlace, focus: readonly FocusSpan[]): Promise<Row[]> {
  if (focus.length === 0) return []
  const self = focus.map((span) => [span.traceId, span.spanId] as const)
  const parents = focus.flatMap((span) => (span.parentSpanId ? [[span.traceId, span.parentSpanId] as const] : []))
  const byId = [...self, ...parents]
  const result = await client.query<Row>(
    `SELECT ${COLUMNS} FROM unnest($4::text[], $5::text[]) AS u(trace, id) CROSS JOIN LATERAL (
       SELECT * FROM span s WHERE ${WITHIN} AND s.trace_id = u.trace AND s.span_id = u.id LIMIT 1) s
     UNION ALL
     SELECT ${COLUMNS} FROM unnest($6::text[], $7::text[]) AS u(trace, id) CROSS JOIN LATERAL (
       SELECT * FROM span s WHERE ${WITHIN} AND s.trace_id = u.trace AND s.parent_span_id = u.id LIMIT ${MOST_PER_TRACE}) s`,
    [
      ...placed(place),
      byId.map(([trace]) => trace),
      byId.map(([, id]) => id),
      self.map(([trace]) => trace),
      self.map(([, id]) => id),
    ],
  )
  return result.rows
}

const unique = (rows: readonly Row[]): Row[] => [
  ...new Map(rows.map((row) => [`${row.span.traceId}:${row.span.spanId}`, row])).values(),
]

const spanOf = (row: Row): StoredSpan => ({
  span: row.span,
  countsCall: row.counts_call,
  countsAiCall: row.counts_ai_call,
  hasTokens: row.has_tokens,
  hasFailed: row.has_failed,
  ...(row.cluster !== null && { cluster: row.cluster }),
  ...(row.endpoint_id !== null && { endpointId: row.endpoint_id }),
  ...(row.named_edge_id !== null && { namedEdgeId: row.named_edge_id }),
  ...(row.edge_id !== null && { edgeId: row.edge_id }),
  ...(row.received_edge_id !== null && { receivedEdgeId: row.received_edge_id }),
  ...(row.settle_ms !== null && { settleAtMs: row.settle_ms }),
})

const bridgeOf = (row: BridgeRow): StoredBridge => ({
  traceId: row.trace_id,
  spanId: row.span_id,
  ...(row.parent_span_id !== null && { parentSpanId: row.parent_span_id }),
  kind: row.kind,
  emitter: row.emitter,
  cluster: row.cluster,
  endpointId: row.endpoint_id,
})
