import type { SourceLine, SourceReport } from '@/lib/model/source-report'
import type { TimeRange } from '@/lib/model/time-range'
import { counted, formatAgo, formatCount, formatMoment } from './format'
import { KEEP_OLD, LOOK_AT_CLOCK, LOOK_AT_SENDER, LOOK_AT_SERVER } from './source-commands'
import { COLLECTOR_KIND_WORD, isCollectorFailing, isCollectorStale, SILENCE_MEANS, sourceName } from './source-words'

/** Where on a record's way it stops: agent → receiver → reader → database → view. */
export type EmptyHop = 'agent' | 'receiver' | 'reader' | 'database' | 'view'

/** One reason why a screen shows nothing, and what to do about it. */
export interface EmptyCause {
  readonly cause:
    | 'never'
    | 'no-dataset'
    | 'other-cluster'
    | 'before-first'
    | 'late'
    | 'collector'
    | 'no-agents'
    | 'rejected'
    | 'clock'
    | 'too-old'
    | 'silent'
    | 'database'
    | 'filtered'
  readonly hop: EmptyHop
  readonly text: string
  readonly remedy?: string
  /** To paste, as far as the usual names hold. */
  readonly command?: string
}

export interface EmptyView {
  /** '' = all. */
  readonly cluster: string
  readonly window: TimeRange
  readonly nowMs: number
  /** The pinned dataset that is looked at; absent or '' = live. */
  readonly dataset?: string
  /** Edges of the window that the view keeps off the screen, and by what. */
  readonly hidden?: { readonly edges: number; readonly by: readonly string[] }
}

/**
 * Why a view shows nothing: every cause that holds, the most telling first. Empty where all is well and nothing happened.
 * `report` is undefined where the server did not answer, `problem` says how.
 */
export function whyEmpty(report: SourceReport | undefined, view: EmptyView, problem?: string): EmptyCause[] {
  if (problem !== undefined) return [noAnswer(problem)]
  if (!report) return []
  const { cluster, window, nowMs, hidden, dataset = '' } = view
  const isOfView = (one: { readonly cluster: string }) => !cluster || !one.cluster || one.cluster === cluster
  const sources = report.sources.filter(isOfView)
  const collectors = report.collectors.filter(isOfView)
  // Where the window has edges, everything before the view works.
  if (hidden && hidden.edges > 0)
    return [
      filtered(hidden),
      ...neverHeard(report, sources.length === 0, cluster, dataset).filter(
        ({ cause }) => cause !== 'never' && cause !== 'no-dataset',
      ),
    ]
  const early = beforeFirst(sources, window)
  // What is wrong now has nothing to do with a time before.
  if (early.length > 0) return early
  return [
    ...neverHeard(report, sources.length === 0, cluster, dataset),
    ...collectors.flatMap((one) => ofCollector(one, nowMs)),
    ...sources.flatMap(allRejected),
    ...sources.filter((source) => source.isSilent).map((source) => silent(source, nowMs)),
    ...sources.flatMap((source) => late(source, window)),
  ]
}

const noAnswer = (problem: string): EmptyCause => ({
  cause: 'database',
  hop: 'database',
  text: `Postern’s server or its database does not answer: ${problem}`.replace(/([^.])$/, '$1.'),
  remedy:
    'Senders are asked to come again meanwhile, and nothing that was acknowledged is lost. Its log has the reason; `ready` answers 200 once the database does.',
  command: LOOK_AT_SERVER,
})

const filtered = ({ edges, by }: NonNullable<EmptyView['hidden']>): EmptyCause => ({
  cause: 'filtered',
  hop: 'view',
  text: `The view filters everything away: ${counted(edges, 'edge', 'edges')} of this window ${edges === 1 ? 'does' : 'do'} not match.`,
  ...(by.length > 0 && { remedy: `What filters: ${by.join('; ')}.` }),
})

