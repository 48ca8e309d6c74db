import 'server-only'
import { createHash } from 'node:crypto'
import { cleanText } from '@/lib/ingest/clean-text'
import { type IngestContext, type Owner, podKey } from '@/lib/ingest/draft'
import { ExemplarBudget } from '@/lib/ingest/exemplar-budget'
import { type IngestedBatch, runPipeline } from '@/lib/ingest/pipeline'
import { groupRejects } from '@/lib/ingest/reject-hints'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import { podsWithoutOwner } from '@/lib/ingest/steps/put-workload'
import type { DecodeResult, RecordReject } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { processGlobal } from '@/lib/process-global'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { SOURCE_FORMATS } from '@/lib/sources/registry'
import { groupCommit } from '@/lib/store/group-commit'
import { identifyBatch } from '@/lib/store/identified-batch'
import { loadPodOwners } from '@/lib/store/load-pod-owners'
import { checkDataset } from './check-dataset'
import { observeIngest } from './observe-ingest'
import { readBounded } from './read-bounded'
import { viewOf } from './view-of'

const FRAMING = { maxRecordBytes: 1024 * 1024, maxDepth: 64 }

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
    const { decoded, bodySha256 } = await decodeBody(request, reserve)
    const context = { ...request, exemplars: exemplars(), knownOwners: await loadOwners(decoded, request) }
    const batch = runPipeline(decoded, context)
    return await commits.submit({
      key: {
        bodySha256,
        source: request.source,
        tokenId: request.tokenId,
        dataset: request.dataset,
        context: cleanText(request.tokenCluster || request.clusterHeader || ''),
      },
      batch: identifyBatch(batch, request.dataset),
      result: resultOf(decoded, batch, request),
      cluster: batch.evidence[0]?.flow.cluster ?? batch.sums[0]?.flow.cluster ?? clusterOf({}, context),
    })
  } finally {
    commits.release(reserved)
  }
}

async function decodeBody(
  request: IngestRequest,
  reserve: (bytes: number) => void,
): Promise<{ decoded: DecodeResult; bodySha256: Uint8Array }> {
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
  return { decoded: { ...decoded, rejects: [...rejects, ...decoded.rejects] }, bodySha256: hash.digest() }
}

/** Shared by all requests, so that many small bodies keep no more exemplars than one large one. */
const exemplars = (): ExemplarBudget => processGlobal('exemplars', () => new ExemplarBudget())

async function loadOwners(decoded: DecodeResult, request: IngestContext): Promise<ReadonlyMap<string, Owner>> {
  const rows = await loadPodOwners(request.dataset, podsWithoutOwner(decoded.flows, request))
  return new Map(
    rows.map((row) => [
      podKey(row.cluster, row.namespace, row.pod),
      { name: row.workload, kind: row.workloadKind ?? '' },
    ]),
  )
}

/** The answer, if no record turns out to be known to the store already. */
function resultOf(decoded: DecodeResult, batch: IngestedBatch, { source, dataset }: IngestRequest): IngestResult {
  const summed = batch.summed.reduce((sum, tally) => sum + tally.accepted, 0)
  return {
    accepted: batch.evidence.length + summed,
    duplicates: batch.drops.repeated_record ?? 0,
    ignored: decoded.ignored,
    rejected: batch.rejects.length,
    rejects: groupRejects(batch.rejects, source),
    repeatedBatch: false,
    ...(batch.clusterConflicts > 0 && { clusterConflicts: batch.clusterConflicts }),
    ...(batch.span && { ...batch.span, view: viewOf(batch.span, dataset) }),
  }
}
