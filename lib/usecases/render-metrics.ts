import 'server-only'
import { type Observation, prometheusText } from '@/lib/observability/metrics'
import { countWaiting } from '@/lib/store/count-waiting'
import { loadFindings } from '@/lib/store/load-findings'
import { queryGraph } from './query-graph'

const WINDOW_MS = 15 * 60_000
/** More sources than this are not told one by one: label values stay bounded. */
const MAX_SOURCES = 200
const MAX_FINDINGS = 1000

/** Metrics of this process, and what the live data say at this moment, as Prometheus text. Errors: `unavailable`. */
export const renderMetrics = async (nowMs: number): Promise<string> => prometheusText(await observeMetrics(nowMs))

/** What the live data say at this moment. Errors: `unavailable`. */
export async function observeMetrics(nowMs: number): Promise<Observation[]> {
  const [graph, { findings }, waiting] = await Promise.all([
    queryGraph({ dataset: '', windowMs: WINDOW_MS, namespaces: [], states: [], scope: 'ai' }, nowMs),
    loadFindings({ dataset: '', status: 'open' }, MAX_FINDINGS),
    countWaiting(),
  ])
  const { violations, verifiedShare, unnamedShare } = graph.headline
  const observations: Observation[] = [
    { name: 'postern_egress_waiting', value: waiting },
    { name: 'postern_egress_violations', value: violations },
    ...['D0', 'D0u'].map((detector) => ({
      name: 'postern_findings_open' as const,
      value: findings.filter((finding) => finding.detector === detector).length,
      labels: { detector },
    })),
    ...graph.coverage.slice(0, MAX_SOURCES).flatMap((source): Observation[] => {
      const labels = { source: source.source, cluster: source.cluster, hop: source.hop ?? '' }
      return [
        { name: 'postern_source_silent', value: source.isSilent ? 1 : 0, labels },
        { name: 'postern_source_last_received_seconds', value: (source.lastReceivedMs ?? 0) / 1000, labels },
      ]
    }),
  ]
  if (verifiedShare !== undefined) observations.push({ name: 'postern_egress_verified_ratio', value: verifiedShare })
  if (unnamedShare !== undefined) observations.push({ name: 'postern_external_unnamed_ratio', value: unnamedShare })
  return observations
}
