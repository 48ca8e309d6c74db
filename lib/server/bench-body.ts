import type { IngestResult } from '@/lib/model/ingest-result'
import { ingestBatch } from '@/lib/usecases/ingest-batch'

const RETENTION_MS = 3 * 24 * 3600_000

/** Hubble lines to the use case of the route, as of a moment: its answer comes after COMMIT. */
export const ingestBody = (body: AsyncIterable<Uint8Array>, nowMs: number): Promise<IngestResult> =>
  ingestBatch({
    source: 'hubble',
    body,
    dataset: '',
    tokenId: 'bench',
    defaultCluster: 'default',
    retentionMs: RETENTION_MS,
    nowMs,
  })

export async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}
