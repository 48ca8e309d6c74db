import { LIMITS } from '@/lib/model/limits'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'
import { openPull } from '@/lib/usecases/pull-records'
import { WhiskerRun } from './calico/whisker-run'
import type { Collector, CollectorContext } from './collector'
import type { CollectorSettings } from './collector-config'
import { readTls } from './tls-files'

export interface WhiskerTimes {
  /** A batch is committed this long after its first record. */
  readonly batchMs: number
  /** Pause before a batch is committed again that the database did not take. */
  readonly retryMs: number
  readonly tlsCheckMs: number
  /** A stream without any event for so long is opened anew. */
  readonly quietMs: number
  /** Without an event stream: pause before it is looked whether another bucket is over. */
  readonly pollMs: number
  readonly waitingRecords: number
}

const TIMES: WhiskerTimes = {
  batchMs: SECOND_MS,
  retryMs: 2 * SECOND_MS,
  tlsCheckMs: 10 * SECOND_MS,
  quietMs: 5 * MINUTE_MS,
  pollMs: 5 * SECOND_MS,
  waitingRecords: LIMITS.pullWaitingRecords,
}
const REMEMBER_MS = 2 * MINUTE_MS

/**
 * Follows the flows that the backend of Whisker hands on from Goldmane, over HTTP: for clusters where no certificate for Goldmane
 * is to be had. What it lacks is said on the sources page. Goes on as a Goldmane collector does. Throws
 * `CollectorFailure` in an operator's words. formats/calico.md §1.6
 */
export function createWhisker(
  settings: Extract<CollectorSettings, { kind: 'whisker' }>,
  defaults: { readonly defaultCluster: string; readonly retentionMs: number },
  times: WhiskerTimes = TIMES,
): Collector {
  return {
    name: settings.name,
    kind: 'whisker',
    source: 'calico',
    cluster: settings.cluster,
    address: settings.url,
    isExclusive: true,
    async run(context: CollectorContext) {
      const tls = settings.tls && (await readTls(settings.tls))
      const pull = await openPull({
        collector: settings.name,
        source: 'calico',
        cluster: settings.cluster,
        defaultCluster: defaults.defaultCluster,
        retentionMs: defaults.retentionMs,
        overlapMs: REMEMBER_MS,
      })
      await new WhiskerRun({ settings, times, context, pull, ...(tls && { tls }) }).run()
    },
  }
}
