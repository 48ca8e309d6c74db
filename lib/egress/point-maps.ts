import type { EgressPath, EgressPoint } from '@/lib/model/egress'
import { canonicalAddress, cidrContains, parseCidr } from './address'
import { publicAddressOf } from './paths'

/** The points that are ways out of a cluster. */
export const pointsOfCluster = (points: readonly EgressPoint[], cluster: string): readonly EgressPoint[] =>
  points.filter((point) => isOfCluster(point, cluster))

export const isOfCluster = ({ clusters }: Pick<EgressPoint, 'clusters'>, cluster: string): boolean =>
  !clusters || clusters.length === 0 || clusters.includes(cluster)

/** The one public address of a point; undefined where it has several, or a network. */
export function solePublicAddress({ publicCidrs }: Pick<EgressPoint, 'publicCidrs'>): string | undefined {
  const [text, ...others] = publicCidrs
  if (text === undefined || others.length > 0) return undefined
  const parsed = parseCidr(text)
  if ('error' in parsed) return undefined
  const { address, prefix } = parsed.cidr
  return prefix === (address.kind() === 'ipv4' ? 32 : 128) ? canonicalAddress(address.toString()) : undefined
}

/**
 * The public address that stands for a private one of a hop: by the map of a path, else by the egress point that has the private
 * address, where that has one public address only. Never a guess (nat-evidence §3.2): undefined where a point that has the
 * private address has several public ones, where two say different ones, or where a path's map names one that the point lacks.
 * Paths and points are those of the connection's cluster.
 */
export function publicAddressBy(
  ip: string,
  hop: string | undefined,
  paths: readonly EgressPath[],
  points: readonly EgressPoint[],
): string | undefined {
  const holders = points.filter(({ privateCidrs = [] }) => holds(privateCidrs, ip))
  const claims = holders.map(solePublicAddress)
  const byPath = publicAddressOf(ip, hop, paths)
  if (byPath !== undefined) return holders.every(({ publicCidrs }) => holds(publicCidrs, byPath)) ? byPath : undefined
  // Two maps that disagree are no silence that a point could fill.
  if (isMapped(ip, hop, paths)) return undefined
  const [only, ...others] = [...new Set(claims)]
  return others.length === 0 ? only : undefined
}

const isMapped = (ip: string, hop: string | undefined, paths: readonly EgressPath[]): boolean =>
  paths.some(
    (path) =>
      (hop === undefined || path.hops.includes(hop)) &&
      Object.keys(path.publicByPrivate).some((from) => canonicalAddress(from) === canonicalAddress(ip)),
  )

const holds = (cidrs: readonly string[], ip: string): boolean =>
  cidrs.some((text) => {
    const parsed = parseCidr(text)
    return 'cidr' in parsed && cidrContains(parsed.cidr, ip)
  })
