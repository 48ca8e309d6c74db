import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import type { DemoSpan } from '@/lib/demo/connections'
import { feedDemo } from './demo-feeder'

const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-demo-feeder-'))

afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

it('what is sent is over: each stretch ends with a whole second that is past, and begins where the one before ended', async () => {
  vi.useFakeTimers({ now: 1_800_000_000_700 })
  const stop = new AbortController()
  const spans: DemoSpan[] = []
  const progressFile = path.join(folder, 'progress')
  const fed = feedDemo({
    batches: (span) => {
      spans.push(span)
      expect(span.endMs).toBeLessThanOrEqual(Date.now())
      return []
    },
    liveScenarios: [],
    baseUrl: 'http://127.0.0.1:9',
    progressFile,
    signal: stop.signal,
  })
  await vi.advanceTimersByTimeAsync(5000)
  stop.abort()
  await fed
  expect(spans.length).toBe(3)
  for (const [at, { startMs, endMs }] of spans.entries()) {
    expect(endMs % 1000).toBe(0)
    if (at > 0) expect(startMs).toBe(spans[at - 1]?.endMs)
  }
  expect(Number(readFileSync(progressFile, 'utf8'))).toBe(spans.at(-1)?.endMs)
})
