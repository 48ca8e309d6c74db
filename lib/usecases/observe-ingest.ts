import 'server-only'
import type { IngestResult } from '@/lib/model/ingest-result'
import { count, timed } from '@/lib/observability/metrics'
import { withSpan } from '@/lib/observability/tracer'

/** Runs the ingest of one body in a span, and counts what became of it. */
export async function observeIngest(source: string, work: () => Promise<IngestResult>): Promise<IngestResult> {
  try {
    const result = await withSpan('ingest', { source }, () =>
      timed('postern_ingest_duration_seconds', { source }, work),
    )
    count('postern_ingest_bodies', 1, { source, outcome: result.repeatedBatch ? 'repeated' : 'committed' })
    count('postern_ingest_records', result.accepted, { source, outcome: 'accepted' })
    count('postern_ingest_records', result.duplicates, { source, outcome: 'duplicate' })
    count('postern_ingest_records', result.rejected, { source, outcome: 'rejected' })
    for (const group of result.rejects) count('postern_ingest_rejects', group.count, { source, reason: group.reason })
    return result
  } catch (error) {
    count('postern_ingest_bodies', 1, { source, outcome: 'failed' })
    throw error
  }
}
