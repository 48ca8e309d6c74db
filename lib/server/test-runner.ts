import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { childEnv } from '@/lib/env'
import { buildIfChanged } from './build-if-changed'
import { startEmbeddedPostgres } from './embedded-postgres'
import { findOrInstallChromium } from './find-chromium'

interface Totals {
  passed: number
  failed: number
  skipped: number
}

const root = path.resolve(import.meta.dirname, '../..')
const work = mkdtempSync(path.join(os.tmpdir(), 'postern-test-'))
const totals: Totals = { passed: 0, failed: 0, skipped: 0 }

/** `npm test`: checks, unit and database tests, browser journeys. The last line says how many passed and failed. */
async function main(): Promise<void> {
  const database = await startEmbeddedPostgres(path.join(work, 'pg'))
  try {
    const env = childEnv({ POSTERN_TEST_DATABASE_URL: database.url, NEXT_TELEMETRY_DISABLED: '1' })
    check('format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.'], env)
    check('types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'], env)
    runVitest(env)
    if (readdirSync(path.join(root, 'e2e')).some((name) => name.endsWith('.spec.ts'))) runBrowser(env)
  } finally {
    await database.stop()
    rmSync(work, { recursive: true, force: true })
  }
}

function check(name: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const result = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
  totals[result.status === 0 ? 'passed' : 'failed'] += 1
  console.log(`${result.status === 0 ? 'ok  ' : 'FAIL'} ${name}`)
  if (result.status !== 0) console.log(result.stdout, result.stderr)
}

function runVitest(env: NodeJS.ProcessEnv): void {
  const report = path.join(work, 'vitest.json')
  spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    {
      cwd: root,
      env,
      stdio: 'inherit',
      timeout: 15 * 60_000,
    },
  )
  const json = readReport(report)
  totals.passed += numberAt(json, 'numPassedTests')
  totals.failed += numberAt(json, 'numFailedTests') + (json ? 0 : 1)
  totals.skipped += numberAt(json, 'numPendingTests')
  if (json && json.success !== true && numberAt(json, 'numFailedTests') === 0) totals.failed += 1
}

function runBrowser(env: NodeJS.ProcessEnv): void {
  const report = path.join(work, 'playwright.json')
  const chromium = findOrInstallChromium()
  buildIfChanged(root)
  spawnSync(process.execPath, ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'], {
    cwd: root,
    stdio: 'inherit',
    timeout: 20 * 60_000,
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report, POSTERN_CHROMIUM: chromium },
  })
  const stats = readReport(report)?.stats
  const known = typeof stats === 'object' && stats !== null ? { ...stats } : undefined
  totals.passed += numberAt(known, 'expected')
  totals.failed += numberAt(known, 'unexpected') + numberAt(known, 'flaky') + (known ? 0 : 1)
  totals.skipped += numberAt(known, 'skipped')
}

function readReport(file: string): Record<string, unknown> | undefined {
  if (!existsSync(file)) return undefined
  const json: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof json === 'object' && json !== null ? { ...json } : undefined
}

const numberAt = (json: Record<string, unknown> | undefined, key: string): number =>
  typeof json?.[key] === 'number' ? json[key] : 0

await main().catch((error: unknown) => {
  totals.failed += 1
  console.error(error)
})
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1)
