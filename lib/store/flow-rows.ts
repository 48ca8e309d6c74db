import 'server-only'
import type { IngestedFlow } from '@/lib/ingest/pipeline'
import type { EndpointIdentity } from '@/lib/model/endpoint'
import { bucketStartMs, tierForDuration } from '@/lib/model/time-range'
import { contentId, recordUuid } from './content-id'

/** A flow with the ids of everything that it refers to. */
export interface FlowIds {
  readonly flow: IngestedFlow
  readonly recordId: string
  readonly clientId: string
  readonly serverId: string
  readonly edgeId: string
  readonly traceId: string
  readonly variantId: string
  /** Set on denials: equal for repeats within a minute. */
  readonly denialId?: string
}

const endpointId = (dataset: string, cluster: string, peer: EndpointIdentity): string =>
  contentId('endpoint', dataset, cluster, peer.class, peer.namespace, peer.name)

/** Ids by content; the same flow gets the same ids everywhere. */
export function withIds(flow: IngestedFlow, dataset: string): FlowIds {
  const clientId = endpointId(dataset, flow.cluster, flow.client)
  const serverId = endpointId(dataset, flow.cluster, flow.server)
  const edgeId = contentId('edge', dataset, flow.cluster, clientId, serverId, flow.protocol, flow.serverPort)
  const traceId = contentId(
    'trace',
    JSON.stringify(flow.trace.enforced ?? null),
    JSON.stringify(flow.trace.pending ?? null),
  )
  const { outcome, basis, pending, layer, dropReason = '' } = flow.verdict
  const repeats = flow.repeatsSiblingCounts ?? false
  const variantId = contentId(
    'variant',
    edgeId,
    flow.source,
    flow.observer,
    outcome,
    basis,
    pending,
    layer,
    dropReason,
    traceId,
    repeats,
  )
  const minute = Math.floor(flow.startMs / 60_000)
  const denialId =
    outcome === 'denied' && flow.source === 'hubble' && flow.verdict.layer === 'L4'
      ? contentId(
          'denial',
          edgeId,
          flow.observer,
          flow.client.ip ?? '',
          flow.clientPort ?? 0,
          flow.server.ip ?? '',
          minute,
        )
      : undefined
  return {
    flow,
    recordId: recordUuid(flow.recordKey),
    clientId,
    serverId,
    edgeId,
    traceId,
    variantId,
    ...(denialId && { denialId }),
  }
}

export interface BucketRow {
  readonly bucketStartMs: number
  readonly grainS: number
  readonly variantId: string
  connections: number
  events: number
  requests: number
  requestErrors: number
  bytesSent: number
  bytesReceived: number
  firstMs: number
  lastMs: number
}

/**
 * Sums per variant and bucket, in key order (two writers that upsert in one order cannot deadlock). A repeated denial
 * keeps the edge alive and counts nothing.
 */
export function foldBuckets(rows: readonly FlowIds[], isRepeatedDenial: (row: FlowIds) => boolean): BucketRow[] {
  const buckets = new Map<string, BucketRow>()
  for (const row of rows) {
    const { startMs, endMs, counts } = row.flow
    const grainS = tierForDuration(endMs - startMs)
    const start = bucketStartMs(startMs, grainS)
    const key = `${start}|${grainS}|${row.variantId}`
    const zero = { connections: 0, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 }
    const bucket = buckets.get(key) ?? {
      bucketStartMs: start,
      grainS,
      variantId: row.variantId,
      ...zero,
      firstMs: startMs,
      lastMs: startMs,
    }
    buckets.set(key, bucket)
    const repeated = isRepeatedDenial(row)
    bucket.connections += repeated ? 0 : counts.connections
    bucket.events += repeated ? counts.connections + counts.events : counts.events
    bucket.requests += counts.requests
    bucket.requestErrors += counts.requestErrors
    bucket.bytesSent += counts.bytesSent
    bucket.bytesReceived += counts.bytesReceived
    bucket.firstMs = Math.min(bucket.firstMs, startMs)
    bucket.lastMs = Math.max(bucket.lastMs, endMs)
  }
  return [...buckets.values()].sort(
    (a, b) =>
      a.bucketStartMs - b.bucketStartMs ||
      a.grainS - b.grainS ||
      (a.variantId < b.variantId ? -1 : a.variantId > b.variantId ? 1 : 0),
  )
}
