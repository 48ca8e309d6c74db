import type { EgressConfig, EgressRule } from '@/lib/model/egress'
import { type Cidr, cidrContains, parseCidr } from './address'
import { isOfCluster } from './point-maps'

/** What a rule accepts as a source address. */
export interface SanctionedSet {
  /** Name of the egress point (or the CIDR of an anonymous one) whose addresses hold this one. */
  pointOf(ip: string): string | undefined
  /** `nat-a (203.0.113.10/32)`, in the rule's order. */
  readonly expected: readonly string[]
  /** False where the rule names a point that is not there, no way out of the cluster, or an address that cannot be read: then "outside" means nothing. */
  readonly isWhole: boolean
}

/** Resolves the egress points and sanctioned sources of a rule, as far as they are ways out of the cluster. */
export function sanctionedSet(rule: EgressRule, config: EgressConfig, cluster: string): SanctionedSet {
  const points = rule.egressPoints.map((name) => config.points.find((point) => point.name === name))
  const written = [
    ...points.flatMap((point) =>
      point && isOfCluster(point, cluster) ? point.publicCidrs.map((cidr) => ({ cidr, name: point.name })) : [],
    ),
    ...rule.sanctionedSources,
  ]
  const sources = written.map(({ cidr, name }) => ({ cidr: readCidr(cidr), name: name ?? cidr, text: cidr }))
  return {
    pointOf: (ip) => sources.find(({ cidr }) => cidr && cidrContains(cidr, ip))?.name,
    expected: sources.map(({ name, text }) => (name === text ? text : `${name} (${text})`)),
    isWhole: sources.length > 0 && points.every(Boolean) && sources.every(({ cidr }) => cidr !== undefined),
  }
}

function readCidr(text: string): Cidr | undefined {
  const parsed = parseCidr(text)
  return 'cidr' in parsed ? parsed.cidr : undefined
}
