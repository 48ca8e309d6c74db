import { retention } from '@/lib/env'
import type { IngestResult } from '@/lib/model/ingest-result'
import { recordHorizonMs } from '@/lib/model/retention'
import { ingestBatch } from '@/lib/usecases/ingest-batch'

/** Hubble lines to the use case of the route, as of a moment: its answer comes after COMMIT. */
export const ingestBody = (body: AsyncIterable<Uint8Array>, nowMs: number): Promise<IngestResult> =>
  ingestBatch({
    source: 'hubble',
    body,
    dataset: '',
    tokenId: 'bench',
    defaultCluster: 'default',
    retentionMs: recordHorizonMs(retention()),
    nowMs,
  })

export async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}
