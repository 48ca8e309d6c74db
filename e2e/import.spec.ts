import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { goldmaneLines } from '@/lib/demo/goldmane-lines'
import { hubbleLines } from '@/lib/demo/hubble-lines'
import type { SourceReport } from '@/lib/model/source-report'
import { expect, test } from './fixtures'

const DAY_MS = 86_400_000
const YEAR_AGO_MS = Date.parse('2025-11-24T10:00:00Z')

let work: string
test.beforeEach(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'postern-import-'))
})
test.afterEach(() => rmSync(work, { recursive: true, force: true }))

interface Run {
  /** What it has written so far. */
  text(): string
  /** Kills it in the moment in which it has written this. */
  killAt(words: string): void
  ended(): Promise<number | null>
}

function runImport(args: readonly string[]): Run {
  const child = spawn(
    process.execPath,
    ['--conditions=react-server', '--import', 'tsx', 'lib/cli/postern.ts', 'import', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let text = ''
  let fatal: string | undefined
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (fatal !== undefined && text.includes(fatal)) child.kill('SIGKILL')
    })
  const exit = once(child, 'close')
  const killAt = (words: string) => {
    fatal = words
  }
  return { text: () => text, killAt, ended: async () => (await exit)[0] }
}

function put(name: string, bytes: string | Uint8Array): void {
  mkdirSync(path.dirname(path.join(work, name)), { recursive: true })
  writeFileSync(path.join(work, name), bytes)
}

const span = (startMs: number, minutes: number) => ({
  seed: 7,
  startMs,
  endMs: startMs + minutes * 60_000,
})

test('a folder of recordings is imported into a dataset, each file by what it holds; what is nothing is named', async ({
  page,
  request,
  baseURL,
}) => {
  const hubble = hubbleLines(span(YEAR_AGO_MS, 5))
  const goldmane = goldmaneLines(span(YEAR_AGO_MS, 5))
  const half = Math.floor(hubble.length / 2)
  const member = (lines: readonly string[]) => gzipSync(`${lines.join('\n')}\n`)
  put('a/hubble.log.gz', Buffer.concat([member(hubble.slice(0, half)), member(hubble.slice(half))]))
  put('b/goldmane.json', `[${goldmane.join(',\n')}]`)
  put('notes.txt', 'nothing to see\n')
  put('broken.gz', member(hubble).subarray(0, 200))

  const run = runImport([work, '--dataset', 'year-ago', '--cluster', 'old', '--url', baseURL ?? ''])
  expect(await run.ended()).toBe(1)
  expect(run.text()).toContain(`hubble.log.gz (hubble): ${hubble.length.toLocaleString('en')} accepted`)
  expect(run.text()).toMatch(/goldmane\.json \(calico\): [\d,]+ accepted, 0 already there, \d+ ignored, 0 rejected/)
  expect(run.text()).toContain('notes.txt: skipped: no format that Postern reads')
  expect(run.text()).toMatch(/broken\.gz.*FAILED: the compressed data are cut off/)
  expect(run.text()).toContain('2 files sent, 1 skipped, 1 failed')

  const report: SourceReport = await (await request.get('/api/sources?dataset=year-ago')).json()
  expect(report.sources.find((one) => one.source === 'hubble')).toMatchObject({
    cluster: 'old',
    acceptedInWindow: hubble.length,
  })
  const view = /View {2}(\S+)/.exec(run.text())?.[1] ?? ''
  await page.goto(view)
  await expect(page.getByText(/\d+ edges shown/)).not.toHaveText('0 edges shown')
})

test('killed in the middle and run again, an import counts every record once', async ({ request, baseURL }) => {
  test.setTimeout(180_000)
  // The first one is sent in two requests.
  const files = Array.from({ length: 8 }, (_, n) => hubbleLines(span(YEAR_AGO_MS + n * DAY_MS, n === 0 ? 16 : 3)))
  for (const [n, lines] of files.entries()) put(`part-${n}.ndjson`, lines.join('\n'))
  const total = files.reduce((sum, lines) => sum + lines.length, 0)
  const args = [work, '--dataset', 'killed', '--url', baseURL ?? '']
  const first = runImport(args)
  first.killAt('part-1.ndjson')
  await first.ended()
  expect(first.text()).toContain('part-1.ndjson')
  expect(first.text()).not.toContain('part-7.ndjson')

  const second = runImport(args)
  expect(await second.ended(), second.text()).toBe(0)
  expect(second.text()).toContain('8 files sent, 0 skipped, 0 failed')
  const [, there] = /0 failed: [\d.K]+ accepted, ([\d.K,]+) already there/.exec(second.text()) ?? []
  expect(there).not.toBe('0')
  const report: SourceReport = await (await request.get('/api/sources?dataset=killed')).json()
  expect(report.sources.reduce((sum, one) => sum + one.acceptedInWindow, 0)).toBe(total)
})

test('records too old for the live data are refused with the flag that takes them', async ({ baseURL }) => {
  put('old.ndjson', hubbleLines(span(YEAR_AGO_MS, 1)).join('\n'))
  const run = runImport([path.join(work, 'old.ndjson'), '--url', baseURL ?? ''])
  expect(await run.ended()).toBe(1)
  expect(run.text()).toMatch(/× too_old .*--dataset NAME/)
})
