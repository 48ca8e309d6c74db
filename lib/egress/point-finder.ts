import type { EgressConfig } from '@/lib/model/egress'
import { type Cidr, cidrContains, parseCidr } from './address'

/** Answers the name of the egress point (or sanctioned source of a rule) that holds an address; undefined where none does. */
export type PointFinder = (ip: string) => string | undefined

/** Points before sources of rules, narrower networks first. Each address is looked up once. */
export function createPointFinder(config: Pick<EgressConfig, 'points' | 'rules'>): PointFinder {
  const written = [
    ...config.points.flatMap(({ name, publicCidrs }) => publicCidrs.map((cidr) => ({ cidr, name }))),
    ...config.rules.flatMap(({ sanctionedSources }) =>
      sanctionedSources.map(({ cidr, name }) => ({ cidr, name: name ?? cidr })),
    ),
  ]
  const networks = written
    .flatMap(({ cidr, name }): { cidr: Cidr; name: string }[] => {
      const parsed = parseCidr(cidr)
      return 'cidr' in parsed ? [{ cidr: parsed.cidr, name }] : []
    })
    .sort((a, b) => b.cidr.prefix - a.cidr.prefix)
  const known = new Map<string, string | undefined>()
  return (ip) => {
    if (!known.has(ip)) known.set(ip, networks.find(({ cidr }) => cidrContains(cidr, ip))?.name)
    return known.get(ip)
  }
}
