import 'server-only'
import type { SideIsolation } from '@/lib/model/edge-detail'
import type { EdgeVariant } from '@/lib/model/graph'
import { WORKLOAD_KIND } from '@/lib/model/inventory'
import { decidingHit } from '@/lib/model/policy'
import { ISOLATING_KINDS, isolatingPolicies } from '@/lib/policy/isolating-policies'
import { workloadSubject } from '@/lib/policy/workload-subject'
import { loadInForce, loadInventoryVersion } from '@/lib/store/load-inventory'

interface Workload {
  readonly namespace: string
  readonly name: string
  /** As flow records tell them: of several pods, perhaps not all. */
  readonly labels: Readonly<Record<string, string>>
}

/** The sides of an edge that are workloads. */
export interface EdgeSides {
  readonly cluster: string
  readonly client?: Workload
  readonly server?: Workload
}

/**
 * For each side that was denied though no rule is named: which policies isolate the workload, computed from the inventory as of the
 * newest such record. Sides of which the source names the policy itself are left out. Errors: `unavailable`.
 */
export async function explainIsolation(
  sides: EdgeSides,
  variants: readonly EdgeVariant[],
): Promise<readonly SideIsolation[]> {
  const unexplained = variants.filter(isUnexplained)
  const newestOf = (observer: EdgeVariant['observer']) =>
    unexplained
      .filter((variant) => variant.observer === observer)
      .reduce<EdgeVariant | undefined>(
        (newest, one) => (newest && newest.lastMs >= one.lastMs ? newest : one),
        undefined,
      )
  const all = await Promise.all([
    explainSide(sides.cluster, sides.client, 'client', newestOf('client')),
    explainSide(sides.cluster, sides.server, 'server', newestOf('server')),
  ])
  return all.flatMap((one) => (one ? [one] : []))
}

/** Denied, by default for all that is told, and no policy named, be it as a rule or as what brought a tier into play. */
function isUnexplained({ outcome, basis, enforced }: EdgeVariant): boolean {
  const hit = decidingHit(enforced)
  return outcome === 'denied' && basis !== 'rule' && (!hit || (hit.kind === 'EndOfTier' && !hit.trigger))
}

async function explainSide(
  cluster: string,
  workload: Workload | undefined,
  side: SideIsolation['side'],
  variant: EdgeVariant | undefined,
): Promise<SideIsolation | undefined> {
  if (!workload || !variant) return undefined
  const atMs = variant.lastMs
  const [policies, own, namespace] = await Promise.all([
    loadInForce(cluster, [...ISOLATING_KINDS, 'Tier'], workload.namespace, atMs),
    loadInventoryVersion(
      cluster,
      { kind: WORKLOAD_KIND, namespace: workload.namespace, tier: '', name: workload.name },
      atMs,
    ),
    loadInventoryVersion(cluster, { kind: 'Namespace', namespace: '', tier: '', name: workload.namespace }, atMs),
  ])
  if (policies.length === 0) return undefined
  const passing = policies.filter(({ kind, body }) => kind === 'Tier' && specOf(body).defaultAction === 'Pass')
  const direction = side === 'client' ? 'egress' : 'ingress'
  const tier = decidingHit(variant.enforced)?.tier
  const candidates = policies
    .filter((policy) => policy.kind !== 'Tier' && (tier === undefined || (policy.tier || 'default') === tier))
    .map(({ kind, namespace: within, tier: of, name, body }) => ({
      kind,
      namespace: within,
      tier: of,
      name,
      ...(body && { body }),
    }))
  const { isolating, undecided } = isolatingPolicies(
    candidates,
    workloadSubject(workload.namespace, own?.body, namespace?.body, workload.labels),
    direction,
    new Set(passing.map(({ name }) => name)),
  )
  if (isolating.length + undecided.length === 0) return undefined
  return { side, direction, atMs, isolating: isolating.slice(0, SHOWN), undecided: undecided.slice(0, SHOWN) }
}

const SHOWN = 50

type Fields = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const specOf = (body: Fields | undefined): Fields => (isRecord(body?.spec) ? body.spec : {})
