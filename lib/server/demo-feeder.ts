import { type DemoBatch, demoBatches } from '@/lib/demo/run-demo'

const HISTORY_MS = 15 * 60_000
const STEP_MS = 2000
const SEED = 7

/** Keeps the demo cluster flowing into a running server: first the last 15 minutes, then what each step adds. Never returns. */
export async function feedDemo(base: string): Promise<never> {
  let doneMs = Date.now() - HISTORY_MS
  for (;;) {
    const nowMs = Date.now()
    for (const batch of demoBatches({ seed: SEED, startMs: doneMs, endMs: nowMs })) await post(base, batch)
    doneMs = nowMs
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}

async function post(base: string, batch: DemoBatch): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const response = await fetch(base + batch.path, {
      method: 'POST',
      headers: batch.headers,
      body: Buffer.from(batch.body),
    }).catch(() => undefined)
    if (response && response.status !== 503 && response.status !== 429) {
      if (!response.ok)
        console.error(`Demo: ${batch.path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, attempt * 500))
  }
}
