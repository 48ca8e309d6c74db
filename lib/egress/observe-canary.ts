import type { CanaryProbe } from '@/lib/model/canary'
import type { EgressObservation, EgressPath } from '@/lib/model/egress'
import { SECOND_MS, type UnixMillis } from '@/lib/model/units'
import { isPublicAddress } from './address'
import { CANARY_TTL_S, CLOCK_SKEW_MS } from './grade-observation'
import { pathsOfCluster, publicAddressOf } from './paths'

/** A connection, and where it ran. */
export interface ProbedConnection {
  readonly cluster: string
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
  /** Node of its pod, where the inventory knows it. */
  readonly node?: string
}

/** Nodes of a namespace may leave by different addresses; more samples say nothing new. */
const MAX_SHOWN = 8

/**
 * What probes of a connection's cluster and namespace say of the way it took (tier D, nat-evidence §3.1): those that ran before its end and
 * within CANARY_TTL_S of its beginning; where some ran on its own node, these alone; the newest of each node and basis. Without
 * one in time, the newest that is stale. Joined by labels and time, never to a flow (J0). A private address that no path maps
 * was seen before the last NAT, and is left out. `probes` in any order.
 */
export function canaryObservations(
  connection: ProbedConnection,
  probes: readonly CanaryProbe[],
  paths: readonly EgressPath[],
): EgressObservation[] {
  const ofCluster = pathsOfCluster(paths, connection.cluster)
  const usable = probes
    .filter(({ atMs, address }) => atMs <= connection.lastMs + CLOCK_SKEW_MS && isOutside(address, ofCluster))
    .sort(newestFirst)
  const fresh = usable.filter((probe) => ageSeconds(probe, connection) <= CANARY_TTL_S)
  if (fresh.length === 0)
    return nearest(usable, connection.node)
      .slice(0, 1)
      .map((probe) => observe(probe, connection))
  const newest = new Map<string, CanaryProbe>()
  for (const probe of nearest(fresh, connection.node)) {
    const key = `${probe.basis} ${probe.node}`
    if (!newest.has(key)) newest.set(key, probe)
  }
  return [...newest.values()].slice(0, MAX_SHOWN).map((probe) => observe(probe, connection))
}

/** A probe of another node samples another way, as soon as there is one of the own node. */
function nearest(probes: readonly CanaryProbe[], node: string | undefined): readonly CanaryProbe[] {
  const own = node === undefined ? [] : probes.filter((probe) => probe.node === node)
  return own.length > 0 ? own : probes
}

const isOutside = (address: string, paths: readonly EgressPath[]): boolean =>
  isPublicAddress(address) || publicAddressOf(address, undefined, paths) !== undefined

/** Of a probe while the connection lived: 0. */
const ageSeconds = ({ atMs }: CanaryProbe, { firstMs }: ProbedConnection): number =>
  Math.max(0, Math.ceil((firstMs - atMs) / SECOND_MS))

const newestFirst = (left: CanaryProbe, right: CanaryProbe): number =>
  right.atMs - left.atMs || (keyOf(left) < keyOf(right) ? -1 : 1)
const keyOf = ({ node, basis, address }: CanaryProbe): string => `${node} ${basis} ${address}`

const observe = (probe: CanaryProbe, connection: ProbedConnection): EgressObservation => ({
  kind: 'canary',
  ip: probe.address,
  join: 'J0',
  ageSeconds: ageSeconds(probe, connection),
  trustedChannel: probe.basis === 'seen',
  atMs: probe.atMs,
})
