import 'server-only'
import type { Collector } from '@/lib/model/collector'
import type { SourceCoverage } from '@/lib/model/coverage'
import { DETECTOR_IDS } from '@/lib/model/finding'
import { type Observation, prometheusText } from '@/lib/observability/metrics'
import { loadCollectors } from '@/lib/store/collectors'
import { countWaiting } from '@/lib/store/count-waiting'
import { loadFindings } from '@/lib/store/load-findings'
import { type ActivityOf, loadSourceActivity } from '@/lib/store/load-source-activity'
import { queryGraph } from './query-graph'

const WINDOW_MS = 15 * 60_000
/** More sources than this are not told one by one: label values stay bounded. */
const MAX_SOURCES = 200
const MAX_FINDINGS = 1000
/** A collector that says nothing for so long does not work, whatever it said last. */
const COLLECTOR_STALE_MS = 60_000

/** Metrics of this process, and what the live data say at this moment, as Prometheus text. Errors: `unavailable`. */
export const renderMetrics = async (nowMs: number): Promise<string> => prometheusText(await observeMetrics(nowMs))

/** What the live data say at this moment. Errors: `unavailable`. */
export async function observeMetrics(nowMs: number): Promise<Observation[]> {
  const [graph, { findings }, waiting, collectors, activity] = await Promise.all([
    queryGraph({ dataset: '', windowMs: WINDOW_MS, namespaces: [], states: [], scope: 'ai' }, nowMs),
    loadFindings({ dataset: '', status: 'open', isAccepted: false }, MAX_FINDINGS),
    countWaiting(),
    loadCollectors(),
    loadSourceActivity('', { fromMs: nowMs - WINDOW_MS, toMs: nowMs }),
  ])
  const { violations, verifiedShare, unnamedShare } = graph.headline
  const observations: Observation[] = [
    { name: 'postern_egress_waiting', value: waiting },
    { name: 'postern_egress_violations', value: violations },
    ...DETECTOR_IDS.map((detector) => ({
      name: 'postern_findings_open' as const,
      value: findings.filter((finding) => finding.detector === detector).length,
      labels: { detector },
    })),
    ...graph.coverage.slice(0, MAX_SOURCES).flatMap(observeSource),
    ...activity.slice(0, MAX_SOURCES).flatMap(observeLag),
    ...collectors.flatMap((collector) => observeCollector(collector, nowMs)),
  ]
  if (verifiedShare !== undefined) observations.push({ name: 'postern_egress_verified_ratio', value: verifiedShare })
  if (unnamedShare !== undefined) observations.push({ name: 'postern_external_unnamed_ratio', value: unnamedShare })
  return observations
}

function observeSource(source: SourceCoverage): Observation[] {
  const labels = { source: source.source, cluster: source.cluster, hop: source.hop ?? '' }
  return [
    { name: 'postern_source_silent', value: source.isSilent ? 1 : 0, labels },
    { name: 'postern_source_last_received_seconds', value: (source.lastReceivedMs ?? 0) / 1000, labels },
    { name: 'postern_source_gaps', value: source.gapsInWindow, labels },
    { name: 'postern_source_lost_records', value: source.lostInWindow, labels },
  ]
}

function observeLag({ source, cluster, hop, lagMs }: ActivityOf): Observation[] {
  if (lagMs === undefined) return []
  return [{ name: 'postern_source_lag_seconds', value: lagMs / 1000, labels: { source, cluster, hop } }]
}

function observeCollector({ name, kind, state, updatedMs, nodes }: Collector, nowMs: number): Observation[] {
  const labels = { collector: name, kind }
  const isUp = state === 'connected' && nowMs - updatedMs <= COLLECTOR_STALE_MS
  return [
    { name: 'postern_collector_up', value: isUp ? 1 : 0, labels },
    ...(nodes ? [{ name: 'postern_collector_unavailable_nodes' as const, value: nodes.unavailable, labels }] : []),
  ]
}
