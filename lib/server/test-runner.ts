import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { childEnv, env } from '@/lib/env'
import { buildIfChanged } from './build-if-changed'
import { CHECKS } from './checks'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres'
import { findOrInstallChromium } from './find-chromium'
import { runNode } from './run-command'
import { ShutDown } from './shut-down'
import { addTotals, NO_TOTALS, playwrightTotals, type Totals, totalsLine, vitestTotals } from './test-totals'

const root = path.resolve(import.meta.dirname, '../..')
const work = mkdtempSync(path.join(os.tmpdir(), 'postern-test-'))
const shutDown = new ShutDown()
const MINUTE_MS = 60_000
/** Journeys mostly wait: two halves of the specs run side by side, each with a server and a database of its own. */
const SHARDS = 2
const FAILED_ONCE: Totals = { ...NO_TOTALS, failed: 1 }

/** `npm test`: checks, unit and database tests, browser journeys. The last line says how many passed and failed. */
async function main(): Promise<void> {
  shutDown.onSignals()
  let totals = NO_TOTALS
  for (const part of [runChecks, runVitest, runBrowser]) {
    const result = await part().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error)
      return FAILED_ONCE
    })
    totals = addTotals(totals, result)
  }
  // The verdict must be the last line, so what stops says nothing.
  await shutDown.runSteps()
  rmSync(work, { recursive: true, force: true })
  console.log(totalsLine(totals))
  process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1)
}

async function runChecks(): Promise<Totals> {
  let totals = NO_TOTALS
  for (const { name, args } of CHECKS) {
    const { code, output } = await runNode(args, { cwd: root, env: childEnv({}), timeoutMs: 5 * MINUTE_MS })
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}${code === 0 ? '' : `\n${output}`}`)
    totals = addTotals(totals, code === 0 ? { ...NO_TOTALS, passed: 1 } : FAILED_ONCE)
  }
  return totals
}

async function runVitest(): Promise<Totals> {
  const report = path.join(work, 'vitest.json')
  const { code } = await runNode(
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    {
      cwd: root,
      env: childEnv({ POSTERN_TEST_DATABASE_URL: await testServerUrl() }),
      timeoutMs: 15 * MINUTE_MS,
      isLive: true,
    },
  )
  return vitestTotals(report, code)
}

async function runBrowser(): Promise<Totals> {
  const folder = path.join(root, 'e2e')
  const hasSpecs = existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.spec.ts'))
  if (!hasSpecs) return NO_TOTALS
  const chromium = findOrInstallChromium()
  await buildIfChanged(root, shutDown.signal)
  const databaseUrl = await testServerUrl()
  const ports: [number, number][] = []
  for (let shard = 0; shard < SHARDS; shard += 1) ports.push(await freePorts())
  const totals = await Promise.all(
    ports.map(async ([port, embedPort], at) => {
      const report = path.join(work, `playwright-${at}.json`)
      const { code } = await runNode(
        [
          'node_modules/@playwright/test/cli.js',
          'test',
          '--reporter=list,json',
          `--shard=${at + 1}/${SHARDS}`,
          `--output=test-results/${at + 1}`,
        ],
        {
          cwd: root,
          env: childEnv({
            PLAYWRIGHT_JSON_OUTPUT_FILE: report,
            POSTERN_CHROMIUM: chromium,
            POSTERN_E2E_PORT: String(port),
            POSTERN_E2E_EMBED_PORT: String(embedPort),
            POSTERN_TEST_DATABASE_URL: databaseUrl,
          }),
          timeoutMs: 20 * MINUTE_MS,
          isLive: true,
        },
      )
      return playwrightTotals(report, code)
    }),
  )
  return totals.reduce(addTotals, NO_TOTALS)
}

let started: Promise<EmbeddedPostgres> | undefined

/** The server that the machine offers for tests, else one of our own that lives as long as this run. */
async function testServerUrl(): Promise<string> {
  const given = env().POSTERN_TEST_DATABASE_URL
  if (given) return given
  if (!started) {
    started = startEmbeddedPostgres({ dataDir: path.join(work, 'database'), isDisposable: true })
    shutDown.add((await started).stop)
  }
  return (await started).url
}

async function freePorts(): Promise<[number, number]> {
  const servers = [net.createServer(), net.createServer()] as const
  const [first, second] = await Promise.all(servers.map((server) => listen(server)))
  for (const server of servers) server.close()
  return [first ?? 0, second ?? 0]
}

function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

await main()
