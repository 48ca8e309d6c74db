import 'server-only'
import { cleanText } from '@/lib/ingest/clean-text'
import { type IngestContext, type Owner, podKey } from '@/lib/ingest/draft'
import { ExemplarBudget } from '@/lib/ingest/exemplar-budget'
import { IngestMemo } from '@/lib/ingest/ingest-memo'
import { type IngestedBatch, runPipeline } from '@/lib/ingest/pipeline'
import { groupRejects } from '@/lib/ingest/reject-hints'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import { type PodsOfBatch, surveyPods } from '@/lib/ingest/steps/put-workload'
import type { DecodeResult } from '@/lib/model/decoded'
import type { IngestResult } from '@/lib/model/ingest-result'
import { processGlobal } from '@/lib/process-global'
import { groupCommit } from '@/lib/store/group-commit'
import { identifyBatch } from '@/lib/store/identified-batch'
import { loadPodOwners } from '@/lib/store/load-pod-owners'
import type { Pull } from '@/lib/store/save-pulls'
import { viewOf } from './view-of'

/** Flow records that came in, whichever way, and what makes them one batch. */
export interface DecodedBatch extends Omit<IngestContext, 'exemplars' | 'knownOwners' | 'memo' | 'toldOwners'> {
  readonly source: 'hubble' | 'calico'
  readonly decoded: DecodeResult
  /** sha256 of what makes the batch the same batch: its bytes, or the keys of its records. Equal ones count once. */
  readonly sha256: Uint8Array
  readonly tokenId: string
  readonly pull?: Pull
}

/**
 * The one way from decoded flow records to the database: steps, folding, commit with others. Answers after COMMIT. Errors:
 * `unavailable` (database away: send again).
 */
export async function commitDecoded(request: DecodedBatch): Promise<IngestResult> {
  const { decoded, dataset } = request
  const pods = surveyPods(decoded.flows, request)
  const context: IngestContext = {
    ...request,
    exemplars: exemplars(),
    memo: memo(),
    toldOwners: pods.told,
    knownOwners: await loadOwners(pods, dataset),
  }
  const batch = runPipeline(decoded, context)
  return groupCommit().submit({
    key: {
      bodySha256: request.sha256,
      source: request.source,
      tokenId: request.tokenId,
      dataset,
      context: cleanText(request.tokenCluster || request.clusterHeader || ''),
    },
    batch: identifyBatch(batch, dataset),
    result: resultOf(batch, request),
    cluster: batch.evidence[0]?.flow.cluster ?? batch.sums[0]?.flow.cluster ?? clusterOf({}, context),
    ...(request.pull && { pull: request.pull }),
  })
}

/** Shared by all requests, so that many small bodies keep no more exemplars than one large one. */
const exemplars = (): ExemplarBudget => processGlobal('exemplars', () => new ExemplarBudget())

/** Peers and variants are the same in every body. */
const memo = (): IngestMemo => processGlobal('ingest-memo', () => new IngestMemo())

async function loadOwners({ untold }: PodsOfBatch, dataset: string): Promise<ReadonlyMap<string, Owner>> {
  const rows = await loadPodOwners(dataset, [...untold])
  return new Map(
    rows.map((row) => [
      podKey(row.cluster, row.namespace, row.pod),
      { name: row.workload, kind: row.workloadKind ?? '' },
    ]),
  )
}

/** The answer, if no record turns out to be known to the store already. */
function resultOf(batch: IngestedBatch, { decoded, source, dataset }: DecodedBatch): IngestResult {
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
