import 'server-only'
import { createHash } from 'node:crypto'
import type { DecodeResult } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { processGlobal } from '@/lib/process-global'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { HubbleLineMemo } from '@/lib/sources/hubble/line-parts'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { checkDataset } from './check-dataset'
import { commitDecoded } from './commit-decoded'
import { JsonBody } from './json-body'
import { observeIngest } from './observe-ingest'
import { readBounded } from './read-bounded'
import type { Sender } from './sender'
import { withRoom } from './waiting-bytes'

export type FlowFormat = 'hubble' | 'calico'

export interface IngestRequest extends Sender {
  readonly source: FlowFormat
  /** Decompressed bytes. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Takes one body of flow records and answers after COMMIT what became of each: accepted, duplicate, ignored, rejected with
 * a reason and a hint. An empty body is answered with zeros. Errors: `too_large`, `bad_request` (dataset name),
 * `unavailable` (database away, or too much is waiting: send again).
 */
export const ingestBatch = (request: IngestRequest): Promise<IngestResult> =>
  observeIngest(request.source, () => ingest(request))

async function ingest(request: IngestRequest): Promise<IngestResult> {
  checkDataset(request.dataset)
  return withRoom(async (takeRoom) => {
    const { decoded, sha256 } = await decodeBody(request, takeRoom)
    return commitDecoded({ ...request, decoded, sha256 })
  })
}

/** Pods, nodes and policies are the same in every body. */
const hubbleLines = (): HubbleLineMemo => processGlobal('hubble-lines', () => new HubbleLineMemo())

async function decodeBody(
  request: IngestRequest,
  takeRoom: (bytes: number) => void,
): Promise<{ decoded: DecodeResult; sha256: Uint8Array }> {
  const { createDecoder, recogniseText } = SOURCE_FORMATS[request.source]
  const decoder = request.source === 'hubble' ? createHubbleDecoder(hubbleLines()) : createDecoder()
  const records = new JsonBody((value, line) => decoder.push(value, line), { recogniseText, read: decoder.read })
  const hash = createHash('sha256')
  for await (const chunk of readBounded(request.body)) {
    takeRoom(chunk.byteLength)
    hash.update(chunk)
    records.push(chunk)
  }
  records.end()
  const decoded = decoder.finish()
  return { decoded: { ...decoded, rejects: [...records.rejects, ...decoded.rejects] }, sha256: hash.digest() }
}
