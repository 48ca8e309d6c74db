import 'server-only'
import type { EdgeRow, EdgeSpanFacts } from '@/lib/model/graph-input'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'

interface Row {
  edge: string
  cluster: string
  client_id: string
  server_id: string
  protocol: string
  server_port: number
  spans: number
  failed: number
  databases: string[] | null
  ai_calls: number
  ai_errors: number
  input: number
  output: number
  refused: number
  models: string[] | null
  provider: string | null
  first_ms: number
  last_ms: number
}

const MODELS_SHOWN = 8
const DATABASES_SHOWN = 8

/**
 * Calls and AI facts per edge in a window, with the edges themselves: a span draws an edge without any flow; with `edgeIds` of
 * these only. Counted from the rows each time, so that a call that moves to another edge is never counted on both. A span
 * that received a call stands on the edge of that call, and its AI facts where it says them. Indexes: start; edge id, received edge id.
 */
export async function loadSpanFacts(
  dataset: string,
  window: TimeRange,
  edgeIds?: readonly string[],
): Promise<{ edges: EdgeRow[]; facts: EdgeSpanFacts[] }> {
  const rows = await query<Row>(
    `SELECT e.id::text AS edge, e.cluster, e.client_id::text, e.server_id::text, e.protocol, e.server_port,
       (count(*) FILTER (WHERE p.calls))::float8 AS spans, (count(*) FILTER (WHERE p.calls AND s.has_failed))::float8 AS failed,
       (count(*) FILTER (WHERE p.facts AND s.counts_ai_call))::float8 AS ai_calls,
       (count(*) FILTER (WHERE p.facts AND s.counts_ai_call AND s.is_error))::float8 AS ai_errors,
       coalesce(sum(s.input_tokens) FILTER (WHERE p.facts), 0)::float8 AS input, coalesce(sum(s.output_tokens) FILTER (WHERE p.facts), 0)::float8 AS output,
       (count(*) FILTER (WHERE p.facts AND s.refused))::float8 AS refused,
       array_agg(DISTINCT s.ai_model) FILTER (WHERE p.facts AND s.ai_model IS NOT NULL) AS models, min(s.ai_provider) FILTER (WHERE p.facts) AS provider,
       array_agg(DISTINCT s.database) FILTER (WHERE p.facts AND s.database IS NOT NULL) AS databases, (extract(epoch FROM min(s.start_at)) * 1000)::float8 AS first_ms, (extract(epoch FROM max(s.start_at)) * 1000)::float8 AS last_ms
     FROM span s CROSS JOIN LATERAL (VALUES (s.edge_id, s.counts_call AND s.received_edge_id IS NULL, true),
       (s.received_edge_id, s.counts_call, false)) AS p(edge, calls, facts) JOIN edge e ON e.id = p.edge
     WHERE s.dataset = $1 AND s.start_at >= to_timestamp($2::float8 / 1000) AND s.start_at < to_timestamp($3::float8 / 1000)
       ${edgeIds ? 'AND (s.edge_id = ANY($4::bigint[]) OR s.received_edge_id = ANY($4::bigint[])) AND e.id = ANY($4::bigint[])' : ''}
     GROUP BY e.id ORDER BY e.id`,
    [dataset, window.fromMs, window.toMs, ...(edgeIds ? [edgeIds] : [])],
  )
  return { edges: rows.map(edgeOf), facts: rows.map(factsOf) }
}

const edgeOf = (row: Row): EdgeRow => ({
  id: row.edge,
  cluster: row.cluster,
  clientId: row.client_id,
  serverId: row.server_id,
  protocol: row.protocol,
  serverPort: row.server_port,
})

function factsOf(row: Row): EdgeSpanFacts {
  const hasAi = row.ai_calls > 0 || row.models !== null || row.provider !== null
  const ai = {
    calls: row.ai_calls,
    errors: row.ai_errors,
    inputTokens: row.input,
    outputTokens: row.output,
    models: (row.models ?? []).slice(0, MODELS_SHOWN),
    addressRefused: row.refused,
    ...(row.provider && { providerName: row.provider }),
  }
  const databases = (row.databases ?? []).slice(0, DATABASES_SHOWN)
  return {
    edgeId: row.edge,
    spans: row.spans,
    failed: row.failed,
    databases,
    firstMs: row.first_ms,
    lastMs: row.last_ms,
    ...(hasAi && { ai }),
  }
}
