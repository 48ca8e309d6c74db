import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from '@playwright/test'
import { uiLine, uiLines } from '@/lib/demo/generated-cluster'
import { withBenchDatabase, withClient } from './bench-database'
import { type Comparison, comparisonJson, comparisonTable } from './bench-report'
import { startRoute } from './bench-route'
import { measurePage, type PageMeasured } from './bench-ui-page'
import { startEmbeddedPostgres } from './embedded-postgres'
import { findOrInstallChromium } from './find-chromium'

const SIZES = [100, 300, 1000, 3000] as const
/** As a person opens it, where the server draws what is readable; and everything, whatever there is. */
const VIEWS = [
  { name: 'as opened', params: '' },
  { name: 'everything drawn', params: '&level=workload&cap=0' },
] as const
/** What is drawn as opened (docs/scope.md). */
const BUDGET = { nodes: 300, edges: 800 } as const
/** A pane of an ordinary laptop. */
const WINDOW = { width: 1440, height: 900 }
/** Views that would begin later are left out, and the bench says which. */
const MINUTES = 15
/** A POST of this many lines is far below the limit of a body. */
const LINES_PER_BODY = 2000

interface Measured extends PageMeasured {
  readonly size: number
  readonly view: (typeof VIEWS)[number]['name']
}

/**
 * `npm run bench:ui [-- --sizes 100,300] [--minutes 15] [--json]`: the graph page in a real browser, over a real server that took in a generated
 * cluster. Each number beside the least that the same browser does with the same graph, or beside the smallest graph: only
 * ratios mean anything. docs/benchmark.md says what each limit is.
 */
