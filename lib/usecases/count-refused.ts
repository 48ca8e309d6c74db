import 'server-only'
import { groupRejects } from '@/lib/ingest/reject-hints'
import { clusterOf } from '@/lib/ingest/steps/put-cluster'
import type { RecordReject } from '@/lib/model/decoded'
import type { IngestResult, RejectGroup } from '@/lib/model/ingest-result'
import { commitRejects } from '@/lib/store/commit-rejects'
import { rejectCounts } from '@/lib/store/save-source-minutes'
import { observeIngest } from './observe-ingest'
import type { Sender } from './sender'

/**
 * Counts what an OTLP request held that is not kept under source `otlp`, and answers its groups after COMMIT. Errors: `unavailable`.
 */
export async function countRefused(groups: readonly RejectGroup[], request: Sender): Promise<void> {
  const rejected = groups.reduce((sum, group) => sum + group.count, 0)
  if (rejected === 0) return
  await observeIngest('otlp', async (): Promise<IngestResult> => {
    await commitRejects({
      dataset: request.dataset,
      source: 'otlp',
      cluster: clusterOf({}, request),
      rejects: rejectCounts(groups),
    })
    return { accepted: 0, duplicates: 0, ignored: {}, rejected, rejects: groups, repeatedBatch: false }
  })
}

/** Groups of OTLP records. */
export const groupOtlpRejects = (rejects: readonly RecordReject[]): RejectGroup[] => groupRejects(rejects, 'otlp')

/** What a sender is told of rejects: each reason with its count, what is wrong, and how to mend it. */
export const rejectSentences = (groups: readonly RejectGroup[]): string[] =>
  groups.map((group) => `${group.count} × ${group.reason}: ${[group.detail, group.hint].filter(Boolean).join('. ')}`)
