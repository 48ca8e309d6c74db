import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { withBenchDatabase } from './bench-database'
import { type DecodeMeasured, decodeStages } from './bench-decode'
import { dropStage } from './bench-drop'
import { fill, fillComparisons, fillPlan } from './bench-fill'
import { formatsStage } from './bench-formats'
import { liveStage } from './bench-live'
import { type BenchOptions, benchOptions } from './bench-options'
import { contentionStage, evidenceStage, pipelinePlans, pipelineStage } from './bench-pipeline'
import { runJob } from './bench-process'
import { growthComparisons, measureWindows, windowComparisons } from './bench-query'
import { type Comparison, comparisonJson, comparisonTable, decodeReport } from './bench-report'
import { routeStage, startRoute } from './bench-route'
import { sizesStage } from './bench-sizes'
import { startEmbeddedPostgres } from './embedded-postgres'

/** Flows of the stages that need not fill anything, and records of each format: a part of all, within bounds. */
const PIPELINE_SHARE = { of: 60, least: 5000, most: 150_000 }
const FORMAT_SHARE = { of: 500, least: 2000, most: 20_000 }
const shareOf = (flows: number, { of, least, most }: typeof PIPELINE_SHARE): number =>
  Math.min(most, Math.max(least, Math.floor(flows / of)))

const QUERY_RUNS = { runs: 30, warm: 3 }
const LIVE = { clients: 2000, views: 20, seconds: 30 }
const QUICK_LIVE = { clients: 200, views: 20, seconds: 10 }
/** Below that a run is a quick one. */
const MANY_FLOWS = 1_000_000
const DROPS = { drops: 5, rowsEach: 100_000, rowsPerInsert: 1000 }

/** Prints, or gathers for `--json`, the parts of a run as they come. */
class Report {
  private readonly parts: { readonly title: string; readonly comparisons: readonly Comparison[] }[] = []
  private decoded: readonly DecodeMeasured[] = []

  constructor(private readonly isJson: boolean) {}

  add(title: string, comparisons: readonly Comparison[]): void {
    this.parts.push({ title, comparisons })
    if (!this.isJson) console.log(`${comparisonTable(title, comparisons)}\n`)
  }

  addDecoded(decoded: readonly DecodeMeasured[]): void {
    this.decoded = decoded
    if (!this.isJson) console.log(`Decoders, one core\n${decodeReport(decoded)}\n`)
  }

  finish(): void {
    if (!this.isJson) return
    const parts = this.parts.map(({ title, comparisons }) => ({ title, comparisons: comparisons.map(comparisonJson) }))
    console.log(JSON.stringify({ decoded: this.decoded, parts }))
  }
}

/**
 * `npm run bench [-- --flows N | --quick] [--only decode,ingest,storage,query,live] [--json] [--profile DIR] [--no-route]`: what
 * Postern costs, each beside a limit of the same run on the same machine: only ratios mean anything. docs/benchmark.md says
 * what each limit is.
 */
async function main(): Promise<void> {
  const options = benchOptions(process.argv.slice(2))
  if (options.profileDir !== undefined) mkdirSync(options.profileDir, { recursive: true })
  const report = new Report(options.isJson)
  const nowMs = Date.now()
  const wants = (...halves: Parameters<typeof options.halves.has>[0][]) =>
    halves.some((half) => options.halves.has(half))
  if (wants('decode')) report.addDecoded(decodeStages(nowMs, shareOf(options.flows, FORMAT_SHARE)))
  if (wants('ingest', 'storage', 'query')) {
    const work = mkdtempSync(path.join(os.tmpdir(), 'postern-bench-'))
    const database = await startEmbeddedPostgres({ dataDir: path.join(work, 'database') })
    try {
      if (wants('ingest')) await ingestHalf(database.url, options, nowMs, report)
      if (wants('storage', 'query')) await storageHalf(database.url, options, nowMs, report)
    } finally {
      await database.stop()
      rmSync(work, { recursive: true, force: true })
    }
  }
  if (wants('live') && options.hasRoute)
    report.add('Live updates', await liveStage(options.flows >= MANY_FLOWS ? LIVE : QUICK_LIVE))
  report.finish()
}

async function ingestHalf(serverUrl: string, options: BenchOptions, nowMs: number, report: Report): Promise<void> {
  const profile = options.profileDir === undefined ? {} : { profileDir: options.profileDir }
  const base = { serverUrl, flows: shareOf(options.flows, PIPELINE_SHARE), nowMs, ...profile }
  const { parse, comparisons } = await pipelineStage(base)
  report.add('Ingest, in one process', comparisons)
  if (options.hasRoute) report.add('Ingest, over HTTP', await routeStage({ ...base, parse, start: startRoute }))
  report.add('Evidence', await evidenceStage({ ...base, flows: Math.ceil(base.flows / 2) }))
  report.add('Writers', await contentionStage({ ...base, flows: Math.ceil(base.flows / 3) }))
  report.add('Formats', await formatsStage(serverUrl, shareOf(options.flows, FORMAT_SHARE), nowMs))
}

async function storageHalf(serverUrl: string, options: BenchOptions, nowMs: number, report: Report): Promise<void> {
  const isFull = options.halves.has('storage')
  const plan = fillPlan(options.flows, nowMs)
  const limits = pipelinePlans(shareOf(options.flows, PIPELINE_SHARE), nowMs)
  const parse = await runJob({ kind: 'parse', plan: { ...limits.calm, size: plan.size, senders: 1 } })
  await withBenchDatabase(serverUrl, 'postern_bench_fill', async (url) => {
    const first = await fill(url, plan.first)
    report.add(`Filled, a tenth: ${first.flows.toLocaleString('en-US')} flows`, fillComparisons('fill', first, parse))
    const before = await measureWindows({ nowMs, ...QUERY_RUNS })
    report.add('Graph at a tenth of the flows', windowComparisons(before))
    const rest = await fill(url, plan.rest, options.profileDir)
    const flows = first.flows + rest.flows
    report.add(`Filled: ${flows.toLocaleString('en-US')} flows`, fillComparisons('fill', rest, parse))
    if (isFull) report.add('On disk', await sizesStage(url, flows))
    const after = await measureWindows({ nowMs, ...QUERY_RUNS })
    report.add('Graph at all flows', windowComparisons(after))
    report.add('Growth', growthComparisons(before, after))
  })
  if (isFull) report.add('Retention', await dropStage({ serverUrl, nowMs, ...DROPS }))
}

await main()
