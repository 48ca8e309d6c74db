import 'server-only'
import { collectPolicyHits, NO_COUNTS } from '@/lib/graph/policy-hits'
import { type Naming, namingOf } from '@/lib/graph/policy-naming'
import type { GraphEdge, GraphQuery, ServiceGraph } from '@/lib/model/graph'
import type { PolicyRef } from '@/lib/model/policy'
import {
  NAMELESS_KINDS,
  POLICY_BOUNDS,
  type PolicyCoverage,
  type PolicyHits,
  type PolicyLine,
  type PolicyObject,
  type PolicyReport,
  policyId,
} from '@/lib/model/policy-report'
import type { TimeRange } from '@/lib/model/time-range'
import { withSpan } from '@/lib/observability/tracer'
import { type SelectorBudget, selectionOf } from '@/lib/policy/unused-policy'
import type { StoredObject } from '@/lib/store/load-policies'
import { checkDataset } from './check-dataset'
import { loadPolicyInventory, orderOf, type PolicyInventory } from './policy-objects'
import { type UseOfUnnamed, useOfUnnamed } from './policy-use'
import { queryWholeGraph } from './query-graph'

export type PolicyQuery = Pick<GraphQuery, 'dataset' | 'fromMs' | 'toMs' | 'windowMs' | 'cluster'>

/** Selectors that one report decides: some microseconds each. */
const MOST_SELECTIONS = 50_000

/**
 * Every policy that records of the window name, and every policy of the inventory, with what it did. Counts are those of the graph of
 * the same window. A policy that no record names was "never hit" only where its hits would have been named. Errors: `bad_request`
 * (dataset), `unavailable`.
 */
export const listPolicies = async (query: PolicyQuery, nowMs: number): Promise<PolicyReport> =>
  (await policiesAndGraph(query, nowMs)).report

/** The report, and what it is made of. */
export interface PolicyWorld {
  readonly report: PolicyReport
  readonly graph: Pick<ServiceGraph, 'nodes' | 'edges'>
  readonly inventory: PolicyInventory
  /** Every line, also those beyond the bound. */
  readonly lines: readonly PolicyLine[]
}

export const policiesAndGraph = (query: PolicyQuery, nowMs: number): Promise<PolicyWorld> =>
  withSpan('policies.list', {}, async () => {
    checkDataset(query.dataset)
    const toMs = query.toMs ?? nowMs
    const window = { fromMs: query.fromMs ?? toMs - query.windowMs, toMs }
    const [whole, inventory] = await Promise.all([
      queryWholeGraph(query, nowMs),
      loadPolicyInventory(query.dataset, query.cluster, window),
    ])
    const isOfView = ({ cluster }: { readonly cluster: string }) => !query.cluster || cluster === query.cluster
    const graph = { nodes: whole.nodes, edges: whole.edges.filter(isOfView) }
    const naming = namingOf(graph)
    const lines = await linesOf(graph.edges, inventory, {
      dataset: query.dataset,
      naming,
      coverage: whole.coverage,
      window,
    })
    return {
      graph,
      inventory,
      lines,
      report: {
        window,
        dataset: query.dataset,
        lines: lines.slice(0, POLICY_BOUNDS.lines),
        total: lines.length,
        tierOrder: inventory.tierOrder,
        clusters: clustersOf(naming, inventory),
        coverage: whole.coverage.filter(isOfView),
        isInventoryCut: inventory.isCut,
      },
    }
  })

function clustersOf(naming: Naming, inventory: PolicyInventory): PolicyCoverage[] {
  const silent = [...inventory.clusters]
    .filter((cluster) => !naming.clusters.has(cluster))
    .map((cluster) => ({ cluster, naming: [], silent: [], unnamed: 0, hasPending: false }))
  return [...naming.clusters.values(), ...silent]
    .map((one) => ({ ...one, hasInventory: inventory.clusters.has(one.cluster) }))
    .sort((a, b) => (a.cluster < b.cluster ? -1 : 1))
}

interface Context {
  readonly dataset: string
  readonly naming: Naming
  readonly coverage: ServiceGraph['coverage']
  readonly window: TimeRange
}

