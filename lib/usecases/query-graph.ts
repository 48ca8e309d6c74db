import 'server-only'
import { roleFromLabels } from '@/lib/egress/ai-workload'
import { isCertainProvider, type PeerNames } from '@/lib/egress/match-provider'
import { summariseDoor } from '@/lib/egress/summarise-door'
import { buildGraph } from '@/lib/graph/build-graph'
import type { DrawnAs } from '@/lib/graph/choose-level'
import { podPlaceOf } from '@/lib/graph/place'
import { viewGraph } from '@/lib/graph/view-graph'
import type { GraphNode, GraphQuery, Place, ServiceGraph } from '@/lib/model/graph'
import type { EndpointRow, GraphFacts, GraphInput } from '@/lib/model/graph-input'
import type { TimeRange } from '@/lib/model/time-range'
import { timed } from '@/lib/observability/metrics'
import { withSpan } from '@/lib/observability/tracer'
import { loadDnsNames, type MappedNames } from '@/lib/store/load-dns-names'
import { loadDoors } from '@/lib/store/load-doors'
import { loadEdgesOf } from '@/lib/store/load-edges-of'
import { loadGraph } from '@/lib/store/load-graph'
import { addPods } from './add-pods'
import { newInWindow } from './new-in-window'
import { providerCatalogue } from './provider-catalogue'

/** The graph that a view asks for, at a moment; `previous` is how it was drawn last, where that is known. Errors: `unavailable`. */
export async function queryGraph(query: GraphQuery, nowMs: number, previous?: DrawnAs): Promise<ServiceGraph> {
  return viewGraph(await queryWholeGraph({ ...query, pods: podPlaceOf(query) }, nowMs), query, previous)
}

/** Everything in the window of a view, at a moment, before its filters; with the pods of a place where one is named. Errors: `unavailable`. */
export const queryWholeGraph = (
  query: Pick<GraphQuery, 'dataset' | 'fromMs' | 'toMs' | 'windowMs'> & { readonly pods?: Place },
  nowMs: number,
): Promise<ServiceGraph> =>
  withSpan('graph.query', {}, () =>
    timed('postern_graph_query_duration_seconds', {}, async () => {
      const toMs = query.toMs ?? nowMs
      const fromMs = query.fromMs ?? toMs - query.windowMs
      const input = await loadGraph(query.dataset, { fromMs, toMs })
      const graph = buildGraph(input, await graphFacts(input))
      return query.pods ? addPods(graph, query.pods) : graph
    }),
  )

/** What one or several endpoints are part of in a window: every edge that begins or ends at them, whatever a view hides. */
export async function queryNeighbourhood(
  dataset: string,
  window: TimeRange,
  endpointIds: readonly string[],
): Promise<ServiceGraph> {
  return queryEdges(dataset, window, await loadEdgesOf(dataset, endpointIds))
}

/** These edges in a window, with the nodes at their ends; those without traffic in it are missing. */
export async function queryEdges(
  dataset: string,
  window: TimeRange,
  edgeIds: readonly string[],
): Promise<ServiceGraph> {
  const input = await loadGraph(dataset, window, edgeIds)
  return buildGraph(input, await graphFacts(input, edgeIds))
}

/**
 * What is concluded of a window's endpoints and edges beside their sums: providers, names, roles, doors, and, of a window as a whole, what
 * is new in it.
 */
export async function graphFacts(input: GraphInput, edgeIds?: readonly string[]): Promise<GraphFacts> {
  const addresses = input.endpoints.filter((row) => row.class === 'external' && isAddress(row.name))
  const names = await loadDnsNames(input.dataset, input.window, addresses)
  const providers = new Map<string, NonNullable<GraphNode['provider']>>()
  for (const row of input.endpoints) {
    const provider = providerOf(row, names.get(row.id))
    if (provider) providers.set(row.id, provider)
  }
  const [judged, news] = await Promise.all([
    loadDoors(input.dataset, input.window, edgeIds),
    edgeIds ? undefined : newInWindow(input),
  ])
  const doors = new Map([...judged].map(([edgeId, judgements]) => [edgeId, summariseDoor(judgements)]))
  return { providers, names: soleNames(names), roles: rolesOf(input, providers), doors, ...(news && { news }) }
}

/** Where the map has several names for an address, it has none. */
function soleNames(mapped: ReadonlyMap<string, MappedNames>): GraphFacts['names'] {
  const sole = new Map<string, NonNullable<GraphNode['dnsName']>>()
  for (const [id, { names, origin }] of mapped)
    if (names.length === 1 && names[0] !== undefined) sole.set(id, { name: names[0], origin })
  return sole
}

export const isAddress = (name: string): boolean => /^[\d.]+$|:/.test(name)

/**
 * A name in the flow first, then our DNS map, answers before questions, or what the operator declared of a network set; a match that
 * names disagree about, or an address alone, is no provider.
 */
export function providerOf(row: EndpointRow, mapped: MappedNames | undefined): GraphNode['provider'] {
  const match = providerCatalogue().matcher.matchPeer(peerNamesOf(row, mapped))
  if (!match || match.ambiguous) return undefined
  return {
    id: match.providerId,
    name: match.providerName,
    category: match.category,
    matchedBy: match.matchedBy,
    certain: isCertainProvider(match),
  }
}

function peerNamesOf(row: EndpointRow, mapped: MappedNames | undefined): PeerNames {
  if (row.class === 'network-set') return { networkSet: { name: row.name, labels: row.labels } }
  if (row.class !== 'external') return {}
  if (!isAddress(row.name)) return { dnsNames: [row.name] }
  return { ip: row.name, [mapped?.origin === 'question' ? 'askedNames' : 'dnsMapNames']: mapped?.names ?? [] }
}

function rolesOf(input: GraphInput, providers: ReadonlyMap<string, unknown>): GraphFacts['roles'] {
  const roles = new Map<string, { role: string; by: string }>()
  const workloads = new Set<string>()
  for (const row of input.endpoints) {
    if (row.class !== 'workload') continue
    workloads.add(row.id)
    const role = roleFromLabels(row.labels)
    if (role) roles.set(row.id, role)
  }
  for (const edge of input.edges)
    if (providers.has(edge.serverId) && workloads.has(edge.clientId) && !roles.has(edge.clientId))
      roles.set(edge.clientId, { role: 'app', by: 'calls a provider' })
  return roles
}
