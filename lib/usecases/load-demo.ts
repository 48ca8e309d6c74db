import 'server-only'
import { type DemoBatch, demoBatches } from '@/lib/demo/run-demo'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import { saveAudit } from '@/lib/store/audit-log'
import { ingestBatch } from './ingest-batch'
import { ingestNat } from './ingest-nat'
import { receiveOtlp } from './receive-otlp'

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
  /** Who asked for it, as the audit log names them. */
  readonly actor?: string
}): Promise<{ view: string }> {
  const endMs = Math.floor(context.nowMs / STEP_MS) * STEP_MS
  const { actor = POSTERN_ACTOR, ...sender } = context
  await saveAudit({ actor, action: 'demo.load', subject: `dataset/${DATASET}`, detail: {} })
  const request = { ...sender, dataset: DATASET, tokenId: 'demo' }
  for (const batch of demoBatches({ seed: 7, startMs: endMs - SPAN_MS, endMs })) {
    await sendDemoBatch(batch, request)
  }
  return { view: `/graph?dataset=${DATASET}&from=${endMs - SPAN_MS}&to=${endMs}` }
}

type Request = Parameters<typeof loadDemo>[0] & { readonly dataset: string; readonly tokenId: string }

/** Takes one request of the demo's agents by the use case that its path would reach. */
export async function sendDemoBatch({ path, headers, body }: DemoBatch, base: Request): Promise<void> {
  const request = { ...base, clusterHeader: headers['x-postern-cluster'] ?? '' }
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