/** Lines, those that refuse something first: what a cut leaves out did nothing. */
async function linesOf(
  edges: readonly GraphEdge[],
  inventory: PolicyInventory,
  context: Context,
): Promise<PolicyLine[]> {
  const budget: SelectorBudget = { left: MOST_SELECTIONS }
  const objects = new Map<string, StoredObject[]>()
  const byName = new Map<string, StoredObject[]>()
  for (const object of inventory.policies) {
    push(objects, kindKey(object), object)
    push(byName, nameKey(object), object)
  }
  const taken = new Set<StoredObject>()
  const namesakes = new Set<string>()
  const hit = collectPolicyHits(edges).map((hits): [PolicyLine, StoredObject | undefined] => {
    const object = objects.get(kindKey(hits))?.find(({ tier }) => tier === '' || tier === hits.tier)
    if (object) taken.add(object)
    else namesakes.add(nameKey(hits))
    const [namesake] = object || isNameless(hits) ? [] : (byName.get(nameKey(hits)) ?? [])
    return [lineOfHits(hits, object, namesake), object]
  })
  const unnamed = inventory.policies.filter((object) => !taken.has(object))
  const uses = await useOfUnnamed(unnamed, {
    ...context,
    inventory,
    budget,
    isNamesake: (one) => namesakes.has(nameKey(one)),
  })
  const rest = unnamed.map((object, at): [PolicyLine, StoredObject] => [lineOfObject(object, uses[at]), object])
  return [...hit, ...rest]
    .sort(([a], [b]) => weightOf(b) - weightOf(a) || (a.id < b.id ? -1 : 1))
    .map(([line, object]) => (object ? withSelection(line, object, inventory, budget) : line))
}

const isNameless = ({ kind }: PolicyRef): boolean => NAMELESS_KINDS.some((one) => one === kind)

const weightOf = ({ counts, use }: PolicyLine): number =>
  (counts.denied + counts.deniedByDefault + counts.wouldDeny) * 1e6 +
  counts.allowed +
  (use === 'never' ? 0.75 : use === 'unknown' ? 0.5 : 1)

type Keyed = PolicyRef & { readonly cluster: string }
const kindKey = ({ cluster, kind, namespace, name }: Keyed): string => JSON.stringify([cluster, kind, namespace, name])
const nameKey = ({ cluster, namespace, name }: Keyed): string => JSON.stringify([cluster, namespace, name])

function push<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key)
  if (group) group.push(item)
  else groups.set(key, [item])
}

function lineOfHits(
  hits: PolicyHits,
  object: StoredObject | undefined,
  namesake: StoredObject | undefined,
): PolicyLine {
  return {
    ...hits,
    id: policyId(hits),
    use: 'hit',
    ...(object && { object: objectOf(object) }),
    ...(namesake && { namesakeKind: namesake.kind }),
  }
}

function lineOfObject(object: StoredObject, use: UseOfUnnamed | undefined): PolicyLine {
  const { cluster, kind, namespace, tier, name } = object
  const ref = { cluster, kind, namespace, tier, name }
  return {
    ...ref,
    id: policyId(ref),
    counts: NO_COUNTS,
    isAtMost: false,
    edges: { decides: 0, wouldDeny: 0, wouldAllow: 0 },
    object: objectOf(object),
    ...(use ?? { use: 'unknown', whyUnknown: 'no-source' }),
  }
}

function objectOf({ createdMs, validFromMs, validToMs, isChanged, existsNow, body }: StoredObject): PolicyObject {
  const order = orderOf(body)
  return {
    existsNow,
    ...(createdMs !== undefined && { createdMs }),
    ...(isChanged && { changedMs: validFromMs }),
    ...(validToMs !== undefined && !existsNow && { removedMs: validToMs }),
    ...(order !== undefined && { order }),
  }
}

function withSelection(
  line: PolicyLine,
  object: StoredObject,
  inventory: PolicyInventory,
  budget: SelectorBudget,
): PolicyLine {
  const subjects = inventory.subjectsOf(object.cluster, object.namespace)
  // Nobody told of any workload there, which is not "none".
  if (!object.body || inventory.subjectsOf(object.cluster, '').length === 0) return line
  const found = selectionOf(object, subjects, budget)
  if (!found) return line
  return { ...line, selects: { workloads: found.selected.length, undecided: found.undecided } }
}
