import 'server-only'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { FlowSource, Observer } from '@/lib/model/flow'
import type { EdgeRow, EndpointRow, GraphInput, VariantRow } from '@/lib/model/graph-input'
import type { PolicyHit } from '@/lib/model/policy'
import type { TimeRange } from '@/lib/model/time-range'
import type { Basis, Layer, Outcome, Pending } from '@/lib/model/verdict'
import { query } from './client'
import { countOpenFindings } from './count-open-findings'
import { loadCoverage } from './load-coverage'
import { loadSpanFacts } from './load-span-facts'

interface VariantSums {
  id: string
  edge_id: string
  source: FlowSource
  observer: Observer
  outcome: Outcome
  basis: Basis
  pending: Pending
  layer: Layer
  drop_reason: string
  repeats: boolean
  enforced: PolicyHit[] | null
  pending_trace: PolicyHit[] | null
  connections: number
  events: number
  requests: number
  request_errors: number
  bytes_sent: number
  bytes_received: number
  first_ms: number
  last_ms: number
  cluster: string
  client_id: string
  server_id: string
  protocol: string
  server_port: number
}

/** A coarse bucket may begin this long before a window that it reaches into. */
const LONGEST_GRAIN_MS = 3600_000

/**
 * Sums per way of reporting in `[from, to)`, with dictionaries, coverage and the newest record. Reads the bucket table by
 * its primary key (bucket start), one row per variant and bucket in the window; with `edgeIds` only the variants of these
 * edges, by their own index.
 */
export async function loadGraph(dataset: string, window: TimeRange, edgeIds?: readonly string[]): Promise<GraphInput> {
  const only = edgeIds ? 'AND variant_id IN (SELECT id FROM edge_variant WHERE edge_id = ANY($5::bigint[]))' : ''
  const rows = await query<VariantSums>(
    `WITH sums AS (
       SELECT variant_id, sum(connections)::float8 AS connections, sum(events)::float8 AS events, sum(requests)::float8 AS requests,
         sum(request_errors)::float8 AS request_errors, sum(bytes_sent)::float8 AS bytes_sent, sum(bytes_received)::float8 AS bytes_received,
         min(first_at) AS first_at, max(last_at) AS last_at
       FROM edge_bucket
       WHERE bucket_start >= to_timestamp($2::float8 / 1000) AND bucket_start < to_timestamp($4::float8 / 1000)
         AND bucket_start + make_interval(secs => grain_s) > to_timestamp($3::float8 / 1000) ${only}
       GROUP BY variant_id)
     SELECT v.id::text, v.edge_id::text, v.source, v.observer, v.outcome, v.basis, v.pending, v.layer, v.drop_reason, v.repeats,
       t.enforced, t.pending AS pending_trace, s.connections, s.events, s.requests, s.request_errors, s.bytes_sent, s.bytes_received,
       (extract(epoch FROM s.first_at) * 1000)::float8 AS first_ms, (extract(epoch FROM s.last_at) * 1000)::float8 AS last_ms,
       e.cluster, e.client_id::text, e.server_id::text, e.protocol, e.server_port
     FROM sums s JOIN edge_variant v ON v.id = s.variant_id JOIN edge e ON e.id = v.edge_id JOIN policy_trace t ON t.id = v.trace_id
     WHERE e.dataset = $1 ORDER BY v.id`,
    [dataset, window.fromMs - LONGEST_GRAIN_MS, window.fromMs, window.toMs, ...(edgeIds ? [edgeIds] : [])],
  )
  const spans = await loadSpanFacts(dataset, window, edgeIds)
  const edges = new Map<string, EdgeRow>([
    ...spans.edges.map((edge) => [edge.id, edge] as const),
    ...rows.map((row) => [row.edge_id, edgeOf(row)] as const),
  ])
  const [endpoints, openFindings, coverage, revision] = await Promise.all([
    loadEndpoints([...new Set([...edges.values()].flatMap((edge) => [edge.clientId, edge.serverId]))]),
    countOpenFindings(dataset),
    loadCoverage(dataset, window),
    query<{ revision: string }>('SELECT last_value::text AS revision FROM graph_revision'),
  ])
  const newestMs = coverage.reduce((newest, { lastRecordMs = 0 }) => Math.max(newest, lastRecordMs), 0)
  return {
    window,
    dataset,
    endpoints,
    edges: [...edges.values()],
    variants: rows.map(variantOf),
    spanFacts: spans.facts,
    openFindings,
    coverage,
    ...(newestMs > 0 && { newestMs }),
    revision: revision[0]?.revision ?? '0',
  }
}

const edgeOf = (row: VariantSums): EdgeRow => ({
  id: row.edge_id,
  cluster: row.cluster,
  clientId: row.client_id,
  serverId: row.server_id,
  protocol: row.protocol,
  serverPort: row.server_port,
})

const variantOf = (row: VariantSums): VariantRow => ({
  id: row.id,
  edgeId: row.edge_id,
  source: row.source,
  observer: row.observer,
  outcome: row.outcome,
  basis: row.basis,
  pending: row.pending,
  layer: row.layer,
  repeats: row.repeats,
  ...(row.drop_reason && { dropReason: row.drop_reason }),
  ...(row.enforced && { enforced: row.enforced }),
  ...(row.pending_trace && { pendingTrace: row.pending_trace }),
  counters: {
    connections: row.connections,
    events: row.events,
    requests: row.requests,
    requestErrors: row.request_errors,
    spans: 0,
    bytesSent: row.bytes_sent,
    bytesReceived: row.bytes_received,
  },
  firstMs: row.first_ms,
  lastMs: row.last_ms,
})

async function loadEndpoints(ids: readonly string[]): Promise<EndpointRow[]> {
  const rows = await query<{
    id: string
    cluster: string
    class: EndpointClass
    namespace: string
    name: string
    kind: string | null
    account: string | null
    labels: Record<string, string> | null
  }>(
    `SELECT e.id::text, e.cluster, e.class, e.namespace, e.name, f.workload_kind AS kind, f.service_account AS account, f.labels
     FROM endpoint e LEFT JOIN endpoint_fact f ON f.endpoint_id = e.id WHERE e.id = ANY($1::bigint[])`,
    [ids],
  )
  return rows.map(({ kind, account, labels, ...row }) => ({
    ...row,
    labels: labels ?? {},
    ...(kind && { workloadKind: kind }),
    ...(account && { serviceAccount: account }),
  }))
}
