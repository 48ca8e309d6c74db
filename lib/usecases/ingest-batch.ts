import 'server-only'
import { createHash } from 'node:crypto'
import type { DecodeResult, RecordReject } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { LIMITS } from '@/lib/model/limits'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { groupCommit } from '@/lib/store/group-commit'
import { checkDataset } from './check-dataset'
import { commitDecoded } from './commit-decoded'
import { observeIngest } from './observe-ingest'
import { readBounded } from './read-bounded'

const FRAMING = { maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting }

export type FlowFormat = 'hubble' | 'calico'

export interface IngestRequest {
  readonly source: FlowFormat
  /** Decompressed bytes. */
  readonly body: AsyncIterable<Uint8Array>
  /** '' = live. */
  readonly dataset: string
  readonly clusterHeader?: string
  readonly tokenId: string
  readonly tokenCluster?: string
  readonly defaultCluster: string
  readonly retentionMs: number
  readonly nowMs: number
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
  const commits = groupCommit()
  let reserved = 0
  const reserve = (bytes: number) => {
    commits.reserve(bytes)
    reserved += bytes
  }
  try {
    const { decoded, sha256 } = await decodeBody(request, reserve)
    return await commitDecoded({ ...request, decoded, sha256 })
  } finally {
    commits.release(reserved)
  }
}

async function decodeBody(
  request: IngestRequest,
  reserve: (bytes: number) => void,
): Promise<{ decoded: DecodeResult; sha256: Uint8Array }> {
  const { createDecoder, recogniseText } = SOURCE_FORMATS[request.source]
  const decoder = createDecoder()
  const splitter = new JsonRecordSplitter({ ...FRAMING, recogniseText })
  const rejects: RecordReject[] = []
  const take = (records: ReturnType<JsonRecordSplitter['push']>) => {
    for (const record of records) {
      if ('value' in record) decoder.push(record.value, record.line)
      else rejects.push(record.reject)
    }
  }
  const hash = createHash('sha256')
  for await (const chunk of readBounded(request.body)) {
    reserve(chunk.byteLength)
    hash.update(chunk)
    take(splitter.push(chunk))
  }
  take(splitter.end())
  const decoded = decoder.finish()
  return { decoded: { ...decoded, rejects: [...rejects, ...decoded.rejects] }, sha256: hash.digest() }
}