async function main(): Promise<void> {
  const args = process.argv.slice(2)
  const sizes = sizesOf(args)
  const work = mkdtempSync(path.join(os.tmpdir(), 'postern-bench-ui-'))
  const database = await startEmbeddedPostgres({ dataDir: path.join(work, 'database') })
  try {
    const measured = await withBenchDatabase(database.url, 'postern_bench_ui', (url) => measureAll(url, sizes, args))
    const comparisons = comparisonsOf(measured)
    if (args.includes('--json')) console.log(JSON.stringify({ measured, comparisons: comparisons.map(comparisonJson) }))
    else console.log(comparisonTable('The graph page, in a browser', comparisons))
  } finally {
    await database.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

function sizesOf(args: readonly string[]): readonly number[] {
  const at = args.indexOf('--sizes')
  if (at < 0) return SIZES
  const sizes = (args[at + 1] ?? '').split(',').map(Number)
  if (sizes.some((size) => !Number.isInteger(size) || size < 20 || size > 10_000))
    throw new Error('--sizes wants numbers of nodes from 20 to 10000, with commas')
  return sizes
}

function minutesOf(args: readonly string[]): number {
  const at = args.indexOf('--minutes')
  const minutes = at < 0 ? MINUTES : Number(args[at + 1])
  if (!(minutes > 0)) throw new Error('--minutes wants a number above 0')
  return minutes
}

async function measureAll(url: string, sizes: readonly number[], args: readonly string[]): Promise<Measured[]> {
  const server = await startRoute(url)
  const browser = await chromium.launch({
    executablePath: findOrInstallChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const measured: Measured[] = []
  const startMs = Date.now()
  const say = (what: string) => console.error(`${Math.round((Date.now() - startMs) / 1000)} s: ${what}`)
  try {
    for (const size of sizes) {
      const cluster = `bench-${size}`
      const lines = uiLines({ nodes: size, cluster, nowMs: Date.now() })
      for (let from = 0; from < lines.length; from += LINES_PER_BODY)
        await post(server.baseUrl, cluster, lines.slice(from, from + LINES_PER_BODY))
      say(`${size} nodes taken in`)
      let added = 0
      for (const view of VIEWS) {
        if (Date.now() - startMs > minutesOf(args) * 60_000) {
          say(`${size} nodes, ${view.name}: left out, the ${minutesOf(args)} minutes are over (--minutes)`)
          continue
        }
        // Conditions that the browser waits for are evaluated in the page, which the policy of its contents forbids.
        const context = await browser.newContext({ viewport: WINDOW, bypassCSP: true })
        const page = await context.newPage()
        const one = await measurePage(page, server.baseUrl, `scope=all&from=now-1h&cluster=${cluster}${view.params}`, {
          forget: () => withClient(url, async (client) => void (await client.query('DELETE FROM graph_layout'))),
          async send() {
            added += 1
            const to = 100_000 + added
            const call = { from: 1, to, cluster, atMs: Date.now() - 500, at: size * 100_000 + added }
            await post(server.baseUrl, cluster, [uiLine(call)])
            return view.params === '' ? `team-${Math.floor(to / 10)}` : `service-${to}`
          },
          tell: (what) => say(`${size} nodes, ${view.name}: ${what}`),
        })
        await context.close()
        measured.push({ ...one, size, view: view.name })
        say(`${size} nodes, ${view.name}: ${JSON.stringify(one)}`)
      }
    }
  } finally {
    await browser.close()
    await server.end()
  }
  return measured
}

async function post(baseUrl: string, cluster: string, lines: readonly string[]): Promise<void> {
  const response = await fetch(`${baseUrl}/api/ingest/hubble`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'x-postern-cluster': cluster },
    body: `${lines.join('\n')}\n`,
  })
  const answer: unknown = await response.json()
  const isWhole =
    typeof answer === 'object' && answer !== null && 'accepted' in answer && answer.accepted === lines.length
  if (!isWhole) throw new Error(`not all lines were taken in: ${JSON.stringify(answer).slice(0, 500)}`)
}

/** Each number beside its limit. The budget of what is drawn as opened is that of docs/benchmark.md. */
function comparisonsOf(measured: readonly Measured[]): Comparison[] {
  return measured.flatMap((one): Comparison[] => {
    const smallest = measured.find(({ view }) => view === one.view) ?? one
    const name = (what: string) => `${one.size} nodes, ${one.view}: ${what}`
    const isJudged = one.view === 'as opened'
    const beside = `the same of ${smallest.size} nodes`
    const least = 'the same JSON fetched, parsed, drawn as bare lines and squares'
    const judged = (ratio: number) => (isJudged ? { goal: { is: 'at most' as const, ratio } } : {})
    return [
      {
        name: name('nodes drawn'),
        note: drawnWords(one),
        ours: one.drawnNodes,
        limit: BUDGET.nodes,
        unit: 'nodes',
        limitName: 'the budget',
        ...judged(1),
      },
      {
        name: name('edges drawn'),
        ours: one.drawnEdges,
        limit: BUDGET.edges,
        unit: 'edges',
        limitName: 'the budget',
        ...judged(1),
      },
      {
        name: name('navigation to nodes, places known'),
        ours: one.firstMs,
        limit: one.bareMs,
        unit: 'ms',
        limitName: least,
      },
      {
        name: name('navigation to nodes, nobody laid it out'),
        ours: one.layoutMs,
        limit: one.firstMs,
        unit: 'ms',
        limitName: 'places known',
      },
      {
        name: name('a frame of a pan'),
        ours: one.panMs,
        limit: one.bareFrameMs,
        unit: 'ms',
        limitName: 'a frame of the bare lines and squares',
      },
      {
        name: name('press to panel'),
        ours: one.selectMs,
        limit: smallest.selectMs,
        unit: 'ms',
        limitName: beside,
        ...judged(3),
      },
      {
        name: name('patch to canvas'),
        ours: one.patchMs,
        limit: smallest.patchMs,
        unit: 'ms',
        limitName: beside,
        ...judged(3),
      },
    ]
  })
}

/** What the server made of the view: at which level, and what it kept off the drawing on purpose. */
const drawnWords = ({ level, leftOut }: Measured): string =>
  `level ${level}, ${leftOut === 0 ? 'nothing left out' : `${leftOut} edges left out by the limit`}`

await main()
