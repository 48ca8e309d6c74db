import type { Flow, FlowCounts } from '@/lib/model/flow'
import type { BucketPart } from '@/lib/model/prepared-batch'
import { bucketStartMs, tierForDuration } from '@/lib/model/time-range'

/**
 * What a record adds to which buckets. An instant adds to its 15 s. An interval enters at the finest tier that holds its
 * length, and is spread over that tier's buckets by time; the parts add up to the record exactly.
 */
export function bucketParts(flow: Pick<Flow, 'startMs' | 'endMs' | 'counts'>): BucketPart[] {
  const { startMs, endMs, counts } = flow
  if (startMs === endMs)
    return [
      { bucketStartMs: bucketStartMs(startMs, 15), grainS: 15, ...counted(counts), firstMs: startMs, lastMs: endMs },
    ]
  const grainS = tierForDuration(endMs - startMs)
  const first = bucketStartMs(startMs, grainS)
  // Half-open: an interval that ends on a boundary has nothing in the next bucket.
  const last = endMs > startMs ? bucketStartMs(endMs - 1, grainS) : first
  if (first === last) return [{ bucketStartMs: first, grainS, ...counted(counts), firstMs: startMs, lastMs: endMs }]
  const parts: BucketPart[] = []
  for (let start = first; start <= last; start += grainS * 1000) {
    const [from, to] = [Math.max(start, startMs), Math.min(start + grainS * 1000, endMs)]
    const share = (total: number) => upTo(total, to, flow) - upTo(total, from, flow)
    parts.push({ bucketStartMs: start, grainS, ...mapCounts(counts, share), firstMs: from, lastMs: to })
  }
  return parts
}

const upTo = (total: number, atMs: number, { startMs, endMs }: Pick<Flow, 'startMs' | 'endMs'>): number =>
  Math.round(total * ((atMs - startMs) / (endMs - startMs)))

const counted = ({
  connections,
  events,
  requests,
  requestErrors,
  bytesSent,
  bytesReceived,
}: FlowCounts): FlowCounts => ({
  connections,
  events,
  requests,
  requestErrors,
  bytesSent,
  bytesReceived,
})

function mapCounts(counts: FlowCounts, change: (count: number) => number): FlowCounts {
  return {
    connections: change(counts.connections),
    events: change(counts.events),
    requests: change(counts.requests),
    requestErrors: change(counts.requestErrors),
    bytesSent: change(counts.bytesSent),
    bytesReceived: change(counts.bytesReceived),
  }
}
