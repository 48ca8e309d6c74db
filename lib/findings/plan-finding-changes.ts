import {
  type Finding,
  type FindingChange,
  type FindingUpdate,
  SEVERITIES,
  type Severity,
  type TrackedFinding,
} from '@/lib/model/finding'
import { HOUR_MS, MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import type { ClusterDetector, ClusterFacts, Detection } from './facts'
import type { DetectorRun } from './run-detectors'
import { type Liveness, type SourceLiveness, witnessesOf } from './source-liveness'
import { addToTally, beginTally, countOf } from './tally'

/** Quiet for this long, with its sources alive, ends a finding. */
export const QUIET_MS = 15 * MINUTE_MS
/** What comes back within this time after it was resolved is the same finding; later, a new one begins. */
export const REOPEN_WINDOW_MS = 24 * HOUR_MS
const MOST_KEY_CHARS = 300
const MOST_FACTS = 8
const MOST_EDGES = 8
const MOST_TITLE_CHARS = 1000

export interface PlanInput {
  /** Detectors of this pass; findings of others are left alone. */
  readonly detectors: readonly ClusterDetector[]
  /** What they said, by cluster; in a cluster that is not here all is quiet. */
  readonly runs: readonly DetectorRun[]
  /** The current finding of each key, of the same datasets. */
  readonly findings: readonly TrackedFinding[]
  /** By cluster; a cluster that is not here is not alive. */
  readonly liveness: ReadonlyMap<string, SourceLiveness>
  readonly nowMs: UnixMillis
  readonly quietMs?: number
}

/**
 * What must change in the findings so that there is one per (detector, workload, target), with the total count, opened once, ended by
 * quiet. A finding resolves only while the sources that would have seen it are alive; where they are not, quiet proves nothing and
 * it goes stale. A pinned dataset stands still: its findings never end by themselves. Planning again counts nothing twice; it
 * only ends what was opened over problems that are already past. Acceptances whose time is over end, of all findings.
 */
export function planFindingChanges(input: PlanInput): FindingChange[] {
  const known = new Map(input.findings.map((finding) => [keyOf(finding), finding]))
  const changes: FindingChange[] = input.findings.flatMap((finding) =>
    isAcceptanceOver(finding, input.nowMs) ? [{ kind: 'expire-acceptance', findingId: finding.id }] : [],
  )
  const runs = new Map(input.runs.map((run) => [scopeOf(run.facts), run]))
  for (const detector of input.detectors) {
    const seen = new Map<string, Detection>()
    for (const { facts, detections } of input.runs)
      for (const detection of detections.get(detector.id) ?? []) {
        const shown = bounded(detection)
        const key = keyOf({ detector: detector.id, dataset: facts.dataset, cluster: facts.cluster, ...shown })
        if (countShown(shown) <= 0 || seen.has(key)) continue
        seen.set(key, shown)
        const before = known.get(key)
        if (!before) changes.push(open(detector, facts, shown, input.nowMs))
        else if (isTooOld(before, shown, input.nowMs)) changes.push(open(detector, facts, shown, input.nowMs, before))
      }
    for (const finding of input.findings) {
      if (finding.detector !== detector.id) continue
      const run = runs.get(scopeOf(finding))
      // It failed, or it still learns: it says nothing about what it found before.
      if (run && !run.detections.has(detector.id)) continue
      const change = continueFinding(detector, finding, seen.get(keyOf(finding)), run?.facts, input)
      if (change) changes.push(change)
    }
  }
  return changes
}

const scopeOf = ({ dataset, cluster }: { readonly dataset: string; readonly cluster: string }): string =>
  JSON.stringify([dataset, cluster])

/** What makes two findings the same. */
export const keyOf = (of: Pick<Finding, 'detector' | 'dataset' | 'cluster' | 'workload' | 'target'>): string =>
  JSON.stringify([of.detector, of.dataset, of.cluster, of.workload, of.target])

/** Names come from outside: nothing that a database refuses, and no longer than an index takes. */
function bounded(detection: Detection): Detection {
  return {
    ...detection,
    workload: cleanText(detection.workload, MOST_KEY_CHARS),
    target: cleanText(detection.target, MOST_KEY_CHARS),
    cause: cleanText(detection.cause, MOST_KEY_CHARS),
    title: cleanText(detection.title, MOST_TITLE_CHARS),
    disproof: cleanText(detection.disproof, MOST_TITLE_CHARS),
    facts: detection.facts.slice(0, MOST_FACTS).map((fact) => cleanText(fact, MOST_TITLE_CHARS)),
    edgeIds: detection.edgeIds.slice(0, MOST_EDGES),
  }
}

const cleanText = (text: string, most: number): string => text.slice(0, most).replace(/[\p{Cc}\p{Cs}]/gu, '\ufffd')

const countShown = ({ shown }: Detection): number =>
  shown.kind === 'total' ? shown.count : shown.slots.reduce((sum, { count }) => sum + count, 0)

const isAcceptanceOver = ({ accepted }: Finding, nowMs: UnixMillis): boolean =>
  accepted?.untilMs !== undefined && accepted.untilMs <= nowMs

/** True where what is shown is news of a finding that ended so long ago that a new one begins. */
const isTooOld = (finding: TrackedFinding, detection: Detection, nowMs: UnixMillis): boolean =>
  finding.status === 'resolved' &&
  nowMs - (finding.resolvedMs ?? finding.lastSeenMs) >= REOPEN_WINDOW_MS &&
  isNews(finding, detection, nowMs)

/** `before`: the finding of the same key that ended; what a person decided about it, for longer than it lasted, goes on. */
function open(
  detector: ClusterDetector,
  { dataset, cluster }: ClusterFacts,
  { shown, ...said }: Detection,
  nowMs: UnixMillis,
  before?: TrackedFinding,
): FindingChange {
  const tally = beginTally(shown, before ? before.tally.before + before.count : 0, nowMs)
  const isLater = !before || shown.firstMs > before.lastSeenMs
  return {
    kind: 'open',
    finding: {
      ...said,
      detector: detector.id,
      status: 'open',
      dataset,
      cluster,
      tally,
      count: countOf(tally, shown, 1),
      firstSeenMs: isLater ? shown.firstMs : shown.lastMs,
      lastSeenMs: shown.lastMs,
      openedMs: nowMs,
      ...(before?.accepted && !isAcceptanceOver(before, nowMs) && { accepted: before.accepted }),
      ...(before?.assignee !== undefined && { assignee: before.assignee }),
    },
    ...(before && { replaces: before.id }),
  }
}

function continueFinding(
  detector: ClusterDetector,
  finding: TrackedFinding,
  detection: Detection | undefined,
  facts: ClusterFacts | undefined,
  input: PlanInput,
): FindingChange | undefined {
  if (detection && isTooOld(finding, detection, input.nowMs)) return undefined
  if (detection && isNews(finding, detection, input.nowMs))
    return {
      kind: finding.status === 'open' ? 'update' : 'reopen',
      findingId: finding.id,
      set: grow(finding, detection, input.nowMs),
    }
  const ending = endOf(detector, finding, detection, facts, input)
  if (ending) return ending
  if (finding.status !== 'open' || !detection) return undefined
  const set = grow(finding, detection, input.nowMs)
  return isEqual(finding, set) ? undefined : { kind: 'update', findingId: finding.id, set }
}

/** More of it, or later: the title alone is no news, and neither is a total that shrank because old rows were removed. */
const isNews = (finding: TrackedFinding, { shown }: Detection, nowMs: UnixMillis): boolean =>
  countOf(addToTally(finding.tally, shown, nowMs), shown, finding.count) > finding.count ||
  shown.lastMs > finding.lastSeenMs

/** While it is open its severity is the worst that it was: one that went up and down would alarm again and again. */
function grow(finding: TrackedFinding, { shown, ...said }: Detection, nowMs: UnixMillis): FindingUpdate {
  const tally = addToTally(finding.tally, shown, nowMs)
  return {
    severity: finding.status === 'open' ? worseOf(finding.severity, said.severity) : said.severity,
    certainty: said.certainty,
    title: said.title,
    facts: said.facts,
    disproof: said.disproof,
    cause: said.cause,
    edgeIds: said.edgeIds,
    tally,
    count: countOf(tally, shown, finding.count),
    // A total also tells when those before this one were seen first.
    firstSeenMs: finding.tally.before > 0 ? finding.firstSeenMs : Math.min(finding.firstSeenMs, shown.firstMs),
    lastSeenMs: Math.max(finding.lastSeenMs, shown.lastMs),
  }
}

/** Of two severities the worse one. */
export const worseOf = (a: Severity, b: Severity): Severity => (SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b)

/** The tally alone is no change worth writing: it follows from the slots. */
function isEqual(finding: TrackedFinding, set: FindingUpdate): boolean {
  const { tally: _now, ...shown } = set
  return Object.entries(shown).every(
    ([name, value]) => JSON.stringify(Reflect.get(finding, name)) === JSON.stringify(value),
  )
}

function endOf(
  detector: ClusterDetector,
  finding: TrackedFinding,
  detection: Detection | undefined,
  facts: ClusterFacts | undefined,
  { liveness, nowMs, quietMs = QUIET_MS }: PlanInput,
): FindingChange | undefined {
  if (finding.status === 'resolved') return undefined
  const resolve = { kind: 'resolve', findingId: finding.id, resolvedMs: nowMs } as const
  if (facts && detector.isDisproved?.(finding, facts)) return { ...resolve, because: 'disproved' }
  if (finding.dataset !== '') return undefined
  const learnedMs = detection?.shown.kind === 'total' ? (detection.shown.learnedMs ?? 0) : 0
  if (nowMs - Math.max(finding.lastSeenMs, learnedMs) < quietMs) return undefined
  const witnesses = witnessesOf(detector, liveness.get(finding.cluster))
  if (!witnesses.every(({ isAlive }) => isAlive))
    return finding.status === 'open' ? { kind: 'stale', findingId: finding.id } : undefined
  return isQuietWatched(finding, witnesses, nowMs - quietMs) ? { ...resolve, because: 'quiet' } : undefined
}

/** Somebody watched the whole quiet time. A stale finding was not watched for a while, so it needs to be told since when. */
function isQuietWatched({ status }: Finding, witnesses: readonly Liveness[], sinceMs: UnixMillis): boolean {
  return witnesses.every(({ aliveSinceMs, watchedSinceMs }) => {
    const watchedMs = aliveSinceMs ?? (status === 'stale' ? watchedSinceMs : undefined)
    return watchedMs === undefined ? status === 'open' : watchedMs <= sinceMs
  })
}
