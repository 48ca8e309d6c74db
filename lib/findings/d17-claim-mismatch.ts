import { providerById } from '@/lib/egress/catalogue/catalogue'
import { isAddress } from './addresses'
import { countSlots, passed, sumSlots, tellingEdges, total } from './count-slots'
import {
  byProvider,
  type EdgeGroup,
  edgesByClient,
  groupsOf,
  isOfProvider,
  isUnnamed,
  type ProviderEdge,
} from './edge-groups'
import type { ClusterDetector, ClusterFacts, Detection, EdgeFacts, PeerFacts } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'
import { claimsOf, providerOfHost } from './span-claims'

/** Serve their own models only. Everybody else sells models of others, so the name of the maker and of the host rightly differ. */
const MAKERS: ReadonlySet<string> = new Set([
  'ai21',
  'anthropic',
  'baichuan',
  'cohere',
  'deepseek',
  'minimax',
  'mistral',
  'moonshot',
  'openai',
  'xai',
  'zhipu',
])
/** Dialects that many providers speak: a client library writes them down whatever host it was given. */
const DIALECTS: ReadonlySet<string> = new Set(['openai', 'anthropic'])

interface Mismatch {
  readonly edge: ProviderEdge
  readonly kind: 'host' | 'bypass' | 'elsewhere' | 'attribute'
  readonly claimed: readonly string[]
}

/**
 * D17: what spans say they called and what flows of the same workload reached are two things. The workload may accuse itself, so it is
 * possible at most; who serves whom by its own name (gateways, clouds that sell others' models, dialects) is no mismatch.
 */
export const d17: ClusterDetector = {
  id: 'D17',
  name: 'Span claim and path differ',
  needs: ['addresses', 'spans'],
  isLearning: false,
  detect: (facts) => groupsOf(facts, byProvider).flatMap((group) => mismatchOf(group, facts)),
}

function mismatchOf({ workload, target, edges }: EdgeGroup, facts: ClusterFacts): Detection[] {
  const found = edges
    .filter(isOfProvider)
    .flatMap((edge) => readEdge(edge, facts) ?? [])
    .sort((left, right) => RANK[left.kind] - RANK[right.kind])
  const [best] = found
  const paths = found.map(({ edge }) => edge)
  const shown = countSlots(paths, passed)
  if (!best || !shown) return []
  const { provider } = best.edge.server
  const isDenied = facts.deniedProviders.has(provider.id)
  const from = spoken(workload)
  return [
    detection({
      workload,
      target,
      severity: isDenied ? 'high' : best.kind === 'attribute' ? 'low' : 'medium',
      certainty: 'possible',
      title:
        best.kind === 'bypass'
          ? `${from} says in its traces that it calls ${spoken(target)} through ${listed(best.claimed)}, and its flows reach ${spoken(target)} directly.`
          : `${from} says in its traces that it calls ${listed(best.claimed)}, and its flows reach ${spoken(target)}.`,
      facts: [
        `${times(total(shown), 'connection')} to ${listed(paths.map(({ server }) => server.provider.host))} in the last hour.`,
        FACTS[best.kind],
        ...(isDenied ? [`${spoken(target)} is not an approved provider.`] : []),
      ],
      disproof: 'A proxy on the path, another name of the same address, or spans of this path that came late.',
      cause: `shadow:${workload} ${provider.id}`,
      edgeIds: tellingEdges(paths, (edge) => sumSlots(edge, passed)),
      shown,
    }),
  ]
}

/** The path must be sure: a certain name, flows that passed, and a provider that is no gateway to others. */
function readEdge(edge: ProviderEdge, facts: ClusterFacts): Mismatch | undefined {
  const { client, server } = edge
  if (client.class !== 'workload' || !server.provider.certain || server.provider.category === 'gateway')
    return undefined
  if (server.provider.role !== 'inference' || sumSlots(edge, passed) === 0) return undefined
  return edge.spans && edge.spans.calls > 0 ? ownClaim(edge, edge.spans) : silentPath(edge, facts)
}

/** Spans of the very edge: their host first, their attribute where they tell no host. */
function ownClaim(edge: ProviderEdge, spans: NonNullable<EdgeFacts['spans']>): Mismatch | undefined {
  const { id, host } = edge.server.provider
  const hosts = spans.claimedHosts.filter((claimed) => !isAddress(claimed))
  if (hosts.some((claimed) => claimed === host || providerOfHost(claimed) === id)) return undefined
  const rivals = hosts.filter((claimed) => providerOfHost(claimed) !== undefined || isInternalHost(claimed))
  if (rivals.length > 0) return { edge, kind: 'host', claimed: rivals }
  // A host that nobody knows may be another name of this one.
  if (hosts.length > 0 || !MAKERS.has(id)) return undefined
  const makers = spans.claimedProviders.filter((claimed) => providerById(claimed) !== undefined)
  if (makers.length === 0 || makers.some((claimed) => claimed === id || DIALECTS.has(claimed))) return undefined
  return { edge, kind: 'attribute', claimed: makers.map(nameOf) }
}

