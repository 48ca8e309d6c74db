import 'server-only'
import {
  changeOfEdge,
  comparePreviewEdges,
  compareTargets,
  isAlikeBesideRules,
  type JudgedTwice,
  previewSentence,
} from '@/lib/egress/preview-changes'
import { selectRule } from '@/lib/egress/select-rule'
import type { EgressConfig, Judgement } from '@/lib/model/egress'
import type { EgressPreview, PreviewAnswer, PreviewEdge, PreviewTarget } from '@/lib/model/egress-preview'
import type { TimeRange } from '@/lib/model/time-range'
import { DAY_MS } from '@/lib/model/units'
import { loadEgressEntries } from '@/lib/store/egress-entries'
import type { Evidence, WaitingConnection } from '@/lib/store/judge-connections'
import { lookAtKept } from '@/lib/store/look-at-kept'
import { checkDataset } from './check-dataset'
import { configOfRows } from './egress-rows'
import { connectionOf, judgeUnder, providerOf } from './judge-egress'
import { type EgressChange, isRefusal, planEgressChange } from './plan-egress-change'

/** Edges that an answer lists. */
const MOST_EDGES = 200

/**
 * What a change would do, without doing it: its issues, and, where none of them is an error, the edges whose doors would change. What
 * is kept of the last 24 h (of a pinned dataset, all) is judged by the judge itself, under the configuration in force and under the
 * proposed one, by the same evidence; bounded as lib/store/look-at-kept.ts says. Errors: `bad_request`, `unavailable`.
 */
export async function previewEgress(change: EgressChange, dataset: string, nowMs: number): Promise<PreviewAnswer> {
  checkDataset(dataset)
  const rows = await loadEgressEntries()
  const plan = planEgressChange(rows, change, '', nowMs)
  if (isRefusal(plan)) return { issues: plan.issues, diff: [], ...(plan.hint && { hint: plan.hint }) }
  const preview = await previewConfigs(configOfRows(rows, nowMs), configOfRows(plan.rows, nowMs), dataset, nowMs)
  return { issues: plan.warnings, diff: plan.diff, preview }
}

async function previewConfigs(
  before: EgressConfig,
  after: EgressConfig,
  dataset: string,
  nowMs: number,
): Promise<EgressPreview> {
  const window = windowOf(dataset, nowMs)
  const compare = comparison(before, after)
  const edges = new Map<string, { readonly target: PreviewTarget; readonly judged: JudgedTwice[] }>()
  const denied = new Map<string, PreviewTarget>()
  const newlyDenied = after.deniedProviders.filter((id) => !before.deniedProviders.includes(id))
  const kept = await lookAtKept(dataset, window, {
    wantedOf: compare.wantedOf,
    visit(row, evidence) {
      const judged = compare.judge(row, evidence)
      if (!judged) return
      const target = targetOf(row)
      const edge = edges.get(row.edgeId) ?? { target, judged: [] }
      edge.judged.push(judged)
      edges.set(row.edgeId, edge)
      const provider = providerOf(row)
      if (provider && !provider.ambiguous && newlyDenied.includes(provider.providerId)) denied.set(row.edgeId, target)
    },
  })
  const changed: PreviewEdge[] = kept.edges.flatMap(({ edgeId, connections, lookedAt }) => {
    const edge = edges.get(edgeId)
    const change = edge && changeOfEdge(edge.judged)
    return change ? [{ ...edge.target, ...change, lookedAt, left: connections - lookedAt }] : []
  })
  const sum = (pick: (edge: (typeof kept.edges)[number]) => number) =>
    kept.edges.reduce((all, edge) => all + pick(edge), 0)
  const lookedAt = { connections: sum((edge) => edge.lookedAt), edges: kept.edges.length }
  const told = {
    edges: changed.sort(comparePreviewEdges),
    changed: changed.length,
    newlyDenied: [...denied.values()].sort(compareTargets),
    lookedAt,
    left: { connections: sum((edge) => edge.connections) - lookedAt.connections, edges: kept.edgesLeft },
  }
  return {
    ...told,
    sentence: previewSentence(told),
    window,
    unchanged: kept.edges.length - changed.length,
    edges: told.edges.slice(0, MOST_EDGES),
    newlyDenied: told.newlyDenied.slice(0, MOST_EDGES),
  }
}

/** Imports are of whatever time. */
export const windowOf = (dataset: string, nowMs: number): TimeRange => ({
  fromMs: dataset === '' ? nowMs - DAY_MS : 0,
  toMs: nowMs,
})

export function targetOf(row: WaitingConnection): PreviewTarget {
  const provider = providerOf(row)
  const { edgeId, cluster, namespace, workload, serverName } = row
  return {
    edgeId,
    cluster,
    namespace,
    workload,
    server: provider?.host ?? serverName,
    ...(provider && !provider.ambiguous && { provider: provider.providerName }),
  }
}

/** Judges by both configurations. A connection that nothing proposed concerns stays as it is judged, and needs no evidence. */
function comparison(before: EgressConfig, after: EgressConfig) {
  const judges = [judgeUnder(before), judgeUnder(after)] as const
  const alike = new Map<string, boolean>()
  const isAlike = (cluster: string): boolean => {
    const known = alike.get(cluster) ?? isAlikeBesideRules(before, after, cluster)
    alike.set(cluster, known)
    return known
  }
  const isConcerned = (row: WaitingConnection): boolean => {
    const provider = providerOf(row)
    if (!provider || !isAlike(row.cluster)) return true
    const connection = connectionOf(row, provider)
    const [left, right] = [before, after].map(({ rules }) => JSON.stringify(selectRule(connection, rules)))
    return left !== right
  }
  const concerned = new Map<string, boolean>()
  return {
    wantedOf(row: WaitingConnection) {
      const isOne = isConcerned(row)
      concerned.set(row.id, isOne)
      if (!isOne) return []
      const wanted = judges.map((one) => one.wantedOf(row))
      const [old, proposed] = wanted
      // Only who calls as whom can differ: most often one look serves both.
      return JSON.stringify(old) === JSON.stringify(proposed) ? wanted.slice(0, 1) : wanted
    },
    judge(row: WaitingConnection, evidence: readonly Evidence[]): JudgedTwice | undefined {
      if (!concerned.get(row.id)) return twice(row.previous, row.previous, row.weight)
      const [own, proposed = own] = evidence
      if (!own || !proposed) return undefined
      return twice(judges[0].judge(row, own), judges[1].judge(row, proposed), row.weight)
    },
  }
}

const twice = (
  before: Judgement | null | undefined,
  after: Judgement | null | undefined,
  weight: number,
): JudgedTwice | undefined => (before && after ? { before, after, weight } : undefined)
