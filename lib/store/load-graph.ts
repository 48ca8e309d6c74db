import 'server-only'
import type { EndpointClass } from '@/lib/model/endpoint'
import type { EdgeRow, EndpointRow, GraphInput, VariantRow } from '@/lib/model/graph-input'
import type { TimeRange } from '@/lib/model/time-range'
import { query } from './client'
import { countOpenFindings } from './count-open-findings'
import { loadBucketSums } from './load-bucket-sums'
import { loadCoverage } from './load-coverage'
import { loadSpanFacts } from './load-span-facts'
import { loadVariants } from './load-variants'

/**
 * Sums per way of reporting in `[from, to)`, with dictionaries, coverage and the newest record. Reads the coarsest buckets
 * that are up to date (load-bucket-sums.ts), one row per variant and bucket; with `edgeIds` only the variants of these edges.
 */
export async function loadGraph(dataset: string, window: TimeRange, edgeIds?: readonly string[]): Promise<GraphInput> {
  // The sums take longest; what does not depend on them is read beside them.
  const [{ sums, variants }, spans, openFindings, coverage, revision] = await Promise.all([
    loadSums(dataset, window, edgeIds),
    loadSpanFacts(dataset, window, edgeIds),
    countOpenFindings(dataset),
    loadCoverage(dataset, window),
    query<{ revision: string }>('SELECT last_value::text AS revision FROM graph_revision'),
  ])
  const edges = new Map<string, EdgeRow>(spans.edges.map((edge) => [edge.id, edge]))
  const rows: VariantRow[] = []
  for (const [index, variant] of variants.entries()) {
    const sum = sums[index]
    if (!variant || !sum) continue
    edges.set(variant.edge.id, variant.edge)
    rows.push({ ...variant.row, counters: sum.counters, firstMs: sum.firstMs, lastMs: sum.lastMs })
  }
  const ids = new Set<string>()
  for (const edge of edges.values()) ids.add(edge.clientId).add(edge.serverId)
  const endpoints = await loadEndpoints([...ids])
  const newestMs = coverage.reduce((newest, { lastRecordMs = 0 }) => Math.max(newest, lastRecordMs), 0)
  return {
    window,
    dataset,
    endpoints,
    edges: [...edges.values()],
    variants: rows,
    spanFacts: spans.facts,
    openFindings,
    coverage,
    ...(newestMs > 0 && { newestMs }),
    revision: revision[0]?.revision ?? '0',
  }
}

async function loadSums(dataset: string, window: TimeRange, edgeIds: readonly string[] | undefined) {
  const sums = await loadBucketSums(dataset, window, edgeIds && (await variantsOf(edgeIds)))
  return { sums, variants: await loadVariants(sums.map((sum) => sum.variantId)) }
}

/** Ids of all variants of these edges. */
export async function variantsOf(edgeIds: readonly string[]): Promise<string[]> {
  const rows = await query<{ id: string }>('SELECT id::text FROM edge_variant WHERE edge_id = ANY($1::bigint[])', [
    edgeIds,
  ])
  return rows.map((row) => row.id)
}

/** The endpoints of these ids with what was told of them last; unknown ones are missing. Index: primary key. */
export async function loadEndpoints(ids: readonly string[]): Promise<EndpointRow[]> {
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