/** No span tells of the path: through whom do they say that they call its provider, or whom else at a time without any such flow? */
function silentPath(edge: ProviderEdge, facts: ClusterFacts): Mismatch | undefined {
  const { client, server } = edge
  const paths = pathsOf(facts, client.endpointId)
  const gateways = paths.gateways.get(server.provider.id)
  if (gateways) return { edge, kind: 'bypass', claimed: [...gateways] }
  const claims = claimsOf(facts, client.endpointId)
  if (claims.providers.has(server.provider.id) || claims.hosts.has(server.provider.host)) return undefined
  if (paths.mayHide || paths.unseen.size === 0) return undefined
  return { edge, kind: 'elsewhere', claimed: [...paths.unseen] }
}

interface Paths {
  /** Provider id → gateways through which spans say that they call it. */
  readonly gateways: ReadonlyMap<string, ReadonlySet<string>>
  /** Providers, and gateways of one's own, that spans call and no flow reaches. */
  readonly unseen: ReadonlySet<string>
  /** Flows to a gateway, a proxy, or a server that nobody could name: the claimed call may be among them. */
  readonly mayHide: boolean
}

const PATHS = new WeakMap<ClusterFacts, Map<string, Paths>>()

function pathsOf(facts: ClusterFacts, endpointId: string): Paths {
  const all = PATHS.get(facts) ?? new Map<string, Paths>()
  PATHS.set(facts, all)
  const known = all.get(endpointId)
  if (known) return known
  const paths = readPaths(edgesByClient(facts).get(endpointId) ?? [])
  all.set(endpointId, paths)
  return paths
}

function readPaths(edges: readonly EdgeFacts[]): Paths {
  const gateways = new Map<string, Set<string>>()
  const [seen, called] = [new Set<string>(), new Map<string, string>()]
  let mayHide = false
  for (const edge of edges) {
    const { server, spans } = edge
    if (hasFlow(edge)) {
      mayHide ||= isGateway(server) || isUnnamed(server) || isProxy(edge)
      seen.add(placeOf(server))
    }
    if (!spans || spans.calls === 0 || server.class === 'claimed') continue
    if (isGateway(server) || isUnknownInside(server))
      for (const provider of spans.claimedProviders)
        gateways.set(provider, (gateways.get(provider) ?? new Set()).add(server.label))
    const isAiCall = server.provider ? server.provider.role === 'inference' : spans.aiCalls > 0 && isInside(server)
    if (isAiCall) called.set(placeOf(server), server.provider?.name ?? server.label)
  }
  const unseen = new Set([...called].filter(([place]) => !seen.has(place)).map(([, name]) => name))
  return { gateways, unseen, mayHide }
}

const hasFlow = ({ slots }: EdgeFacts): boolean =>
  slots.some((slot) => slot.passed > 0 || slot.denied > 0 || slot.dropped > 0)

/**
 * Where a server is, as far as spans and flows can agree on it: a provider by whatever host, a workload by its namespace, since spans
 * name the Service and flows the workload behind it.
 */
function placeOf({ class: peerClass, provider, namespace, endpointId }: PeerFacts): string {
  if (provider) return `provider ${provider.id}`
  return peerClass === 'workload' && namespace !== '' ? `namespace ${namespace}` : `endpoint ${endpointId}`
}

const isGateway = ({ ai, provider }: PeerFacts): boolean => ai?.role === 'gateway' || provider?.category === 'gateway'

/** Within the cluster or network, as its class or its name tells. */
const isInside = ({ class: peerClass, provider, name }: PeerFacts): boolean =>
  peerClass === 'workload' || (peerClass === 'external' && !provider && isInternalHost(name))

/** A server inside to which spans of providers go, and that serves no models of its own as far as known: a gateway, most likely. */
const isUnknownInside = (server: PeerFacts): boolean => isInside(server) && server.ai?.role !== 'model-server'

/** Ports of forward proxies, at which HTTP(S)_PROXY sends what spans name by its true host. */
const PROXY_PORTS: ReadonlySet<number> = new Set([1080, 3128, 8080, 8443, 8888, 15001])
const isProxy = ({ server, serverPort }: EdgeFacts): boolean =>
  server.class === 'workload' && PROXY_PORTS.has(serverPort)

/** A name that only this cluster or network knows: a gateway of one's own. */
const isInternalHost = (host: string): boolean => !host.includes('.') || /\.(?:svc|local|internal|lan)$/.test(host)

const nameOf = (id: string): string => providerById(id)?.name ?? id

const RANK: Readonly<Record<Mismatch['kind'], number>> = { host: 0, bypass: 1, elsewhere: 2, attribute: 3 }
const FACTS: Readonly<Record<Mismatch['kind'], string>> = {
  host: 'The host that its spans name on this path is not the one that the flow log names.',
  bypass: 'Its spans name this provider on calls to a gateway only, none on this path.',
  elsewhere: 'No flow of the workload goes where its spans say, and no span tells of this path.',
  attribute: 'Its spans on this path name another provider and no host.',
}
