import { LIMITS } from '@/lib/model/limits'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'
import { openPull } from '@/lib/usecases/pull-records'
import type { Collector, CollectorContext } from './collector'
import type { CollectorSettings } from './collector-config'
import { RelayRun } from './hubble/relay-run'
import { OVERLAP_MS } from './hubble/stream-position'
import { readTls } from './tls-files'

type RelaySettings = Extract<CollectorSettings, { kind: 'hubble-relay' }>

export interface RelayTimes {
  /** A batch is committed this long after its first record. */
  readonly batchMs: number
  /** Pause before a batch is committed again that the database did not take. */
  readonly retryMs: number
  readonly statusEveryMs: number
  /** Relay asks all its nodes before it answers. */
  readonly statusTimeoutMs: number
  /**
   * A stream that was read this far beyond its beginning is opened anew. Relay itself, when it lost a node and finds it again,
   * asks it for everything since the stream's beginning: that must lie within what is remembered.
   */
  readonly renewAfterMs: number
  readonly tlsCheckMs: number
  readonly waitingRecords: number
}

const TIMES: RelayTimes = {
  batchMs: SECOND_MS,
  retryMs: 2 * SECOND_MS,
  statusEveryMs: 15 * SECOND_MS,
  statusTimeoutMs: 10 * SECOND_MS,
  renewAfterMs: MINUTE_MS,
  tlsCheckMs: 10 * SECOND_MS,
  waitingRecords: LIMITS.pullWaitingRecords,
}
/** How much longer than a stream lasts record keys are remembered. */
const REMEMBER_BEYOND_MS = 10 * SECOND_MS

/**
 * Follows the flows of one Hubble Relay (or of one agent). Resumes from the committed cursor less an overlap, whose records
 * count once; what may have been missed becomes a gap. Throws `CollectorFailure` in an operator's words.
 */
export function createHubbleRelay(
  settings: RelaySettings,
  defaults: { readonly defaultCluster: string; readonly retentionMs: number },
  times: RelayTimes = TIMES,
): Collector {
  return {
    name: settings.name,
    kind: 'hubble-relay',
    source: 'hubble',
    cluster: settings.cluster,
    address: settings.address,
    isExclusive: true,
    async run(context: CollectorContext) {
      const tls = settings.tls && (await readTls(settings.tls))
      const pull = await openPull({
        collector: settings.name,
        source: 'hubble',
        cluster: settings.cluster,
        defaultCluster: defaults.defaultCluster,
        retentionMs: defaults.retentionMs,
        overlapMs: times.renewAfterMs + OVERLAP_MS + REMEMBER_BEYOND_MS,
      })
      await new RelayRun({ settings, times, context, pull, ...(tls && { tls }) }).run()
    },
  }
}
