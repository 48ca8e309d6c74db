import 'server-only'
import type { GraphNode } from '@/lib/model/graph'
import { WORKLOAD_KIND } from '@/lib/model/inventory'
import { POLICY_BOUNDS } from '@/lib/model/policy-report'
import type { TimeRange } from '@/lib/model/time-range'
import type { PolicySubject } from '@/lib/policy/isolating-policies'
import { POLICY_KINDS } from '@/lib/policy/selects-pod'
import { workloadSubject } from '@/lib/policy/workload-subject'
import { loadInventoryClusters, loadObjectsOfWindow, type StoredObject } from '@/lib/store/load-policies'

export interface NamedSubject extends PolicySubject {
  readonly name: string
}

/** What the inventory knows of policies and of whom they select, in a window. */
export interface PolicyInventory {
  /** Clusters of which an inventory was ever read. */
  readonly clusters: ReadonlySet<string>
  readonly policies: readonly StoredObject[]
  /** Tiers by cluster, in the order in which they are looked at. */
  readonly tierOrder: Readonly<Record<string, readonly string[]>>
  readonly isCut: boolean
  /** Pods that a policy of a namespace of a cluster may select, of all namespaces for ''. */
  subjectsOf(cluster: string, namespace: string): readonly NamedSubject[]
  /** A workload of the graph as policies see it; without an inventory, hardly anything is known of it. */
  subjectOf(node: GraphNode): PolicySubject | undefined
}

const MOST_WORKLOADS = 10_000

/** The inventory of live data; pinned datasets have none. Errors: `unavailable`. */
export async function loadPolicyInventory(
  dataset: string,
  cluster: string | undefined,
  window: TimeRange,
): Promise<PolicyInventory> {
  const known = dataset === '' ? await loadInventoryClusters() : []
  const clusters = known.filter((one) => !cluster || one === cluster)
  const [objects, selectable] = await Promise.all([
    loadObjectsOfWindow(clusters, [...POLICY_KINDS, 'Tier'], window, POLICY_BOUNDS.inventory),
    loadObjectsOfWindow(clusters, [WORKLOAD_KIND, 'Namespace'], window, MOST_WORKLOADS),
  ])
  return {
    clusters: new Set(clusters),
    policies: objects.filter(({ kind }) => kind !== 'Tier'),
    tierOrder: tierOrder(objects.filter(({ kind }) => kind === 'Tier')),
    isCut: objects.length === POLICY_BOUNDS.inventory,
    ...subjectBook(selectable),
  }
}

const keyOf = (cluster: string, namespace: string): string => JSON.stringify([cluster, namespace])

function subjectBook(objects: readonly StoredObject[]): Pick<PolicyInventory, 'subjectsOf' | 'subjectOf'> {
  const namespaces = new Map(
    objects.filter(({ kind }) => kind === 'Namespace').map((one) => [keyOf(one.cluster, one.name), one.body]),
  )
  const groups = new Map<string, NamedSubject[]>()
  const byName = new Map<string, NamedSubject>()
  for (const { kind, cluster, namespace, name, body } of objects) {
    if (kind !== WORKLOAD_KIND) continue
    const subject = { ...workloadSubject(namespace, body, namespaces.get(keyOf(cluster, namespace)), {}), name }
    byName.set(JSON.stringify([cluster, namespace, name]), subject)
    for (const key of [keyOf(cluster, namespace), keyOf(cluster, '')]) {
      const group = groups.get(key)
      if (group) group.push(subject)
      else groups.set(key, [subject])
    }
  }
  return {
    subjectsOf: (cluster, namespace) => groups.get(keyOf(cluster, namespace)) ?? [],
    subjectOf: ({ class: of, cluster, namespace, name }) =>
      of === 'workload'
        ? (byName.get(JSON.stringify([cluster, namespace, name])) ??
          workloadSubject(namespace, undefined, namespaces.get(keyOf(cluster, namespace)), {}))
        : undefined,
  }
}

/** Calico looks at tiers by `spec.order`, those without one last, then by name. */
function tierOrder(tiers: readonly StoredObject[]): Record<string, string[]> {
  const byCluster = new Map<string, StoredObject[]>()
  for (const tier of tiers) byCluster.set(tier.cluster, [...(byCluster.get(tier.cluster) ?? []), tier])
  return Object.fromEntries(
    [...byCluster].map(([cluster, own]) => [
      cluster,
      own
        .sort((a, b) => (orderOf(a.body) ?? LAST) - (orderOf(b.body) ?? LAST) || (a.name < b.name ? -1 : 1))
        .map(({ name }) => name),
    ]),
  )
}

const LAST = Number.MAX_VALUE

/** `spec.order` of a tier or a policy; undefined where it has none. */
export function orderOf(body: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const spec = body?.spec
  if (typeof spec !== 'object' || spec === null || !('order' in spec)) return undefined
  return typeof spec.order === 'number' && Number.isFinite(spec.order) ? spec.order : undefined
}
