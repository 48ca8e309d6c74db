import type { GraphQuery } from '@/lib/model/graph'
import { withSnapshot } from '@/lib/store/client'
import { bucketRows, loadBucketState } from '@/lib/store/load-bucket-sums'
import { loadGraph } from '@/lib/store/load-graph'
import { planBuckets } from '@/lib/store/plan-buckets'
import { queryGraph } from '@/lib/usecases/query-graph'
import { millisecondsOf, quantile } from './bench-measure'
import type { Comparison, Goal } from './bench-report'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Windows that are measured. `isFilled`: a tenth of the flows already holds every row that it will read. */
export const WINDOWS = [
  { name: '15 min', ms: 15 * MINUTE_MS, isFilled: true },
  { name: '24 h', ms: DAY_MS, isFilled: true },
  { name: '7 d', ms: 7 * DAY_MS, isFilled: false },
  { name: '30 d', ms: 30 * DAY_MS, isFilled: false },
] as const

export interface WindowMeasured {
  readonly name: string
  readonly isFilled: boolean
  /** Bucket rows that it reads, and edges that come out. */
  readonly rows: number
  readonly edges: number
  readonly load: Quantiles
  readonly count: Quantiles
  readonly query: Quantiles
}

interface Quantiles {
  readonly p50: number
  readonly p95: number
}

export interface QueryOptions {
  readonly nowMs: number
  readonly runs: number
  readonly warm: number
}

/**
 * The graph of each window that ends at `nowMs`, beside `count(*)` and `sum(connections)` of the very rows that it reads: by the
 * same plan, the same tables and predicates. On this process's database.
 */
export async function measureWindows({ nowMs, runs, warm }: QueryOptions): Promise<WindowMeasured[]> {
  const measured: WindowMeasured[] = []
  for (const { name, ms, isFilled } of WINDOWS) {
    const window = { fromMs: nowMs - ms, toMs: nowMs }
    let [rows, edges] = [0, 0]
    const count = await millisecondsOf(async () => (rows = await countRows(window)), runs, warm)
    const load = await millisecondsOf(async () => (edges = (await loadGraph('', window)).edges.length), runs, warm)
    const query = await millisecondsOf(() => queryGraph(viewOf(ms), nowMs), runs, warm)
    measured.push({
      name,
      isFilled,
      rows,
      edges,
      load: quantilesOf(load),
      count: quantilesOf(count),
      query: quantilesOf(query),
    })
  }
  return measured
}

const viewOf = (windowMs: number): GraphQuery => ({ dataset: '', windowMs, namespaces: [], scope: 'all', states: [] })

const quantilesOf = (times: readonly number[]): Quantiles => ({ p50: quantile(times, 0.5), p95: quantile(times, 0.95) })

function countRows(window: { readonly fromMs: number; readonly toMs: number }): Promise<number> {
  return withSnapshot(async (client) => {
    const plan = planBuckets(window, await loadBucketState(client, '', window))
    const { sql, values } = bucketRows('', plan)
    if (sql === '') return 0
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::float8 AS count, sum(connections)::float8 AS sum FROM (${sql}) b`,
      values,
    )
    return rows[0]?.count ?? 0
  })
}

const GRAPH_GOAL: Goal = { is: 'at most', ratio: 3 }
const GROWTH_GOAL: Goal = { is: 'at most', ratio: 1.5 }

/** The windows as comparisons. The goal is told for 15 min, 24 h and 7 d. */
export function windowComparisons(measured: readonly WindowMeasured[]): Comparison[] {
  return measured.flatMap(({ name, rows, edges, load, count, query }) => {
    const goal = name === '30 d' ? {} : { goal: GRAPH_GOAL }
    const limitName = `count(*), sum(connections) of the ${rows.toLocaleString('en-US')} rows it reads`
    return [
      {
        name: `graph of ${name}, p50`,
        note: `${edges.toLocaleString('en-US')} edges`,
        ours: load.p50,
        limit: count.p50,
        unit: 'ms',
        limitName,
        ...goal,
      },
      { name: `graph of ${name}, p95`, ours: load.p95, limit: count.p95, unit: 'ms', limitName, ...goal },
      {
        name: `graph of ${name}, as the page asks for it, p50`,
        note: `p95 ${Math.round(query.p95)} ms`,
        ours: query.p50,
        limit: load.p50,
        unit: 'ms',
        limitName: 'the graph from the store, without names, states and view',
      },
    ]
  })
}

/**
 * Growth of each window from a tenth of the flows to all of them. A window whose rows were all there before must stay as fast;
 * of one that had most of its rows still to come, it is told, beside how many times as many rows it reads, and not judged.
 */
export function growthComparisons(before: readonly WindowMeasured[], after: readonly WindowMeasured[]): Comparison[] {
  return after.flatMap((now) => {
    const then = before.find(({ name }) => name === now.name)
    if (!then) return []
    const base = { ours: now.load.p50, limit: then.load.p50, unit: 'ms', limitName: 'the same at a tenth of them' }
    const name = `graph of ${now.name}, p50, at all flows`
    const grown = `it reads ${(now.rows / then.rows).toFixed(1)} times the rows`
    return [now.isFilled ? { name, ...base, note: grown, goal: GROWTH_GOAL } : { name, ...base, note: grown }]
  })
}
