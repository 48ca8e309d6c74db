import 'server-only'
import { type DemoBatch, demoBatches } from '@/lib/demo/run-demo'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'
import { receiveOtlp } from './receive-otlp'

const DATASET = 'demo'
const SPAN_MS = 15 * 60_000
const STEP_MS = 60_000

/**
 * Loads a quarter of an hour of the demo cluster, by the same ingest as any sender's, into a pinned dataset, so
 * that it never mixes with live data. Answers the view that opens it. Pressed twice in a minute it counts once.
 */
export async function loadDemo(
  context: { readonly nowMs: number; readonly retentionMs: number; readonly defaultCluster: string },
  dataset = DATASET,
): Promise<{ view: string }> {
  const endMs = Math.floor(context.nowMs / STEP_MS) * STEP_MS
  const request = { ...context, dataset, tokenId: 'demo' }
  for (const batch of demoBatches({ seed: 7, startMs: endMs - SPAN_MS, endMs })) {
    await send(batch, { ...request, clusterHeader: batch.headers['x-postern-cluster'] ?? '' })
  }
  return { view: `/graph?dataset=${dataset}&from=${endMs - SPAN_MS}&to=${endMs}` }
}

type Request = Parameters<typeof loadDemo>[0] & { dataset: string; tokenId: string; clusterHeader: string }

/** By the use case that the path would reach. */
async function send({ path, headers, body }: DemoBatch, request: Request): Promise<void> {
  const url = new URL(path, 'http://demo')
  const hop = url.searchParams.get('hop')
  if (url.pathname === '/v1/traces')
    await receiveOtlp({
      ...request,
      pathname: url.pathname,
      contentType: headers['content-type'] ?? null,
      body: once(body),
    })
  else if (hop !== null) await ingestNat({ ...request, format: 'conntrack', hop, body: once(body), trusted: true })
  else
    await ingestBatch({ ...request, source: url.pathname.endsWith('calico') ? 'calico' : 'hubble', body: once(body) })
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}
