import type { ObservationKind } from '@/lib/model/egress'

/** What is on record of one connection to a provider, as far as proposals need it. */
export interface Sighting {
  readonly cluster: string
  readonly namespace: string
  readonly workload: string
  readonly host: string
  readonly providerId?: string
  readonly serverIp?: string
  readonly connections: number
  /** The public address by which it left: proven by a conclusive observation, or merely seen. */
  readonly address?: { readonly ip: string; readonly isProven: boolean; readonly kind?: ObservationKind }
  /** Hops that saw it, in the order in which they translated. */
  readonly hops: readonly string[]
  /** Whether the cluster's egress gateways are configured to take it; absent where nothing says so. */
  readonly isCovered?: boolean
}

/** `ml/agent, ml/worker and 3 more`: at most this many are named. */
const NAMED = 5

/** Distinct names, sorted, the first few of them in words. */
export function nameFew(names: readonly string[]): string {
  const all = [...new Set(names)].sort()
  const rest = all.length - NAMED
  return rest > 0 ? `${all.slice(0, NAMED).join(', ')} and ${rest} more` : all.join(', ')
}

/** Workloads of a cluster that its egress gateways are configured not to take, though they reach providers. */
export function uncoveredWarning(sightings: readonly Sighting[], cluster: string): string[] {
  const left = sightings.filter((one) => one.cluster === cluster && one.isCovered === false)
  if (left.length === 0) return []
  return [
    `Not covered, though they reach providers: ${nameFew(left.map(({ namespace, workload }) => `${namespace}/${workload}`))}. They leave another way.`,
  ]
}
