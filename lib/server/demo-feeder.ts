import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { DemoSpan } from '@/lib/demo/connections'
import type { DemoBatch } from '@/lib/demo/run-demo'
import type { Scenario } from '@/lib/demo/scenarios'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'

const HISTORY_MS = 15 * MINUTE_MS
const STEP_MS = 2 * SECOND_MS
const SEED = 7
const MAX_WAIT_MS = 30 * SECOND_MS

export interface DemoFeedOptions {
  /** Batches of the demo cluster in `[startMs, endMs)`. */
  readonly batches: (options: DemoSpan) => readonly DemoBatch[]
  /** What is shown once the history is told. */
  readonly liveScenarios: readonly Scenario[]
  readonly baseUrl: string
  /** Sent as a bearer token where sign-in is on. */
  readonly adminToken?: string
  /** Remembers until when was fed, so that a restart does not send the same minutes in other bodies. */
  readonly progressFile: string
  readonly signal: AbortSignal
}

/**
 * Keeps the demo cluster flowing into a running server: first what is missing of the last 15 minutes, then every two
 * seconds what has happened since. Waits where the server asks to. Returns when `signal` is given.
 */
export async function feedDemo(options: DemoFeedOptions): Promise<void> {
  const reported = new Set<string>()
  let doneMs = Math.max(Date.now() - HISTORY_MS, readProgress(options.progressFile))
  while (!options.signal.aborted) {
    // Connections are made by whole seconds: those of one that is not over would be sent before they began.
    const nowMs = Math.floor(Date.now() / SECOND_MS) * SECOND_MS
    const isHistory = nowMs - doneMs > HISTORY_MS / 2
    const scenarios = isHistory ? undefined : options.liveScenarios
    for (const batch of options.batches({ seed: SEED, startMs: doneMs, endMs: nowMs, ...(scenarios && { scenarios }) }))
      await post(options, batch, reported)
    if (options.signal.aborted) return
    doneMs = nowMs
    writeFileSync(options.progressFile, String(doneMs))
    await wait(STEP_MS, options.signal)
  }
}

/** Sends until the server has answered for good; a refusal is reported once per kind. */
async function post(options: DemoFeedOptions, batch: DemoBatch, reported: Set<string>): Promise<void> {
  for (let attempt = 1; !options.signal.aborted; attempt += 1) {
    const response = await fetch(options.baseUrl + batch.path, {
      method: 'POST',
      headers: {
        ...batch.headers,
        ...(options.adminToken && { authorization: `Bearer ${options.adminToken}` }),
      },
      body: Buffer.from(batch.body),
      signal: options.signal,
    }).catch(() => undefined)
    if (response?.ok) {
      await response.arrayBuffer()
      return
    }
    if (response && response.status !== 503 && response.status !== 429) {
      report(`${batch.path} answered ${response.status}`, (await response.text()).slice(0, 500), reported)
      return
    }
    const askedMs = Number(response?.headers.get('retry-after') ?? 0) * 1000
    await wait(Math.min(MAX_WAIT_MS, Math.max(askedMs, 250 * 2 ** Math.min(attempt, 6))), options.signal)
  }
}

function report(kind: string, detail: string, reported: Set<string>): void {
  if (reported.has(kind)) return
  reported.add(kind)
  console.error(`Demo: ${kind}: ${detail}`)
}

function readProgress(file: string): number {
  const fedUntilMs = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  return Number.isFinite(fedUntilMs) && fedUntilMs <= Date.now() ? fedUntilMs : 0
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
