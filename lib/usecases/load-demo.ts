import 'server-only'
import { demoBatches } from '@/lib/demo/run-demo'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'

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
  const request = { ...context, dataset: DATASET, clusterHeader: 'demo', tokenId: 'demo' }
  for (const batch of demoBatches({ seed: 7, startMs: endMs - SPAN_MS, endMs })) {
    const hop = new URL(batch.path, 'http://demo').searchParams.get('hop')
    if (hop === null) await ingestBatch({ ...request, source: 'hubble', body: once(batch.body) })
    else await ingestNat({ ...request, format: 'conntrack', hop, body: once(batch.body), trusted: true })
  }
  return { view: `/graph?dataset=${DATASET}&from=${endMs - SPAN_MS}&to=${endMs}` }
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}
