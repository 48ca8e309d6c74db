import type { ApiToken } from '@/lib/model/api-token'
import type { SourceLine, SourceReport } from '@/lib/model/source-report'
import { isCollectorFailing, sourceName } from './source-words'

/** What is waited for, and since when, by the server's clock. */
export interface Expected {
  readonly source: SourceLine['source']
  readonly cluster: string
  readonly hop?: string
  /** Kinds of the collector that brings it; empty = it is pushed. */
  readonly collectors: readonly string[]
  readonly sinceMs: number
  /** Where senders reach this server. */
  readonly address: string
}

/** How far the first record came. Every state but the last says what to do. */
export type Arrival =
  | { readonly state: 'waiting' | 'reached' | 'rejected' | 'collector'; readonly text: string; readonly remedy: string }
  | { readonly state: 'arrived'; readonly text: string; readonly line: SourceLine }

/**
 * Where the first record is on its way: sender → receiver → reader → stored. `token` is the one that was made for it, as the token
 * list shows it now; a record counts as its only once the token was used. `report` counts from `sinceMs`.
 */
export function arrivalOf(expected: Expected, report: SourceReport, token: ApiToken | undefined): Arrival {
  const { source, cluster, hop, sinceMs, address } = expected
  const line = report.sources.find(
    (one) => one.source === source && one.cluster === cluster && (one.hop ?? '') === (hop ?? ''),
  )
  const wasUsed = token === undefined || token.lastUsedMs !== undefined
  const isNew = line?.lastReceivedMs !== undefined && line.lastReceivedMs >= sinceMs
  if (line && isNew && wasUsed) {
    if (line.acceptedInWindow + line.duplicatesInWindow > 0)
      return { state: 'arrived', text: `${sourceName(line)}: the first record arrived.`, line }
    const top = line.rejects[0]
    return {
      state: 'rejected',
      text: `${sourceName(line)} reached Postern, and everything was rejected${top ? `: ${top.reason}` : ''}.`,
      remedy: top?.hint ?? 'Its records are known and of no use here: see docs/formats.md.',
    }
  }
  if (expected.collectors.length > 0) return ofCollector(expected, report)
  if (token?.lastUsedMs !== undefined)
    return {
      state: 'reached',
      text: 'The token was used, but no record came under this source and cluster.',
      remedy: 'A request without records, or of another format or hop: the sender’s own log has Postern’s answer.',
    }
  return {
    state: 'waiting',
    text: token
      ? 'Nothing has come with this token yet.'
      : `No ${source} record of cluster ${cluster}${hop ? `, hop ${hop},` : ''} has come yet.`,
    remedy: `The sender has nothing to send, or does not reach this address. From where it runs, \`curl -i ${address}/api/health/live\` must answer 200.`,
  }
}

function ofCollector({ collectors, cluster }: Expected, report: SourceReport): Arrival {
  const ours = report.collectors.filter(
    (one) => collectors.includes(one.kind) && (!one.cluster || one.cluster === cluster),
  )
  const failing = ours.find((one) => isCollectorFailing(one, report.nowMs))
  if (failing)
    return {
      state: 'collector',
      text: `Collector ${failing.name} does not work: ${failing.detail ?? failing.state}.`.replace('..', '.'),
      remedy: failing.remedy ?? 'The table of collectors on the Sources page says more.',
    }
  if (ours.length > 0)
    return {
      state: 'reached',
      text: `Collector ${ours.map(({ name }) => name).join(', ')} works; no record has come yet.`,
      remedy: 'Flows come when there is traffic; Calico’s come 15 to 30 seconds late.',
    }
  return {
    state: 'waiting',
    text: `No collector of this kind runs for cluster ${cluster}.`,
    remedy: 'Collectors start with the server: put it into the file of `POSTERN_CONFIG`, and restart Postern.',
  }
}
