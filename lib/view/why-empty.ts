import type { SourceReport } from '@/lib/model/source-report'
import type { TimeRange } from '@/lib/model/time-range'
import { formatAgo, formatCount, formatMoment } from './format'
import { COLLECTOR_KIND_WORD, isCollectorFailing, isCollectorStale, SILENCE_MEANS, sourceName } from './source-words'

/** One reason why a screen shows nothing, and what to do about it. */
export interface EmptyCause {
  readonly cause: 'never' | 'other-cluster' | 'before-first' | 'collector' | 'rejected' | 'silent'
  readonly text: string
  readonly remedy?: string
}

/**
 * Why a view of this cluster ('' = all) and window shows nothing: every cause that holds, the most telling first. Empty
 * where all is well and nothing happened.
 */
export function whyEmpty(
  report: SourceReport,
  { cluster, window, nowMs }: { readonly cluster: string; readonly window: TimeRange; readonly nowMs: number },
): EmptyCause[] {
  const isOfView = (one: { readonly cluster: string }) => !cluster || !one.cluster || one.cluster === cluster
  const sources = report.sources.filter(isOfView)
  const collectors = report.collectors.filter(isOfView)
  const early = beforeFirst(sources, window)
  // What is wrong now has nothing to do with a time before.
  if (early.length > 0) return early
  return [
    ...neverHeard(report, sources.length === 0, cluster),
    ...collectors
      .filter((one) => isCollectorFailing(one, nowMs))
      .map((one): EmptyCause => {
        const what = isCollectorStale(one, nowMs) ? 'its process does not answer' : (one.detail ?? one.state)
        return {
          cause: 'collector',
          text: `Collector ${one.name} (${COLLECTOR_KIND_WORD[one.kind]}) does not work: ${what}.`.replace('..', '.'),
          ...(one.remedy && { remedy: one.remedy }),
        }
      }),
    ...sources.flatMap((source): EmptyCause[] => {
      const top = source.rejects[0]
      if (!top || source.acceptedInWindow + source.duplicatesInWindow > 0) return []
      return [
        {
          cause: 'rejected',
          text: `Everything that ${sourceName(source)} sent was rejected: ${formatCount(top.count)} × ${top.reason}.`,
          remedy: top.hint,
        },
      ]
    }),
    ...sources
      .filter((source) => source.isSilent)
      .map(
        (source): EmptyCause => ({
          cause: 'silent',
          text: `${sourceName(source)} is silent, last word ${source.lastReceivedMs ? formatAgo(nowMs - source.lastReceivedMs) : 'never'}.`,
          remedy: SILENCE_MEANS[source.source],
        }),
      ),
  ]
}

const CLUSTERS_NAMED = 5

function neverHeard(report: SourceReport, isQuiet: boolean, cluster: string): EmptyCause[] {
  if (!isQuiet) return []
  const others = [...new Set(report.sources.map((source) => source.cluster))]
  if (others.length === 0)
    return [{ cause: 'never', text: 'No source has ever sent anything.', remedy: 'Connect one: see the steps below.' }]
  const named = others.slice(0, CLUSTERS_NAMED).join(', ')
  const more = others.length > CLUSTERS_NAMED ? ` and ${others.length - CLUSTERS_NAMED} more` : ''
  return [
    {
      cause: 'other-cluster',
      text: `No source of cluster ${cluster} has ever sent anything; those heard are of ${named}${more}.`,
      remedy: 'Show all clusters, or check the cluster name of the sender: its token, or its X-Postern-Cluster header.',
    },
  ]
}

function beforeFirst(sources: SourceReport['sources'], { toMs }: TimeRange): EmptyCause[] {
  if (sources.length === 0) return []
  const firstMs = sources.reduce((first, source) => Math.min(first, source.firstReceivedMs), Number.POSITIVE_INFINITY)
  if (toMs > firstMs) return []
  return [
    {
      cause: 'before-first',
      text: `This window ends before anything was received: the first record came at ${formatMoment(firstMs)}.`,
      remedy: 'Choose a later window.',
    },
  ]
}
