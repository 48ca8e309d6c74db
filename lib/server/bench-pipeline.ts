import path from 'node:path'
import { FULL_SIZE, type LoadSize } from '@/lib/demo/flow-load-topology'
import { withBenchDatabase, withClient } from './bench-database'
import type { JobResult } from './bench-jobs'
import type { LoadPlan } from './bench-load'
import { type JobRunner, runJob } from './bench-process'
import type { Comparison } from './bench-report'

export interface PipelineOptions {
  readonly serverUrl: string
  readonly flows: number
  /** The cluster that sends; the one that the goals are told for where nothing is said. */
  readonly size?: LoadSize
  /** The end of what is sent. */
  readonly nowMs: number
  readonly profileDir?: string
  /** A process for each job where nothing is said. */
  readonly run?: JobRunner
}

/** Flows of one second of the load's own time: as much as one process is to take in. */
const BUSY_PER_SECOND = 20_000
/** As a cluster of a few hundred workloads has: nearly every record is then one of its bucket's first, and kept. */
const CALM_PER_SECOND = 600
const WARM_FLOWS = 20_000
export const LARGE = { senders: 4 } as const
export const SMALL = { bodyLines: 100, senders: 32 } as const

/** A stretch of traffic that ends at `endMs`, as dense as is said. */
export const trafficPlan = (
  flows: number,
  endMs: number,
  perSecond: number,
  shape: { readonly senders: number; readonly bodyLines?: number },
  seed = 1,
): LoadPlan => ({
  size: FULL_SIZE,
  spans: [{ kind: 'traffic', seed, startMs: endMs - Math.ceil((flows * 1000) / perSecond), endMs, flows }],
  ...shape,
})

/** Plans of the measurements through the pipeline; those over HTTP send the same. */
export function pipelinePlans(flows: number, nowMs: number, size = FULL_SIZE) {
  const few = Math.ceil(flows / 3)
  const plans = {
    warm: warmPlan(Math.min(WARM_FLOWS, flows), nowMs - 600_000),
    large: trafficPlan(flows, nowMs - 60_000, BUSY_PER_SECOND, LARGE, 3),
    small: trafficPlan(few, nowMs - 120_000, BUSY_PER_SECOND, SMALL, 4),
    calm: trafficPlan(few, nowMs - 700_000, CALM_PER_SECOND, LARGE, 5),
  }
  const { warm, large, small, calm } = plans
  return { warm: { ...warm, size }, large: { ...large, size }, small: { ...small, size }, calm: { ...calm, size } }
}

/** Every edge once, and some traffic: dictionaries are then known, as they are after the first minutes of any cluster. */
function warmPlan(flows: number, endMs: number): LoadPlan {
  const traffic = trafficPlan(flows, endMs, BUSY_PER_SECOND, LARGE, 2)
  const [startMs, everyMs] = [endMs - 2 * MINUTE_MS, MINUTE_MS]
  return {
    ...traffic,
    spans: [{ kind: 'touch', seed: 2, startMs, endMs: startMs + everyMs, everyMs }, ...traffic.spans],
  }
}
const MINUTE_MS = 60_000

export const rateOf = ({ flows, seconds }: Pick<JobResult, 'flows' | 'seconds'>): number => flows / seconds

export interface PipelineMeasured {
  readonly parse: JobResult
  readonly comparisons: readonly Comparison[]
}

