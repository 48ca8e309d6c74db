import { FULL_SIZE, type LoadSize } from '@/lib/demo/flow-load-topology'
import { withClient } from './bench-database'
import type { FillStep, JobResult } from './bench-jobs'
import type { LoadSpan } from './bench-load'
import { type JobRunner, runJob } from './bench-process'
import type { Comparison } from './bench-report'

const HOUR_MS = 3600_000
const DAY_MS = 24 * HOUR_MS
const QUARTER_MS = 15 * 60_000
/** How far back the load reaches where nothing is said. */
const DAYS = 30
/** Edges per flow of the whole load, up to what the goals are told for. */
const EDGES_PER_FLOW = FULL_SIZE.edges / 10_000_000
const FEWEST_EDGES = 5
/** Bodies of the size that exporters send; two at a time keep the pipeline busy. */
const SENDERS = 3

/** What is filled in two parts, queries being measured after each. */
export interface FillPlan {
  readonly size: LoadSize
  readonly flows: number
  /** A tenth of the flows: the last 24 hours, every edge alive in each hour, with a busy last quarter of an hour. */
  readonly first: readonly FillStep[]
  /** The rest: every edge alive in each hour of all days, with a busy quarter of an hour before the last. */
  readonly rest: readonly FillStep[]
}

/**
 * How `flows` flows that end at `nowMs` are filled: oldest first in each part, the worker having its turn after each day, as it
 * would have had. The last quarter of an hour is the same after both parts, so that what grows beside it is told apart.
 */
export function fillPlan(flows: number, nowMs: number, days = DAYS): FillPlan {
  const edges = Math.min(FULL_SIZE.edges, Math.max(FEWEST_EDGES, Math.floor(flows * EDGES_PER_FLOW)))
  const size = {
    ...FULL_SIZE,
    edges,
    workloads: Math.max(8, Math.round((edges * FULL_SIZE.workloads) / FULL_SIZE.edges)),
  }
  const load = (span: LoadSpan): FillStep => ({ size, spans: [span], senders: SENDERS })
  const touch = (startMs: number, endMs: number): FillStep =>
    load({ kind: 'touch', seed: 1, startMs, endMs, everyMs: HOUR_MS })
  const busy = (endMs: number, count: number): FillStep =>
    load({ kind: 'traffic', seed: 2, startMs: endMs - QUARTER_MS, endMs, flows: Math.max(1, count) })
  // Whole hours of the clock, so that every edge is in every bucket of an hour.
  const dayAgoMs = Math.ceil(nowMs / HOUR_MS) * HOUR_MS - DAY_MS
  const firstTouches = (DAY_MS / HOUR_MS) * edges
  const restTouches = ((days - 1) * DAY_MS * edges) / HOUR_MS
  const firstBusy = Math.max(1, Math.floor(flows / 10) - firstTouches)
  const older = Array.from({ length: days - 1 }, (_, index) => dayAgoMs - (days - 1 - index) * DAY_MS)
  return {
    size,
    flows,
    first: [touch(dayAgoMs, nowMs), { workAtMs: nowMs - QUARTER_MS }, busy(nowMs, firstBusy), { workAtMs: nowMs }],
    rest: [
      ...older.flatMap((startMs) => [touch(startMs, startMs + DAY_MS), { workAtMs: startMs + DAY_MS }]),
      busy(nowMs - QUARTER_MS, flows - firstTouches - firstBusy - restTouches),
      { workAtMs: nowMs },
    ],
  }
}

/** Fills a part into the database at `url`, through the pipeline. */
export async function fill(
  url: string,
  steps: readonly FillStep[],
  profileDir?: string,
  run: JobRunner = runJob,
): Promise<JobResult> {
  const result = await run({ kind: 'fill', url, steps }, profileDir)
  // So that the planner knows the tables, as autovacuum would see to within minutes.
  await withClient(url, (client) => client.query('ANALYZE'))
  return result
}

/** What a fill tells by itself. */
export function fillComparisons(name: string, filled: JobResult, parse: JobResult): Comparison[] {
  return [
    {
      name: `${name}: body to COMMIT`,
      note: `${filled.flows.toLocaleString('en-US')} flows; the worker took ${Math.round(filled.besideSeconds ?? 0)} s beside it`,
      ours: filled.flows / filled.seconds,
      limit: parse.flows / parse.seconds,
      unit: 'flows/s',
      limitName: 'JSON.parse of such lines, one core',
    },
    {
      name: `${name}: memory of the process at its peak`,
      note: `at the end ${Math.round(filled.rssMiB)} MiB`,
      ours: filled.peakMiB,
      limit: parse.peakMiB,
      unit: 'MiB',
      limitName: 'JSON.parse, with all lines in memory',
    },
  ]
}
