import type { EgressPath } from '@/lib/model/egress'
import { canonicalAddress } from './address'

/** The paths that are said of a cluster. */
export const pathsOfCluster = (paths: readonly EgressPath[], cluster: string): readonly EgressPath[] =>
  paths.filter((path) => path.clusters.length === 0 || path.clusters.includes(cluster))

/**
 * True where the operator declared this hop the last NAT, and no other path of the cluster has a NAT behind it. `paths` are
 * those of the cluster.
 */
export function isFinalHop(hop: string | undefined, paths: readonly EgressPath[]): boolean {
  if (hop === undefined) return false
  return (
    paths.some((path) => path.finalHop === hop) &&
    !paths.some((path) => path.hops.includes(hop) && path.finalHop !== hop)
  )
}

/**
 * True where a hop stands behind another one of its path: a gateway (tier B). The first hop of a path counts as a node (tier
 * C), since a name does not tell; an operator who has the gateway only lists the node hop before it all the same.
 */
export const isGatewayHop = (hop: string, paths: readonly EgressPath[]): boolean =>
  paths.some((path) => path.hops.indexOf(hop) > 0)

/**
 * The public address that stands for a private one of a final hop, by the maps of the paths. Without a hop's name every path
 * of the cluster is asked. undefined where none says it, or where two say different ones.
 */
export function publicAddressOf(ip: string, hop: string | undefined, paths: readonly EgressPath[]): string | undefined {
  const wanted = canonicalAddress(ip)
  const found = new Set(
    paths
      .filter((path) => hop === undefined || path.hops.includes(hop))
      .flatMap((path) => Object.entries(path.publicByPrivate))
      .filter(([from]) => canonicalAddress(from) === wanted)
      .map(([, to]) => canonicalAddress(to)),
  )
  const [only] = found
  return found.size === 1 ? only : undefined
}
