import type { EgressConfig, EgressRule, ObservationKind } from '@/lib/model/egress'
import type { EgressProposal } from '@/lib/model/egress-proposal'
import { cidrContains, parseCidr } from './address'
import { pathsOfCluster } from './paths'
import { nameFew, type Sighting } from './sighting'

/** Addresses of one cluster that are proposed, the most used first. */
const MOST_ADDRESSES = 20

/**
 * A rule that accepts no address that can be seen. Judged by it, a connection is a violation exactly where its address is proven: so
 * the judge, and nothing else, says what a proposal may call proven. 192.0.2.0/24 is for documentation (RFC 5737).
 */
export const ASK_FOR_PROOF: EgressRule = {
  name: 'proposals',
  priority: 0,
  clusters: [],
  workloads: { namespaces: [], names: [], podLabels: {}, serviceAccounts: [], aiOnly: false },
  providers: ['*'],
  hosts: [],
  egressPoints: [],
  sanctionedSources: [{ cidr: '192.0.2.1/32' }],
  requireEvidence: 'C',
  mode: 'observe',
  origin: 'api',
}

/** A point, a path and a rule for each public address by which connections to providers were seen to leave, and that nothing declares. */
export function proposeFromObserved(sightings: readonly Sighting[], config: EgressConfig): EgressProposal[] {
  const groups = new Map<string, Sighting[]>()
  for (const one of sightings) {
    if (one.address === undefined || isDeclared(one.address.ip, config)) continue
    const key = `${one.cluster}\n${one.address.ip}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  const perCluster = new Map<string, number>()
  return [...groups.values()]
    .map((group) => ({ group, weight: sum(group) }))
    .sort((a, b) => b.weight - a.weight || idOf(a.group).localeCompare(idOf(b.group)))
    .flatMap(({ group }) => {
      const cluster = group[0]?.cluster ?? ''
      const count = (perCluster.get(cluster) ?? 0) + 1
      perCluster.set(cluster, count)
      return count > MOST_ADDRESSES ? [] : [proposalOf(group, config)]
    })
}

const sum = (group: readonly Sighting[]): number => group.reduce((all, { connections }) => all + connections, 0)
const idOf = ([one]: readonly Sighting[]): string => `observed/${one?.cluster ?? ''}/${one?.address?.ip ?? ''}`

const isDeclared = (ip: string, { points, rules }: EgressConfig): boolean =>
  [
    ...points.flatMap(({ publicCidrs }) => publicCidrs),
    ...rules.flatMap((rule) => rule.sanctionedSources.map(({ cidr }) => cidr)),
  ].some((text) => {
    const read = parseCidr(text)
    return 'cidr' in read && cidrContains(read.cidr, ip)
  })

function proposalOf(group: readonly Sighting[], config: EgressConfig): EgressProposal {
  const [first] = group
  const { cluster = '', address } = first ?? {}
  const ip = address?.ip ?? ''
  const proven = group.filter((one) => one.address?.isProven)
  const name = `out-${ip.replaceAll(/[.:]/g, '-')}`
  const workloads = group.map(({ namespace, workload }) => `${namespace}/${workload}`)
  const hops = longest(group)
  const isPathKnown = pathsOfCluster(config.paths, cluster).length > 0
  return {
    id: idOf(group),
    source: 'observed',
    cluster,
    title: `Seen leaving by ${ip}`,
    evidence: [
      `${connectionWords(sum(group))} of cluster ${cluster} left by ${ip}; for ${sum(proven)} of them it is proven.`,
      `Workloads: ${nameFew(workloads)}. Hosts: ${nameFew(group.map(({ host }) => host))}.`,
      ...(hops.length > 0 ? [`Hops that saw it, in order: ${hops.join(' → ')}.`] : []),
    ],
    warnings: [
      ...(proven.length === 0
        ? ['None of it is proven: another NAT may follow the hop that saw it. Only you know which hop is the last.']
        : []),
      'That traffic leaves this way does not make it right: check whose address it is.',
    ],
    point: {
      name,
      kind: kindOf(group),
      publicCidrs: [ip],
      clusters: [cluster],
    },
    ...(!isPathKnown &&
      hops.length > 0 && { path: { name: cluster, clusters: [cluster], hops: [...hops], final: hops.at(-1) ?? '' } }),
    rules: [
      {
        name: `${name}-rule`,
        clusters: [cluster],
        workloads: { namespaces: distinct(group.map(({ namespace }) => namespace)), aiOnly: true },
        providers: distinct(group.flatMap(({ providerId }) => (providerId === undefined ? [] : [providerId]))),
        egressPoints: [name],
      },
    ],
  }
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort()
const longest = (group: readonly Sighting[]): readonly string[] =>
  group.reduce<readonly string[]>((best, { hops }) => (hops.length > best.length ? hops : best), [])
const connectionWords = (count: number): string => (count === 1 ? '1 connection' : `${count} connections`)

/** The node's own address where nodes alone tell of it. Without a path the kind of a record does not tell nodes from gateways; hops do. */
const kindOf = (group: readonly Sighting[]): 'node' | 'nat-gateway' =>
  group.every(({ address, hops }) => hops.length <= 1 && NODE_KINDS.has(address?.kind)) ? 'node' : 'nat-gateway'

const NODE_KINDS: ReadonlySet<ObservationKind | undefined> = new Set(['conntrack-node', 'hubble-xlated'])