function ofCollector(one: SourceReport['collectors'][number], nowMs: number): EmptyCause[] {
  const name = `Collector ${one.name} (${COLLECTOR_KIND_WORD[one.kind]})`
  if (isCollectorFailing(one, nowMs)) {
    const what = isCollectorStale(one, nowMs) ? 'its process does not answer' : (one.detail ?? one.state)
    return [
      {
        cause: 'collector',
        hop: 'receiver',
        text: `${name} does not work: ${what}.`.replace('..', '.'),
        ...(one.remedy && { remedy: one.remedy }),
      },
    ]
  }
  if (one.nodes && one.nodes.connected === 0 && one.nodes.unavailable > 0)
    return [
      {
        cause: 'no-agents',
        hop: 'agent',
        text: `${name} is connected, and none of ${formatCount(one.nodes.unavailable)} agents reports to it.`,
        remedy: 'Relay’s own log says why: mostly its certificates towards the agents, port 4244.',
        command: LOOK_AT_SENDER[one.source],
      },
    ]
  return []
}

/** A clock that is wrong is mended elsewhere than a format. */
function allRejected(source: SourceLine): EmptyCause[] {
  const top = source.rejects[0]
  if (!top || source.acceptedInWindow + source.duplicatesInWindow > 0) return []
  const text = `Everything that ${sourceName(source)} sent was rejected: ${formatCount(top.count)} × ${top.reason}.`
  if (top.reason === 'in_the_future')
    return [{ cause: 'clock', hop: 'reader', text, remedy: top.hint, command: LOOK_AT_CLOCK }]
  if (top.reason === 'too_old') return [{ cause: 'too-old', hop: 'reader', text, remedy: top.hint, command: KEEP_OLD }]
  return [{ cause: 'rejected', hop: 'reader', text, remedy: top.hint }]
}

const silent = (source: SourceLine, nowMs: number): EmptyCause => ({
  cause: 'silent',
  hop: 'agent',
  text: `${sourceName(source)} is silent, last word ${source.lastReceivedMs ? formatAgo(nowMs - source.lastReceivedMs) : 'never'}.`,
  remedy: SILENCE_MEANS[source.source],
  command: LOOK_AT_SENDER[source.source],
})

/** It sends, and what it sends is of a time before the window. */
function late(source: SourceLine, { fromMs, toMs }: TimeRange): EmptyCause[] {
  const { lastRecordMs, lastReceivedMs, isSilent, acceptedInWindow } = source
  if (isSilent || acceptedInWindow === 0 || lastRecordMs === undefined || lastReceivedMs === undefined) return []
  if (lastRecordMs >= fromMs || lastReceivedMs < fromMs || lastReceivedMs >= toMs + LATE_SLACK_MS) return []
  return [
    {
      cause: 'late',
      hop: 'agent',
      text: `${sourceName(source)} sends, but its newest record is of ${formatMoment(lastRecordMs)}, before this window.`,
      remedy: 'Its clock is behind, or its shipper sends what waited. Choose an earlier window meanwhile.',
      command: LOOK_AT_CLOCK,
    },
  ]
}

/** A window that ends now was asked for a moment ago. */
const LATE_SLACK_MS = 60_000

const CLUSTERS_NAMED = 5

function neverHeard(report: SourceReport, isQuiet: boolean, cluster: string, dataset: string): EmptyCause[] {
  if (!isQuiet) return []
  const others = [...new Set(report.sources.map((source) => source.cluster))]
  if (others.length === 0 && dataset !== '')
    return [
      {
        cause: 'no-dataset',
        hop: 'view',
        text: `Nothing was ever sent to the dataset ${dataset}.`,
        remedy: 'Its name is mistyped, it was deleted, or its import never ran. See the',
      },
    ]
  if (others.length === 0)
    return [
      {
        cause: 'never',
        hop: 'agent',
        text: 'No source has ever sent anything.',
        remedy: 'Here is what to paste for each:',
      },
    ]
  const named = others.slice(0, CLUSTERS_NAMED).join(', ')
  const more = others.length > CLUSTERS_NAMED ? ` and ${others.length - CLUSTERS_NAMED} more` : ''
  return [
    {
      cause: 'other-cluster',
      hop: 'view',
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
      hop: 'view',
      text: `This window ends before anything was received: the first record came at ${formatMoment(firstMs)}.`,
      remedy: 'Choose a later window.',
    },
  ]
}
