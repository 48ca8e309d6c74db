import { isPublicAddress } from '@/lib/egress/address'
import { isAddress } from './addresses'
import type { ClusterFacts, EdgeFacts, PeerFacts } from './facts'
import { byText } from './finding-words'

/** Edges of one workload and one target, as findings are told apart. */
export interface EdgeGroup {
  readonly workload: string
  readonly target: string
  readonly edges: readonly EdgeFacts[]
}

/** Under which workload and target an edge is spoken of; undefined where the detector does not look at it. */
export type PairOf = (edge: EdgeFacts) => { readonly workload: string; readonly target: string } | undefined

type Provider = NonNullable<PeerFacts['provider']>
export interface ProviderEdge extends EdgeFacts {
  readonly server: PeerFacts & { readonly provider: Provider }
}

export const isOfProvider = (edge: EdgeFacts): edge is ProviderEdge => edge.server.provider !== undefined

/** Client and provider, whatever host, address or port. Only clients of the cluster: its workloads and its nodes. */
export const byProvider: PairOf = ({ client, server }) =>
  server.provider && isInside(client) ? { workload: client.label, target: server.provider.name } : undefined

/** Client and server. */
export const byServer: PairOf = ({ client, server }) => ({ workload: client.label, target: server.label })

/** Client and host of the provider: several addresses of one host are one target, for a rule speaks of neither. */
export const byDoor: PairOf = ({ client, server }) => ({ workload: client.label, target: doorTarget(server) })

/** However sure the name is at the moment: a finding must not get another target when a name lapses. */
const doorTarget = ({ provider, label }: PeerFacts): string =>
  provider ? `${provider.name} (${provider.host || label})` : label

export const isInside = ({ class: peerClass }: PeerFacts): boolean => peerClass === 'workload' || peerClass === 'host'

const GROUPS = new WeakMap<ClusterFacts, Map<PairOf, ReadonlyMap<string, EdgeGroup>>>()

/** Every group of the cluster, sorted by workload and target. Made once per facts and pairing, whoever asks. */
export const groupsOf = (facts: ClusterFacts, pairOf: PairOf): readonly EdgeGroup[] => [
  ...indexOf(facts, pairOf).values(),
]

/** The group of one finding. */
export const groupOf = (
  facts: ClusterFacts,
  pairOf: PairOf,
  { workload, target }: { readonly workload: string; readonly target: string },
): EdgeGroup | undefined => indexOf(facts, pairOf).get(keyOf(workload, target))

// The length keeps `a` + `bc` and `ab` + `c` apart, whatever characters names have.
const keyOf = (workload: string, target: string): string => `${workload.length} ${workload}${target}`

function indexOf(facts: ClusterFacts, pairOf: PairOf): ReadonlyMap<string, EdgeGroup> {
  const indexes = GROUPS.get(facts) ?? new Map<PairOf, ReadonlyMap<string, EdgeGroup>>()
  GROUPS.set(facts, indexes)
  const known = indexes.get(pairOf)
  if (known) return known
  const groups = new Map<string, EdgeGroup & { readonly edges: EdgeFacts[] }>()
  for (const edge of facts.edges) {
    const pair = pairOf(edge)
    if (!pair) continue
    const key = keyOf(pair.workload, pair.target)
    const group = groups.get(key)
    if (group) group.edges.push(edge)
    else groups.set(key, { workload: pair.workload, target: pair.target, edges: [edge] })
  }
  // What a detection says must not hang on the order in which a store gave its rows.
  for (const { edges } of groups.values()) edges.sort((left, right) => byText(left.edgeId, right.edgeId))
  const sorted = new Map([...groups].sort(([, left], [, right]) => byPair(left, right)))
  indexes.set(pairOf, sorted)
  return sorted
}

const BY_CLIENT = new WeakMap<ClusterFacts, ReadonlyMap<string, readonly EdgeFacts[]>>()

/** Edges by the endpoint of their client. Made once per facts. */
export function edgesByClient(facts: ClusterFacts): ReadonlyMap<string, readonly EdgeFacts[]> {
  const known = BY_CLIENT.get(facts) ?? indexBy(facts, ({ client }) => client.endpointId)
  BY_CLIENT.set(facts, known)
  return known
}

const BY_WORKLOAD = new WeakMap<ClusterFacts, ReadonlyMap<string, readonly EdgeFacts[]>>()

/** Edges whose client is the workload `namespace/name`, as logs of resolvers name it. Made once per facts. */
export function edgesOfWorkload(facts: ClusterFacts, workload: string): readonly EdgeFacts[] {
  const known = BY_WORKLOAD.get(facts) ?? indexBy(facts, ({ client }) => `${client.namespace}/${client.name}`)
  BY_WORKLOAD.set(facts, known)
  return known.get(workload) ?? []
}

function indexBy(
  facts: ClusterFacts,
  keyOfEdge: (edge: EdgeFacts) => string,
): ReadonlyMap<string, readonly EdgeFacts[]> {
  const index = new Map<string, EdgeFacts[]>()
  for (const edge of facts.edges) {
    const key = keyOfEdge(edge)
    const own = index.get(key)
    if (own) own.push(edge)
    else index.set(key, [edge])
  }
  return index
}

/** A far end outside that nobody could name: it may be any provider. */
export const isUnnamed = ({ class: peerClass, provider, name, ips }: PeerFacts): boolean => {
  if (provider) return false
  if (peerClass === 'internet' || peerClass === 'network-set') return true
  return (
    peerClass === 'external' &&
    isAddress(name) &&
    (ips.length === 0 ? isPublicAddress(name) : ips.some(isPublicAddress))
  )
}

/** Order of detections. */
export const byPair = (
  left: { readonly workload: string; readonly target: string },
  right: { readonly workload: string; readonly target: string },
): number => byText(left.workload, right.workload) || byText(left.target, right.target)
