import 'server-only'
import { trafficOf } from '@/lib/graph/count-traffic'
import type { SourceSilence } from '@/lib/model/comparison'
import { endpointLabel } from '@/lib/model/endpoint'
import type { VariantRow } from '@/lib/model/graph-input'
import { LIMITS } from '@/lib/model/limits'
import { policyId } from '@/lib/model/policy-report'
import type { TimeRange } from '@/lib/model/time-range'
import type { Timeline, TimelineMark } from '@/lib/model/timeline'
import { addTrafficCounts, NO_TRAFFIC, type TrafficCounts } from '@/lib/model/traffic-count'
import { withSpan } from '@/lib/observability/tracer'
import { POLICY_KINDS } from '@/lib/policy/selects-pod'
import { loadBucketSums } from '@/lib/store/load-bucket-sums'
import { loadEndpoints } from '@/lib/store/load-graph'
import { type Happened, loadHappened } from '@/lib/store/load-happened'
import { loadPolicyChanges, type PolicyVersionChange } from '@/lib/store/load-policy-changes'
import { loadSilences } from '@/lib/store/load-silences'
import { DECIDING_KINDS } from './deciding-kinds'
import { type FramedVariants, loadFramedVariants } from './frame-variants'

export interface TimelineRequest {
  readonly dataset: string
  /** '' = all clusters. */
  readonly cluster: string
  readonly window: TimeRange
}

/**
 * What was counted over a window, what happened in it, and what nobody saw: of a cluster of a dataset, whatever else a view
 * filters. Counts are added over edges by the rules of an edge's state, each edge's in the units that it has in the frame. Errors: `unavailable`.
 */
export const loadTimeline = (request: TimelineRequest): Promise<Timeline> =>
  withSpan('graph.timeline', {}, async () => {
    const { dataset, cluster, window } = request
    const [framed, policies, happened, { silences, sinceMs }] = await Promise.all([
      loadFramed(request),
      // The inventory is of live clusters.
      dataset === '' ? loadPolicyChanges(cluster, DECIDING_KINDS, window, LIMITS.timelineMarks + 1) : [],
      loadHappened(dataset, cluster, window, LIMITS.timelineMarks + 1),
      loadSilences(dataset, cluster, window, LIMITS.silences),
    ])
    const { counts, denials } = countFrames(framed)
    const kinds = [await denyMarks(denials.slice(-LIMITS.timelineMarks), framed), policies.map(policyMark)]
    for (const what of ['finding', 'incident'] as const)
      kinds.push(happened.filter((item) => item.what === what).map(happenedMark))
    const shown = kinds.map((marks) => marks.slice(-LIMITS.timelineMarks))
    const hidden = [denials, ...kinds.slice(1)].reduce(
      (sum, marks, at) => sum + marks.length - (shown[at]?.length ?? 0),
      0,
    )
    return {
      window,
      frames: framed.frames,
      counts,
      marks: shown.flat().sort((a, b) => a.atMs - b.atMs),
      marksHidden: hidden,
      silences: silences.flatMap((silence) => untilFirstRecord(silence, framed)),
      silencesSinceMs: sinceMs,
      kept: framed.kept,
      hasLongRecords: framed.hasLongRecords,
    }
  })

/**
 * A source that was connected within the window may have told of the time before, as a first import does: what it had not been heard of
 * ends with its first record. Of sources whose records no bar is made of, the bars lack nothing.
 */
function untilFirstRecord(silence: SourceSilence, { frames, variants, edges }: FramedVariants): SourceSilence[] {
  if (silence.kind !== 'unheard') return [silence]
  if (silence.source !== 'hubble' && silence.source !== 'calico') return []
  const first = variants.findIndex((rows) =>
    [...rows].some(
      ([edgeId, told]) =>
        edges.get(edgeId)?.cluster === silence.cluster && told.some(({ source }) => source === silence.source),
    ),
  )
  const toMs = first < 0 ? silence.toMs : Math.min(silence.toMs, frames.fromMs + first * frames.stepMs)
  return toMs <= silence.fromMs ? [] : [{ ...silence, toMs }]
}

async function loadFramed({ dataset, cluster, window }: TimelineRequest): Promise<FramedVariants> {
  const sums = await loadBucketSums(dataset, window)
  const request = { dataset, window, ...(cluster && { cluster }) }
  return loadFramedVariants(
    request,
    sums.map(({ variantId }) => variantId),
    LIMITS.timelineFrames,
  )
}

interface Denial {
  readonly edgeId: string
  readonly atMs: number
}

/** Sums per frame, and when each edge was first denied in the window, in time order. */
function countFrames({ variants }: FramedVariants): { counts: TrafficCounts[]; denials: Denial[] } {
  const denied = new Map<string, Denial>()
  const counts = variants.map((edges) => {
    let sum: TrafficCounts = { passed: NO_TRAFFIC, denied: NO_TRAFFIC, other: NO_TRAFFIC }
    for (const [edgeId, rows] of edges) {
      sum = addTrafficCounts(sum, trafficOf(rows))
      if (denied.has(edgeId) || !rows.some(isDenied)) continue
      denied.set(edgeId, { edgeId, atMs: Math.min(...rows.filter(isDenied).map(({ firstMs }) => firstMs)) })
    }
    return sum
  })
  return { counts, denials: [...denied.values()].sort((a, b) => a.atMs - b.atMs) }
}

const isDenied = ({ outcome }: VariantRow): boolean => outcome === 'denied'

async function denyMarks(denials: readonly Denial[], { edges }: FramedVariants): Promise<TimelineMark[]> {
  const rows = denials.flatMap(({ edgeId, atMs }) => {
    const edge = edges.get(edgeId)
    return edge ? [{ edge, atMs }] : []
  })
  const ids = [...new Set(rows.flatMap(({ edge }) => [edge.clientId, edge.serverId]))]
  const endpoints = new Map((await loadEndpoints(ids)).map((row) => [row.id, row]))
  const nameOf = (id: string) => {
    const row = endpoints.get(id)
    return row ? endpointLabel(row) : 'an unknown endpoint'
  }
  return rows.map(({ edge, atMs }) => ({
    kind: 'deny',
    atMs,
    cluster: edge.cluster,
    edgeId: edge.id,
    client: nameOf(edge.clientId),
    server: nameOf(edge.serverId),
    serverPort: edge.serverPort,
  }))
}

function policyMark(changed: PolicyVersionChange): TimelineMark {
  const { atMs, cluster, change, kind, namespace, tier, name } = changed
  return {
    kind: 'policy',
    atMs,
    cluster,
    change,
    policyKind: kind,
    namespace,
    tier,
    name,
    ...(POLICY_KINDS.includes(kind) && { policyId: policyId({ cluster, kind, namespace, tier, name }) }),
  }
}

function happenedMark(item: Happened): TimelineMark {
  const { id, atMs, cluster, title } = item
  if (item.what === 'incident') return { kind: 'incident', atMs, cluster, caseId: id, title, event: item.kind }
  const { detector, severity, kind } = item
  return { kind: 'finding', atMs, cluster, findingId: id, title, event: kind, detector, severity }
}
