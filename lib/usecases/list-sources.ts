import 'server-only'
import { rejectHint } from '@/lib/ingest/reject-hints'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { SourceActivity, SourceLine, SourceReport } from '@/lib/model/source-report'
import { loadCollectors } from '@/lib/store/collectors'
import { loadCoverage } from '@/lib/store/load-coverage'
import { loadSourceActivity } from '@/lib/store/load-source-activity'
import { checkDataset } from './check-dataset'

/**
 * Every source ever heard of in the dataset, with what was received since `fromMs`, and every collector; a pinned dataset
 * has none. Errors: `bad_request` (dataset name), `unavailable`.
 */
export async function listSources(
  { dataset, fromMs }: { readonly dataset: string; readonly fromMs: number },
  nowMs: number,
): Promise<SourceReport> {
  checkDataset(dataset)
  const window = { fromMs, toMs: nowMs }
  const [coverage, activity, collectors] = await Promise.all([
    loadCoverage(dataset, window),
    loadSourceActivity(dataset, window),
    dataset === '' ? loadCollectors() : [],
  ])
  const bySource = new Map(activity.map((one) => [JSON.stringify([one.source, one.cluster, one.hop]), one]))
  const sources = coverage.map((source) =>
    lineOf(source, bySource.get(JSON.stringify([source.source, source.cluster, source.hop ?? ''])), nowMs),
  )
  return { nowMs, fromMs, sources, collectors }
}

function lineOf(source: SourceCoverage, activity: SourceActivity | undefined, nowMs: number): SourceLine {
  return {
    ...source,
    firstReceivedMs: activity?.firstReceivedMs ?? nowMs,
    recordsPerSecond: activity?.recordsPerSecond ?? 0,
    gaps: activity?.gaps ?? [],
    ...(activity?.lagMs !== undefined && { lagMs: activity.lagMs }),
    rejects: source.rejects.map(({ reason, count }) => ({ reason, count, hint: rejectHint(reason, source.source) })),
  }
}
