import 'server-only'
import type { Naming, UnnamedSide } from '@/lib/graph/policy-naming'
import type { SourceCoverage } from '@/lib/model/coverage'
import { isStaged, type PolicyKind } from '@/lib/model/policy'
import type { PolicyEngine, PolicyUse, UnknownUse } from '@/lib/model/policy-report'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { type BareSide, type SelectorBudget, whyNotUnused } from '@/lib/policy/unused-policy'
import type { StoredObject } from '@/lib/store/load-policies'
import { loadSourceActivity } from '@/lib/store/load-source-activity'
import type { PolicyInventory } from './policy-objects'

/** Of a policy that no record names. */
export interface UseOfUnnamed {
  readonly use: PolicyUse
  readonly neverSinceMs?: UnixMillis
  readonly whyUnknown?: UnknownUse
}

interface Context {
  readonly dataset: string
  readonly window: TimeRange
  readonly naming: Naming
  readonly coverage: readonly SourceCoverage[]
  readonly inventory: PolicyInventory
  readonly budget: SelectorBudget
  /** A record names a policy of this name whose kind the inventory does not have. */
  isNamesake(object: StoredObject): boolean
}

/**
 * Whether policies of the inventory that no record of the window names were never hit, or whether that is not known: only a source that
 * named policies of the cluster, lost nothing, and named one for all traffic that the policy may select, has shown that. In the order
 * of `objects`. Errors: `unavailable`.
 */
export async function useOfUnnamed(objects: readonly StoredObject[], context: Context): Promise<UseOfUnnamed[]> {
  if (objects.length === 0) return []
  const sides = { unnamed: bookOf(context.naming.unnamed, context), unstaged: bookOf(context.naming.unstaged, context) }
  const first = new Map(
    (await loadSourceActivity(context.dataset, context.window)).map(({ source, cluster, firstReceivedMs }) => [
      JSON.stringify([source, cluster]),
      firstReceivedMs,
    ]),
  )
  return objects.map((object): UseOfUnnamed => {
    const engines = enginesOf(object, context.naming)
    const why = context.isNamesake(object)
      ? 'namesake'
      : (cannotTell(object, engines, context) ?? bare(object, engines))
    if (why) return { use: 'unknown', whyUnknown: why }
    const heard = engines.map((engine) => first.get(JSON.stringify([engine, object.cluster])) ?? 0)
    return { use: 'never', neverSinceMs: Math.max(context.window.fromMs, object.createdMs ?? 0, ...heard) }
  })

  function bare(object: StoredObject, engines: readonly PolicyEngine[]): UnknownUse | undefined {
    const book = isStaged(object) ? sides.unstaged : sides.unnamed
    for (const engine of engines) {
      const why = whyNotUnused(
        object,
        book.get(bookKey(object.cluster, engine, object.namespace)) ?? [],
        context.budget,
      )
      if (why) return why
    }
    return undefined
  }
}

const CALICO: readonly PolicyKind[] = ['CalicoNetworkPolicy', 'GlobalNetworkPolicy']

/** Who would name a policy: whoever enforces it; policies of Kubernetes are enforced by whoever is there. */
function enginesOf({ kind, cluster }: StoredObject, naming: Naming): readonly PolicyEngine[] {
  if (kind.startsWith('Cilium')) return ['hubble']
  if (CALICO.includes(kind) || isStaged({ kind })) return ['calico']
  const heard = naming.clusters.get(cluster)
  return heard ? [...heard.naming, ...heard.silent] : []
}

function cannotTell(
  object: StoredObject,
  engines: readonly PolicyEngine[],
  { naming, coverage, window }: Context,
): UnknownUse | undefined {
  const heard = naming.clusters.get(object.cluster)
  if (!heard || engines.length === 0 || engines.some((engine) => !heard.naming.includes(engine))) return 'no-source'
  if (isStaged(object) && !heard.hasPending) return 'no-pending'
  const sources = coverage.filter(
    ({ source, cluster }) => cluster === object.cluster && engines.some((engine) => engine === source),
  )
  if (sources.some((one) => one.isSilent && (one.lastReceivedMs ?? 0) < window.toMs)) return 'no-source'
  return sources.some(({ gapsInWindow, lostInWindow }) => gapsInWindow + lostInWindow > 0) ? 'lost' : undefined
}

const bookKey = (cluster: string, engine: PolicyEngine, namespace: string): string =>
  JSON.stringify([cluster, engine, namespace])

/** Ends by cluster, engine and namespace, and all of a cluster under ''. */
function bookOf(sides: readonly UnnamedSide[], { inventory }: Context): ReadonlyMap<string, readonly BareSide[]> {
  const book = new Map<string, BareSide[]>()
  for (const { cluster, engine, node, direction } of sides) {
    const subject = inventory.subjectOf(node)
    // Peers outside are selected by no policy.
    if (!subject && node.class !== 'host') continue
    const side = { ...(subject && { subject }), ...(direction && { direction }) }
    for (const namespace of new Set(['', node.namespace])) {
      const key = bookKey(cluster, engine, namespace)
      const group = book.get(key)
      if (group) group.push(side)
      else book.set(key, [side])
    }
  }
  return book
}
