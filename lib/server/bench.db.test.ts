import { describe, expect, it } from 'vitest'
import { env } from '@/lib/env'
import { withBenchDatabase } from './bench-database'
import { dropStage } from './bench-drop'
import { fill, fillComparisons, fillPlan } from './bench-fill'
import { formatsStage } from './bench-formats'
import { type BenchJob, doJob } from './bench-jobs'
import { contentionStage, evidenceStage, pipelineStage } from './bench-pipeline'
import { growthComparisons, measureWindows, windowComparisons } from './bench-query'
import { type Comparison, comparisonTable, ratioOf } from './bench-report'
import { routeStage, startBare } from './bench-route'
import { sizesStage } from './bench-sizes'

/** Late in an hour, so that the last one has room for its touches. */
const NOW_MS = Math.floor(Date.now() / 3600_000) * 3600_000 - 60_000
/** In this process: that a job runs in one of its own too is told by the servers and by one fill. */
const run = (job: BenchJob) => doJob(job, async () => undefined)
const TINY = { flows: 1000, size: { seed: 5, workloads: 40, edges: 150 }, nowMs: NOW_MS, run }
const FILLED = 10_000
/** Long enough that retention drops partitions on the way. */
const DAYS = 5

const serverUrl = (): string => env().POSTERN_TEST_DATABASE_URL ?? ''

/** Every stage gave numbers that can be compared, and the table has them. */
function expectFinite(comparisons: readonly Comparison[]): void {
  expect(comparisons.length).toBeGreaterThan(0)
  for (const comparison of comparisons) {
    expect.soft({ name: comparison.name, ratio: ratioOf(comparison) }).toEqual({
      name: comparison.name,
      ratio: expect.any(Number),
    })
    expect.soft(Number.isFinite(ratioOf(comparison)), comparison.name).toBe(true)
  }
  const table = comparisonTable('a stage', comparisons)
  for (const { name } of comparisons) expect(table).toContain(name)
}

describe.skipIf(!serverUrl())('every stage of the benchmark runs and gives finite ratios', () => {
  it('pipeline and route', { timeout: 240_000 }, async () => {
    const { parse, comparisons } = await pipelineStage({ serverUrl: serverUrl(), ...TINY })
    expectFinite(comparisons)
    expectFinite(await routeStage({ serverUrl: serverUrl(), ...TINY, parse, start: startBare }))
  })

  it('evidence and writers', { timeout: 240_000 }, async () => {
    expectFinite(await evidenceStage({ serverUrl: serverUrl(), ...TINY }))
    expectFinite(await contentionStage({ serverUrl: serverUrl(), ...TINY }))
  })

  it('formats', { timeout: 240_000 }, async () => {
    expectFinite(await formatsStage(serverUrl(), 600, NOW_MS))
  })

  it('fill, sizes, graph, growth: no flow is lost on the way', { timeout: 240_000 }, async () => {
    const plan = fillPlan(FILLED, NOW_MS, DAYS)
    await withBenchDatabase(serverUrl(), 'postern_bench_tiny', async (url) => {
      const first = await fill(url, plan.first, undefined, run)
      const before = await measureWindows({ nowMs: NOW_MS, runs: 3, warm: 1 })
      const rest = await fill(url, plan.rest)
      expect([first.flows, first.flows + rest.flows]).toEqual([FILLED / 10, FILLED])
      expectFinite(fillComparisons('fill', first, rest))
      expectFinite(await sizesStage(url, FILLED))
      const after = await measureWindows({ nowMs: NOW_MS, runs: 3, warm: 1 })
      expect(after.map(({ edges }) => edges)).toEqual(after.map(() => plan.size.edges))
      expectFinite(windowComparisons(after))
      expectFinite(growthComparisons(before, after))
    })
  })

  it('drop of partitions', { timeout: 120_000 }, async () => {
    const drops = { drops: 2, rowsEach: 500, rowsPerInsert: 50 }
    expectFinite(await dropStage({ serverUrl: serverUrl(), nowMs: NOW_MS, ...drops }))
  })
})
