import 'server-only'
import { demoBatches } from '@/lib/demo/run-demo'
import type { IngestResult } from '@/lib/model/ingest-result'
import { ingestBatch } from './ingest-batch'

const DATASET = 'demo'
const SPAN_MS = 15 * 60_000
const STEP_MS = 60_000

/**
 * Loads a quarter of an hour of the demo cluster, by the same ingest as any sender's, into the pinned dataset `demo`, so
 * that it never mixes with live data. Answers the view that opens it. Pressed twice in a minute it counts once.
 */
export async function loadDemo(context: {
  readonly nowMs: number
  readonly retentionMs: number
  readonly defaultCluster: string
}): Promise<{ view: string }> {
  const endMs = Math.floor(context.nowMs / STEP_MS) * STEP_MS
  let last: IngestResult | undefined
  for (const batch of demoBatches({ seed: 7, startMs: endMs - SPAN_MS, endMs }))
    last = await ingestBatch({
      ...context,
      source: 'hubble',
      body: once(batch.body),
      dataset: DATASET,
      clusterHeader: 'demo',
      tokenId: 'demo',
    })
  return { view: last ? `/graph?dataset=${DATASET}&from=${endMs - SPAN_MS}&to=${endMs}` : '/graph' }
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}
