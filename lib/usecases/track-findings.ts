import 'server-only'
import { summariseDoor } from '@/lib/egress/summarise-door'
import type { JudgedEdge, Shown } from '@/lib/findings/detector'
import { planFindingChanges, QUIET_MS } from '@/lib/findings/plan-finding-changes'
import { livenessOf } from '@/lib/findings/source-liveness'
import type { EgressConfig } from '@/lib/model/egress'
import { loadCoverage } from '@/lib/store/load-coverage'
import type { JudgedEdgeRow, JudgedGroup } from '@/lib/store/load-judged-edges'
import { planFindings } from '@/lib/store/plan-findings'
import { egressConfig } from './egress-config'
import { providerCatalogue } from './provider-catalogue'

/** Judgements older than this have been planned over many times; what is still open is read whatever its age. */
const LOOK_BACK_MS = 2 * QUIET_MS
/** NAT logs come in batches: a door that has been unknown for less than this is only not known yet. */
const EVIDENCE_DELAY_MS = 2 * 60_000

/**
 * Opens, counts, resolves findings by what is judged at a moment. Quiet ends a finding only while the sources that would
 * have seen it are alive; elsewhere it goes stale. Safe to run on any number of replicas. Answers the number of changes.
 */
export async function trackFindings(nowMs: number, quietMs = QUIET_MS): Promise<number> {
  const coverage = await loadCoverage('', { fromMs: nowMs - quietMs, toMs: nowMs })
  const config = egressConfig()
  const clusters = [...new Set(coverage.map((source) => source.cluster))]
  const liveness = new Map(clusters.map((cluster) => [cluster, livenessOf(coverage, cluster, config.paths)]))
  return planFindings(nowMs - LOOK_BACK_MS, (rows, findings) =>
    planFindingChanges({
      edges: rows.map((row) => judgedEdgeOf(row, config, nowMs)),
      findings,
      liveness,
      nowMs,
      quietMs,
    }),
  )
}

function judgedEdgeOf(row: JudgedEdgeRow, config: EgressConfig, nowMs: number): JudgedEdge {
  const door = summariseDoor(row.groups)
  const mode = config.rules.find((rule) => rule.name === door.rule)?.mode
  const overdue = row.groups.filter((group) => group.firstLearnedMs <= nowMs - EVIDENCE_DELAY_MS)
  const violation = shownOf(row.groups, 'violation')
  const unverified = shownOf(overdue, 'unverified')
  return {
    edgeId: row.edgeId,
    dataset: row.dataset,
    cluster: row.cluster,
    workload: `${row.namespace}/${row.workload}`,
    target: targetOf(row),
    door,
    ...(violation && { violation }),
    ...(unverified && { unverified }),
    ...(mode && { mode }),
  }
}

/** The provider's name with the host it was reached by, as far as a name tells it; an address stands beside its name. */
function targetOf({ serverName, host }: JudgedEdgeRow): string {
  const match = providerCatalogue().matcher.matchPeer({ dnsNames: [host ?? serverName] })
  const where = host === null || host === serverName ? serverName : `${host}, ${serverName}`
  return match && !match.ambiguous ? `${match.providerName} (${where})` : where
}

/**
 * What shows a problem: connections that are kept, else there is none to be shown. Counted with those that retention dropped,
 * since a finding counts what was seen.
 */
function shownOf(groups: readonly JudgedGroup[], state: 'violation' | 'unverified'): Shown | undefined {
  const alike = groups.filter((group) => group.judgement.state === state && group.seen > 0)
  if (!alike.some((group) => group.weight > 0)) return undefined
  return {
    count: alike.reduce((sum, group) => sum + group.seen, 0),
    firstMs: Math.min(...alike.map((group) => group.firstMs)),
    lastMs: Math.max(...alike.map((group) => group.lastMs)),
    learnedMs: Math.max(...alike.map((group) => group.learnedMs)),
  }
}
