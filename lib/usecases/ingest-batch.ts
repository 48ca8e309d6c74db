import 'server-only'
import { createHash } from 'node:crypto'
import { AppError } from '@/lib/errors'
import { runPipeline } from '@/lib/ingest/pipeline'
import { groupRejects } from '@/lib/ingest/reject-hints'
import type { IngestResult } from '@/lib/model/ingest-result'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { commitFlows } from '@/lib/store/commit-flows'

/** Decoded bytes of one body; beyond it the sender must split. */
export const MAX_BODY_BYTES = 20 * 1024 * 1024
const FRAMING = { maxRecordBytes: 1024 * 1024, maxDepth: 64 }
const DATASET = /^[a-z0-9][a-z0-9_-]{0,63}$/
const VIEW_PAD_MS = 60_000

const DECODERS = { hubble: createHubbleDecoder } as const
export type FlowFormat = keyof typeof DECODERS

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
 * a reason and a hint. Errors: `too_large`, `bad_request` (dataset name), `unavailable` (database away: send again).
 */
export async function ingestBatch(request: IngestRequest): Promise<IngestResult> {
  if (request.dataset !== '' && !DATASET.test(request.dataset))
    throw new AppError('bad_request', 'dataset: lower-case letters, digits, - and _, at most 64 characters')
  const decoder = DECODERS[request.source]()
  const splitter = new JsonRecordSplitter(FRAMING)
  const framingRejects: Parameters<typeof groupRejects>[0][number][] = []
  const take = (records: ReturnType<JsonRecordSplitter['push']>) => {
    for (const record of records) {
      if ('value' in record) decoder.push(record.value, record.line)
      else framingRejects.push(record.reject)
    }
  }
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > MAX_BODY_BYTES)
      throw new AppError('too_large', `the decoded body exceeds ${MAX_BODY_BYTES} bytes`, {
        hint: 'Send smaller batches.',
      })
    hash.update(chunk)
    take(splitter.push(chunk))
  }
  take(splitter.end())
  const decoded = decoder.finish()
  const batch = runPipeline(decoded, request)
  const rejects = [...framingRejects, ...batch.rejects]
  const committed = await commitFlows({
    bodySha256: hash.digest(),
    source: request.source,
    tokenId: request.tokenId,
    dataset: request.dataset,
    context: request.clusterHeader ?? '',
    defaultCluster: request.tokenCluster ?? request.clusterHeader ?? request.defaultCluster,
    flows: batch.flows,
    gaps: decoded.gaps,
    rejected: rejects.length,
  })
  const times = batch.flows.flatMap((flow) => [flow.startMs, flow.endMs])
  const span =
    times.length > 0
      ? { firstMs: times.reduce((a, b) => Math.min(a, b)), lastMs: times.reduce((a, b) => Math.max(a, b)) }
      : undefined
  return {
    ...committed,
    duplicates: committed.duplicates + batch.duplicates,
    ignored: decoded.ignored,
    rejected: rejects.length,
    rejects: groupRejects(rejects),
    ...(span && { ...span, view: viewOf(span.firstMs, span.lastMs, request.dataset) }),
  }
}

function viewOf(firstMs: number, lastMs: number, dataset: string): string {
  const params = new URLSearchParams({
    from: String(firstMs - VIEW_PAD_MS),
    to: String(lastMs + VIEW_PAD_MS),
    scope: 'all',
  })
  if (dataset) params.set('dataset', dataset)
  return `/graph?${params}`
}
