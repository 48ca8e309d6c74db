import { LIMITS } from '@/lib/model/limits'
import { MINUTE_MS, SECOND_MS } from '@/lib/model/units'
import { openPull } from '@/lib/usecases/pull-records'
import { noClientCertificate } from './calico/goldmane-failure'
import { GoldmaneRun } from './calico/goldmane-run'
import type { Collector, CollectorContext } from './collector'
import type { CollectorSettings } from './collector-config'
import { readTls } from './tls-files'

export interface GoldmaneTimes {
  /** A batch is committed this long after its first record. */
  readonly batchMs: number
  /** Pause before a batch is committed again that the database did not take. */
  readonly retryMs: number
  readonly tlsCheckMs: number
  readonly waitingRecords: number
}

const TIMES: GoldmaneTimes = {
  batchMs: SECOND_MS,
  retryMs: 2 * SECOND_MS,
  tlsCheckMs: 10 * SECOND_MS,
  waitingRecords: LIMITS.pullWaitingRecords,
}
/** Record keys are remembered so long: the overlap of a reconnect, and what is late. Older ones are known to the store. */
const REMEMBER_MS = 2 * MINUTE_MS

/**
 * Follows the flows of one Goldmane (Calico 3.30 and later) over mTLS. Its first start reads all that Goldmane keeps, an hour;
 * later ones go on from the newest committed bucket less a minute, whose records count once. What was lost between becomes a
 * gap. Throws `CollectorFailure` in an operator's words.
 */
export function createGoldmane(
  settings: Extract<CollectorSettings, { kind: 'goldmane' }>,
  defaults: { readonly defaultCluster: string; readonly retentionMs: number },
  times: GoldmaneTimes = TIMES,
): Collector {
  return {
    name: settings.name,
    kind: 'goldmane',
    source: 'calico',
    cluster: settings.cluster,
    address: settings.address,
    isExclusive: true,
    async run(context: CollectorContext) {
      if (!settings.tls.cert && !settings.tls.key) throw noClientCertificate()
      const tls = await readTls(settings.tls)
      const pull = await openPull({
        collector: settings.name,
        source: 'calico',
        cluster: settings.cluster,
        defaultCluster: defaults.defaultCluster,
        retentionMs: defaults.retentionMs,
        overlapMs: REMEMBER_MS,
      })
      await new GoldmaneRun({ settings, times, context, pull, tls }).run()
    },
  }
}
