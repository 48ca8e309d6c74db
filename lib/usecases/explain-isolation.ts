import 'server-only'
import type { SideIsolation } from '@/lib/model/edge-detail'
import type { EdgeVariant } from '@/lib/model/graph'
import { decidingHit } from '@/lib/model/policy'
import { type IsolatedWorkload, isolationAt } from './isolation-at'

/** The sides of an edge that are workloads. */
export interface EdgeSides {
  readonly cluster: string
  readonly client?: IsolatedWorkload
  readonly server?: IsolatedWorkload
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
  workload: IsolatedWorkload | undefined,
  side: SideIsolation['side'],
  variant: EdgeVariant | undefined,
): Promise<SideIsolation | undefined> {
  if (!workload || !variant) return undefined
  const atMs = variant.lastMs
  const direction = side === 'client' ? 'egress' : 'ingress'
  const known = await isolationAt(cluster, workload, [direction], atMs, decidingHit(variant.enforced)?.tier)
  const isolation = known?.get(direction)
  if (!isolation || isolation.isolating.length + isolation.undecided.length === 0) return undefined
  return { side, direction, atMs, ...isolation }
}
