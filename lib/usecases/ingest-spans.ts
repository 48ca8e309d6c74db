import 'server-only'
import { cleanText } from '@/lib/ingest/clean-text'
import { podKey } from '@/lib/ingest/draft'
import { addRefused, groupRejects } from '@/lib/ingest/reject-hints'
import { sortByTime } from '@/lib/ingest/sort-by-time'
import { queueEnd, spanServer } from '@/lib/ingest/span-server'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import { REJECT_REASONS, type RejectReason } from '@/lib/model/decoded'
import type { Peer } from '@/lib/model/endpoint'
import type { IngestResult } from '@/lib/model/ingest-result'
import type { PreparedBridge, PreparedSpan, SpanMeaning } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import type { OtlpDecoded } from '@/lib/sources/otlp/decode'
import { linkCalls } from '@/lib/sources/otlp/link-calls'
import { commitSpans } from '@/lib/store/commit-spans'
import { loadPodOwners } from '@/lib/store/load-pod-owners'
import { rejectCounts } from '@/lib/store/save-source-minutes'
import { checkDataset } from './check-dataset'
import { observeIngest } from './observe-ingest'
import { settleWindowMs } from './settle-window'
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
  /** How long after a span's end its other half is waited for. Default: what this process was started with. */
  readonly settleMs?: number
}

/** What spans mean, for the store, which only knows rows. */
export const SPAN_MEANING: SpanMeaning = {
  link: linkCalls,
  serverOf: (span) => spanServer(span),
  queueEnd: (name) => queueEnd(name, true),
}

/**
 * Takes decoded spans and answers after COMMIT. A call that both ends sent is one call on the edge between their workloads;
 * one that only its caller sent is drawn on the edge of its connection: client workload, host or workload, tcp, port. Spans
 * of one trace may come in any order and in many bodies, hours apart; a span that comes again replaces itself.
 * Errors: `bad_request` (dataset name), `unavailable`.
 */
export const ingestSpans = (request: SpanIngestRequest): Promise<IngestResult> =>
  observeIngest('otlp', () => ingest(request))

async function ingest(request: SpanIngestRequest): Promise<IngestResult> {
  checkDataset(request.dataset)
  const { decoded } = request
  const { inTime, refused, details } = sortByTime(decoded.spans, (span) => span, request)
  const { spans, bridges } = await prepare(inTime, request)
  const counted = { refused: withoutListed(decoded, refused), details }
  const rejects = addRefused(groupRejects(decoded.rejects, 'otlp'), counted, 'otlp')
  const rejected = rejects.reduce((sum, group) => sum + group.count, 0)
  const cluster = spans[0]?.cluster ?? clusterOf({}, request)
  const { added } = await commitSpans({
    dataset: request.dataset,
    spans,
    bridges,
    cluster,
    rejects: rejectCounts(rejects),
    meaning: SPAN_MEANING,
    nowMs: request.nowMs,
    settleMs: request.settleMs ?? settleWindowMs(),
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

interface Prepared {
  readonly spans: readonly PreparedSpan[]
  readonly bridges: readonly PreparedBridge[]
}

async function prepare(spans: readonly Span[], request: SpanIngestRequest): Promise<Prepared> {
  const { bridges } = request.decoded
  const clusters = [...spans, ...bridges].map((one) => ({ workload: one.workload, cluster: clusterOf(one, request) }))
  const clientOf = await clientsOf(clusters, request.dataset)
  return {
    spans: spans.map((span) => {
      const cluster = clusterOf(span, request)
      const client = clientOf(span.workload, cluster)
      const server = spanServer(span, client)
      return { span, cluster, client, ...(server && { server }) }
    }),
    bridges: bridges.map(({ workload, cluster: own, ...bridge }) => {
      const cluster = clusterOf({ cluster: own }, request)
      return { bridge, cluster, client: clientOf(workload, cluster) }
    }),
  }
}

/** Who emitted, with clean names and the owner where the store knows it; one object for all spans of a resource. */
async function clientsOf(
  emitters: readonly { readonly workload: Peer; readonly cluster: string }[],
  dataset: string,
): Promise<(workload: Peer, cluster: string) => Peer> {
  const pods = new Map<string, { cluster: string; namespace: string; pod: string }>()
  for (const { workload, cluster } of emitters) {
    if (!workload.pod || workload.workloadKind) continue
    const pod = { cluster, namespace: cleanText(workload.namespace), pod: cleanText(workload.pod) }
    pods.set(podKey(pod.cluster, pod.namespace, pod.pod), pod)
  }
  const owners = new Map(
    (await loadPodOwners(dataset, [...pods.values()])).map((row) => [podKey(row.cluster, row.namespace, row.pod), row]),
  )
  const known = new Map<Peer, { readonly cluster: string; readonly client: Peer }>()
  return (workload, cluster) => {
    const before = known.get(workload)
    if (before?.cluster === cluster) return before.client
    const clean = { ...workload, namespace: cleanText(workload.namespace), name: cleanText(workload.name) }
    const owner =
      workload.pod && !workload.workloadKind
        ? owners.get(podKey(cluster, clean.namespace, cleanText(workload.pod)))
        : undefined
    const client = owner ? { ...clean, name: owner.workload, workloadKind: owner.workloadKind ?? undefined } : clean
    known.set(workload, { cluster, client })
    return client
  }
}

function spanTimes(spans: readonly Span[]): { firstMs: number; lastMs: number } | undefined {
  if (spans.length === 0) return undefined
  const firstMs = spans.reduce((first, span) => Math.min(first, span.startMs), Number.POSITIVE_INFINITY)
  const lastMs = spans.reduce((last, span) => Math.max(last, span.endMs), Number.NEGATIVE_INFINITY)
  return { firstMs: Math.floor(firstMs), lastMs: Math.ceil(lastMs) }
}