/** From body to COMMIT in one process, beside JSON.parse of the same bytes on one core. */
export async function pipelineStage({
  serverUrl,
  flows,
  size,
  nowMs,
  profileDir,
  run = runJob,
}: PipelineOptions): Promise<PipelineMeasured> {
  const { warm, large, small, calm } = pipelinePlans(flows, nowMs, size)
  const parse = await run({ kind: 'parse', plan: { ...large, senders: 1 } })
  const [busy, bodies, sparse] = await withBenchDatabase(serverUrl, 'postern_bench_pipeline', async (url) => [
    await run({ kind: 'ingest', url, isAhead: true, warm, plan: large }, profileDir && path.join(profileDir, 'busy')),
    await run({ kind: 'ingest', url, isAhead: true, warm: { ...warm, spans: shifted(warm, 1) }, plan: small }),
    await run(
      { kind: 'ingest', url, isAhead: true, warm: { ...warm, spans: shifted(warm, 2) }, plan: calm },
      profileDir && path.join(profileDir, 'calm'),
    ),
  ])
  const comparisons: Comparison[] = [
    {
      name: 'body to COMMIT, 5 MB bodies',
      ours: rateOf(busy),
      limit: rateOf(parse),
      unit: 'flows/s',
      limitName: 'JSON.parse of the same lines, one core',
      goal: { is: 'at least', ratio: 0.5 },
    },
    {
      name: 'body to COMMIT, calm cluster',
      note: 'nearly every record kept as a row',
      ours: rateOf(sparse),
      limit: rateOf(parse),
      unit: 'flows/s',
      limitName: 'JSON.parse of the same lines, one core',
      goal: { is: 'at least', ratio: 0.35 },
    },
    {
      name: 'bodies of 100 flows, 32 senders',
      ours: rateOf(bodies),
      limit: rateOf(busy),
      unit: 'flows/s',
      limitName: 'the 5 MB bodies',
      goal: { is: 'at least', ratio: 0.5 },
    },
    {
      name: 'CPU of the process, without the database',
      ours: (busy.cpuSeconds / busy.flows) * 1e6,
      limit: (parse.cpuSeconds / parse.flows) * 1e6,
      unit: 'µs/flow',
      limitName: 'JSON.parse',
    },
    {
      name: 'memory of the process at its peak',
      note: `at the end ${Math.round(busy.rssMiB)} MiB; both hold all bodies`,
      ours: busy.peakMiB,
      limit: parse.peakMiB,
      unit: 'MiB',
      limitName: 'JSON.parse',
    },
  ]
  return { parse, comparisons }
}

const shifted = (plan: LoadPlan, by: number): LoadPlan['spans'] =>
  plan.spans.map((span) => ({ ...span, seed: span.seed + 1000 * by }))

const EVIDENCE_GOAL = { is: 'at least', ratio: 0.85 } as const

/** Evidence rows alone, beside binary COPY of the very same rows into a table with the same indexes. */
export function evidenceStage({
  serverUrl,
  flows,
  size = FULL_SIZE,
  nowMs,
  profileDir,
  run = runJob,
}: PipelineOptions): Promise<Comparison[]> {
  return withBenchDatabase(serverUrl, 'postern_bench_evidence', async (url) => {
    const plan = { ...trafficPlan(flows, nowMs, CALM_PER_SECOND, LARGE, 6), size }
    const [first] = plan.spans
    const warm = { ...warmPlan(flows, (first?.startMs ?? nowMs) - MINUTE_MS), size }
    const written = await run({ kind: 'evidence', url, plan, warm }, profileDir)
    return [
      {
        name: 'evidence rows, encoded',
        ours: rateOf(written),
        limit: written.flows / (written.besideSeconds ?? Number.NaN),
        unit: 'rows/s',
        limitName: 'COPY BINARY of the same rows, same indexes',
        goal: EVIDENCE_GOAL,
      },
      {
        name: 'evidence rows, with encoding and dictionaries',
        ours: written.flows / (written.seconds + (written.encodingSeconds ?? 0)),
        limit: rateOf(written),
        unit: 'rows/s',
        limitName: 'the encoded rows alone',
      },
    ]
  })
}

const WRITERS = 6

/** Six writers of the same keys, past the queue that would order them: what the server counts as deadlocks. */
export function contentionStage({
  serverUrl,
  flows,
  size = FULL_SIZE,
  nowMs,
  run = runJob,
}: PipelineOptions): Promise<Comparison[]> {
  return withBenchDatabase(serverUrl, 'postern_bench_contention', async (url) => {
    const plan = { ...trafficPlan(flows, nowMs, BUSY_PER_SECOND, { senders: WRITERS, bodyLines: 500 }, 7), size }
    const done = await run({ kind: 'contend', url, plan })
    const deadlocks = await withClient(url, async (client) => {
      const { rows } = await client.query<{ deadlocks: number }>(
        'SELECT deadlocks::float8 AS deadlocks FROM pg_stat_database WHERE datname = current_database()',
      )
      return rows[0]?.deadlocks ?? Number.NaN
    })
    return [
      {
        name: `${WRITERS} writers on the same keys`,
        note: `${Math.round(rateOf(done))} flows/s, p99 of a commit ${Math.round(done.p99Ms ?? Number.NaN)} ms`,
        ours: deadlocks,
        limit: 0,
        unit: 'deadlocks',
        limitName: 'none at all',
        goal: { is: 'at most', ratio: 0 },
      },
    ]
  })
}
