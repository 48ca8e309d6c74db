import type { DetectorId, Finding, FindingChange, FindingUpdate } from '@/lib/model/finding'
import { MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import type { Detection, Detector, JudgedEdge } from './detector'
import { DETECTORS } from './detectors'
import type { Liveness, SourceLiveness } from './source-liveness'

/** Quiet for this long, with its sources alive, ends a finding. */
export const QUIET_MS = 15 * MINUTE_MS

export interface PlanInput {
  /** Edges as judged now; an edge that is not here is quiet. */
  readonly edges: readonly JudgedEdge[]
  /** Everything stored for the same datasets, whatever its status. */
  readonly findings: readonly Finding[]
  /** By cluster; a cluster that is not here is not alive. */
  readonly liveness: ReadonlyMap<string, SourceLiveness>
  readonly nowMs: UnixMillis
  readonly quietMs?: number
}

/**
 * What must change in the findings so that there is one per (detector, edge), with the total count, opened once, ended by
 * quiet. A finding resolves only while its sources are alive; where they are not, quiet proves nothing and it goes stale.
 * A pinned dataset stands still: its findings never end by themselves. Planning again counts
 * nothing twice; it only ends what was opened over problems that are already past.
 */
export function planFindingChanges(input: PlanInput): FindingChange[] {
  const known = new Map(input.findings.map((finding) => [keyOf(finding.detector, finding.edgeId), finding]))
  const edges = new Map(input.edges.map((edge) => [edge.edgeId, edge]))
  const changes: FindingChange[] = []
  for (const detector of DETECTORS) {
    for (const edge of input.edges) {
      const detection = detector.detect(edge)
      if (detection && !known.has(keyOf(detector.id, edge.edgeId))) changes.push(open(detector.id, edge, detection))
    }
    for (const finding of input.findings) {
      if (finding.detector !== detector.id) continue
      const change = continueFinding(detector, finding, edges.get(finding.edgeId), input)
      if (change) changes.push(change)
    }
  }
  return changes
}

const keyOf = (detector: DetectorId, edgeId: string): string => `${detector} ${edgeId}`

function open(detector: DetectorId, edge: JudgedEdge, { severity, title, shown }: Detection): FindingChange {
  return {
    kind: 'open',
    finding: {
      detector,
      status: 'open',
      severity,
      dataset: edge.dataset,
      cluster: edge.cluster,
      edgeId: edge.edgeId,
      title,
      workload: edge.workload,
      target: edge.target,
      count: shown.count,
      firstSeenMs: shown.firstMs,
      lastSeenMs: shown.lastMs,
    },
  }
}

function continueFinding(
  detector: Detector,
  finding: Finding,
  edge: JudgedEdge | undefined,
  input: PlanInput,
): FindingChange | undefined {
  const detection = edge && detector.detect(edge)
  if (detection && isNews(finding, detection)) {
    return {
      kind: finding.status === 'open' ? 'update' : 'reopen',
      findingId: finding.id,
      set: grow(finding, detection),
    }
  }
  const ending = endOf(detector, finding, edge, detection, input)
  if (ending) return ending
  if (finding.status !== 'open' || !detection) return undefined
  const set = grow(finding, detection)
  return isEqual(finding, set) ? undefined : { kind: 'update', findingId: finding.id, set }
}

/** More of it, or later: the title alone is no news, and neither is a total that shrank because old rows were removed. */
const isNews = (finding: Finding, { shown }: Detection): boolean =>
  shown.count > finding.count || shown.lastMs > finding.lastSeenMs

const grow = (finding: Finding, { severity, title, shown }: Detection): FindingUpdate => ({
  severity,
  title,
  count: Math.max(finding.count, shown.count),
  firstSeenMs: Math.min(finding.firstSeenMs, shown.firstMs),
  lastSeenMs: Math.max(finding.lastSeenMs, shown.lastMs),
})

const isEqual = (finding: Finding, set: FindingUpdate): boolean =>
  finding.severity === set.severity &&
  finding.title === set.title &&
  finding.count === set.count &&
  finding.firstSeenMs === set.firstSeenMs &&
  finding.lastSeenMs === set.lastSeenMs

function endOf(
  detector: Detector,
  finding: Finding,
  edge: JudgedEdge | undefined,
  detection: Detection | undefined,
  { liveness, nowMs, quietMs = QUIET_MS }: PlanInput,
): FindingChange | undefined {
  if (finding.status === 'resolved') return undefined
  const resolve = { kind: 'resolve', findingId: finding.id, resolvedMs: nowMs } as const
  if (edge && detector.isDisproved(edge)) return resolve
  if (finding.dataset !== '') return undefined
  const lastMs = Math.max(finding.lastSeenMs, detection?.shown.learnedMs ?? 0)
  if (nowMs - lastMs < quietMs) return undefined
  const sources = needed(detector, liveness.get(finding.cluster))
  if (!sources.every(({ isAlive }) => isAlive)) {
    return finding.status === 'open' ? { kind: 'stale', findingId: finding.id } : undefined
  }
  return isQuietWatched(finding, sources, nowMs - quietMs) ? resolve : undefined
}

function needed(detector: Detector, liveness: SourceLiveness | undefined): readonly Liveness[] {
  if (!liveness) return [{ isAlive: false }]
  return detector.needs === 'flows' ? [liveness.flows] : [liveness.flows, liveness.evidence]
}

/** Somebody watched the whole quiet time. A stale finding was not watched for a while, so it needs to be told since when. */
function isQuietWatched(finding: Finding, sources: readonly Liveness[], sinceMs: UnixMillis): boolean {
  return sources.every(({ aliveSinceMs }) =>
    aliveSinceMs === undefined ? finding.status === 'open' : aliveSinceMs <= sinceMs,
  )
}
