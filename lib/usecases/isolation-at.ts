import 'server-only'
import { WORKLOAD_KIND } from '@/lib/model/inventory'
import { type Direction, ISOLATING_KINDS, type Isolation, isolatingPolicies } from '@/lib/policy/isolating-policies'
import { workloadSubject } from '@/lib/policy/workload-subject'
import { loadInForce, loadInventoryVersion } from '@/lib/store/load-inventory'

/** A workload whose policies are asked for. */
export interface IsolatedWorkload {
  readonly namespace: string
  readonly name: string
  /** As flow records tell them: of several pods, perhaps not all. */
  readonly labels: Readonly<Record<string, string>>
}

/**
 * Which policies isolated a workload in each direction at a time, computed from the inventory, each list at most 50; of one tier only where
 * it is told. undefined where the inventory knows no policy of then. Errors: `unavailable`.
 */
export async function isolationAt(
  cluster: string,
  workload: IsolatedWorkload,
  directions: readonly Direction[],
  atMs: number,
  tier?: string,
): Promise<ReadonlyMap<Direction, Isolation> | undefined> {
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
  const candidates = policies
    .filter((policy) => policy.kind !== 'Tier' && (tier === undefined || (policy.tier || 'default') === tier))
    .map(({ kind, namespace: within, tier: of, name, body }) => ({
      kind,
      namespace: within,
      tier: of,
      name,
      ...(body && { body }),
    }))
  const subject = workloadSubject(workload.namespace, own?.body, namespace?.body, workload.labels)
  const passingTiers = new Set(passing.map(({ name }) => name))
  return new Map(
    directions.map((direction) => {
      const { isolating, undecided } = isolatingPolicies(candidates, subject, direction, passingTiers)
      return [direction, { isolating: isolating.slice(0, SHOWN), undecided: undecided.slice(0, SHOWN) }]
    }),
  )
}

const SHOWN = 50

type Fields = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const specOf = (body: Fields | undefined): Fields => (isRecord(body?.spec) ? body.spec : {})
