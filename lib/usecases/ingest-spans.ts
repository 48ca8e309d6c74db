import 'server-only'
import { cleanText } from '@/lib/ingest/clean-text'
import { podKey } from '@/lib/ingest/draft'
import { addRefused, groupRejects } from '@/lib/ingest/reject-hints'
import { sortByTime } from '@/lib/ingest/sort-by-time'
import { spanServer } from '@/lib/ingest/span-server'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import { REJECT_REASONS, type RejectReason } from '@/lib/model/decoded'
import type { Peer } from '@/lib/model/endpoint'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { PreparedSpan } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import type { OtlpDecoded } from '@/lib/sources/otlp/decode'
import { linkCalls } from '@/lib/sources/otlp/link-calls'
import { commitSpans } from '@/lib/store/commit-spans'
import { loadPodOwners } from '@/lib/store/load-pod-owners'
import { rejectCounts } from '@/lib/store/save-source-minutes'
import { checkDataset } from './check-dataset'
import { observeIngest } from './observe-ingest'
import { viewOf } from './view-of'

export interface SpanIngestRequest {
  readonly decoded: OtlpDecoded
  /** '' = live. */
  readonly dataset: string
  readonly clusterHeader?: string
  readonly tokenCluster?: string
  readonly defaultCluster: string
  readonly retentionMs: number
  readonly nowMs: number
}

/**
 * Takes decoded spans and answers after COMMIT. A call is drawn on the edge of its connection: client workload, host or
 * workload, tcp, port. Spans of one trace may come in any order and in many bodies; a span that comes again replaces itself.
 * Errors: `bad_request` (dataset name), `unavailable`.
 */
export const ingestSpans = (request: SpanIngestRequest): Promise<IngestResult> =>
  observeIngest('otlp', () => ingest(request))

async function ingest(request: SpanIngestRequest): Promise<IngestResult> {
  checkDataset(request.dataset)
  const { decoded } = request
  const { inTime, refused } = sortByTime(decoded.spans, (span) => span, request)
  const spans = await prepareSpans(inTime, request)
  const rejects = addRefused(groupRejects(decoded.rejects, 'otlp'), withoutListed(decoded, refused), 'otlp')
  const rejected = rejects.reduce((sum, group) => sum + group.count, 0)
  const cluster = spans[0]?.cluster ?? clusterOf({}, request)
  const link = (all: readonly Span[]) => linkCalls(all, decoded.bridges)
  const { added } = await commitSpans({
    dataset: request.dataset,
    spans,
    cluster,
    rejects: rejectCounts(rejects),
    link,
  })
  const times = spanTimes(inTime)
  return {
    accepted: added,
    duplicates: spans.length - added,
    ignored: decoded.ignored,
    rejected,
    rejects,
    repeatedBatch: false,
    ...(times && { ...times, view: viewOf(times, request.dataset) }),
  }
}

/** The decoder lists the first rejects and counts them all. */
function withoutListed(
  decoded: OtlpDecoded,
  refused: Readonly<Partial<Record<RejectReason, number>>>,
): Partial<Record<RejectReason, number>> {
  const counts: Partial<Record<RejectReason, number>> = { ...refused }
  for (const group of groupRejects(decoded.rejects, 'otlp'))
    counts[group.reason] = (counts[group.reason] ?? 0) - group.count
  for (const reason of REJECT_REASONS) {
    const count = decoded.rejectedByReason[reason]
    if (count) counts[reason] = (counts[reason] ?? 0) + count
  }
  return counts
}

async function prepareSpans(spans: readonly Span[], request: SpanIngestRequest): Promise<PreparedSpan[]> {
  const clustered = spans.map((span) => ({ span, cluster: clusterOf(span, request) }))
  const pods = clustered.flatMap(({ span: { workload }, cluster }) =>
    workload.pod && !workload.workloadKind
      ? [{ cluster, namespace: cleanText(workload.namespace), pod: cleanText(workload.pod) }]
      : [],
  )
  const owners = new Map(
    (await loadPodOwners(request.dataset, pods)).map((row) => [podKey(row.cluster, row.namespace, row.pod), row]),
  )
  return clustered.map(({ span, cluster }) => {
    const server = spanServer(span)
    return { span, cluster, client: clientOf(span, cluster, owners), ...(server && { server }) }
  })
}

function clientOf(
  { workload }: Span,
  cluster: string,
  owners: ReadonlyMap<string, { readonly workload: string; readonly workloadKind: string | null }>,
): Peer {
  const clean = { ...workload, namespace: cleanText(workload.namespace), name: cleanText(workload.name) }
  const owner =
    workload.pod && !workload.workloadKind
      ? owners.get(podKey(cluster, clean.namespace, cleanText(workload.pod)))
      : undefined
  return owner ? { ...clean, name: owner.workload, workloadKind: owner.workloadKind ?? undefined } : clean
}

function spanTimes(spans: readonly Span[]): { firstMs: number; lastMs: number } | undefined {
  if (spans.length === 0) return undefined
  const firstMs = spans.reduce((first, span) => Math.min(first, span.startMs), Number.POSITIVE_INFINITY)
  const lastMs = spans.reduce((last, span) => Math.max(last, span.endMs), Number.NEGATIVE_INFINITY)
  return { firstMs: Math.floor(firstMs), lastMs: Math.ceil(lastMs) }
}
