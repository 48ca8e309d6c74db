import { hubbleLines } from './hubble-lines'

/** One HTTP request of the demo cluster, as its agents would send it. */
export interface DemoBatch {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly atMs: number
}

const FLOWS_PER_BATCH = 2000

/**
 * What the demo cluster sends for `[startMs, endMs)`: genuine wire formats, and the same bytes for the same seed and times.
 * Scenario "all well": every call is allowed by a policy or by default, and nothing is denied.
 */
export function demoBatches(options: {
  readonly seed: number
  readonly startMs: number
  readonly endMs: number
}): DemoBatch[] {
  const lines = hubbleLines(options)
  const batches: DemoBatch[] = []
  for (let from = 0; from < lines.length; from += FLOWS_PER_BATCH) {
    const body = new TextEncoder().encode(`${lines.slice(from, from + FLOWS_PER_BATCH).join('\n')}\n`)
    batches.push({
      path: '/api/ingest/hubble',
      headers: { 'content-type': 'application/x-ndjson', 'x-postern-cluster': 'demo' },
      body,
      atMs: options.endMs,
    })
  }
  return batches
}
