import { endpointLabel, systemLabel } from '@/lib/model/endpoint'
import type { EdgeCounters, GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { EdgeRow, EdgeSpanFacts, EndpointRow, GraphFacts, GraphInput, VariantRow } from '@/lib/model/graph-input'
import { shownText } from '@/lib/model/shown-text'
import { combineVerdicts } from './combine-verdicts'
import { headlineOf } from './headline'
import { comparableClusters, findMismatches } from './mismatches'

const NO_COUNTERS: EdgeCounters = {
  connections: 0,
  events: 0,
  requests: 0,
  requestErrors: 0,
  spans: 0,
  bytesSent: 0,
  bytesReceived: 0,
}

/**
 * The whole graph of a window: nodes with provider and AI role, edges with state, counters, door and AI facts. Pure; order
 * of nodes and edges follows their ids, so that equal input gives equal output.
 */
export function buildGraph(input: GraphInput, facts: GraphFacts): ServiceGraph {
  const databases = databasesBehind(input)
  const nodes = new Map(input.endpoints.map((row) => [row.id, nodeOf(row, facts, databases.get(row.id))]))
  const variantsByEdge = groupBy(input.variants, (variant) => variant.edgeId)
  const spansByEdge = new Map(input.spanFacts.map((row) => [row.edgeId, row]))
  const edges: GraphEdge[] = []
  for (const row of input.edges) {
    const edge = edgeOf(row, variantsByEdge.get(row.id) ?? [], spansByEdge.get(row.id), nodes, facts, input)
    if (edge) edges.push(edge)
  }
  edges.sort((a, b) => compareIds(a.id, b.id))
  const used = new Set(edges.flatMap((edge) => [edge.client, edge.server]))
  const kept = [...nodes.values()].filter((node) => used.has(node.id)).sort((a, b) => compareIds(a.id, b.id))
  const { window, coverage } = input
  const mismatches = findMismatches(
    { nodes: kept, edges, window },
    comparableClusters({ edges, coverage, window }),
  ).length
  return {
    window: input.window,
    dataset: input.dataset,
    nodes: kept,
    edges,
    hidden: { edges: 0, nodes: 0 },
    coverage: input.coverage,
    headline: { ...headlineOf(kept, edges), ...(mismatches > 0 && { mismatches }) },
    newestMs: input.newestMs,
    ...(facts.news && facts.news.unknownIn.length > 0 && { newUnknownIn: facts.news.unknownIn }),
    revision: input.revision,
  }
}

function nodeOf(row: EndpointRow, facts: GraphFacts, database: string | undefined): GraphNode {
  const provider = facts.providers.get(row.id)
  const role = facts.roles.get(row.id)
  const dnsName = facts.names.get(row.id)
  return {
    id: row.id,
    class: provider ? 'provider' : row.class,
    cluster: row.cluster,
    namespace: row.namespace,
    name: row.name,
    label: shownText(
      provider ? providerLabel(provider.name, row, dnsName?.name) : labelOf(row, database, dnsName?.name),
    ),
    ...(dnsName && { dnsName }),
    ...(role && { aiRole: role.role, aiRoleBy: role.by }),
    ...(provider && { provider }),
    ...(facts.news?.endpoints.has(row.id) && { isNew: true }),
  }
}

/** What the calls of the window say stands at a host: one database by name, several by what they have in common, if anything. */
function databasesBehind(input: GraphInput): ReadonlyMap<string, string> {
  const serverOf = new Map(input.edges.map((edge) => [edge.id, edge.serverId]))
  const names = new Map<string, Set<string>>()
  for (const { edgeId, databases } of input.spanFacts) {
    const server = serverOf.get(edgeId)
    if (server === undefined || databases.length === 0) continue
    const known = names.get(server) ?? new Set()
    names.set(server, known)
    for (const database of databases) known.add(database)
  }
  return new Map(
    [...names].flatMap(([server, all]) => {
      const systems = new Set([...all].map((name) => name.split('/', 1)[0] ?? name))
      const [only] = all.size === 1 ? all : systems.size === 1 ? systems : []
      return only === undefined ? [] : [[server, systemLabel(only)] as const]
    }),
  )
}

/** A database that calls name stands before its host; a name by the DNS map stands beside the address, which is what was seen. */
function labelOf(row: EndpointRow, database: string | undefined, dnsName: string | undefined): string {
  const host = dnsName === undefined ? endpointLabel(row) : `${dnsName} (${endpointLabel(row)})`
  return database !== undefined && row.class === 'external' ? `${database} @ ${host}` : host
}

function providerLabel(provider: string, row: EndpointRow, dnsName: string | undefined): string {
  if (row.class === 'network-set') return `${provider} · network set ${row.name}`
  if (row.class !== 'external') return provider
  return `${provider} · ${dnsName === undefined ? row.name : `${dnsName} (${row.name})`}`
}

function edgeOf(
  row: EdgeRow,
  variants: readonly VariantRow[],
  spans: EdgeSpanFacts | undefined,
  nodes: ReadonlyMap<string, GraphNode>,
  facts: GraphFacts,
  input: GraphInput,
): GraphEdge | undefined {
  const client = nodes.get(row.clientId)
  const server = nodes.get(row.serverId)
  if (!client || !server || (variants.length === 0 && !spans)) return undefined
  const door = facts.doors.get(row.id)
  return {
    id: row.id,
    client: row.clientId,
    server: row.serverId,
    cluster: row.cluster,
    protocol: row.protocol,
    serverPort: row.serverPort,
    ...combineVerdicts(variants),
    counters: countersOf(variants, spans),
    variants: variants.map(({ edgeId: _edge, repeats, ...variant }) => (repeats ? { ...variant, repeats } : variant)),
    isAi:
      [client, server].some((node) => node.aiRole !== undefined || node.class === 'provider') ||
      spans?.ai !== undefined,
    ...(door && { door }),
    ...(spans?.ai && { ai: spans.ai }),
    openFindings: input.openFindings[row.id] ?? 0,
    ...(facts.news?.edges.has(row.id) && { isNew: true }),
    firstMs: Math.min(...variants.map((variant) => variant.firstMs), spans?.firstMs ?? Number.POSITIVE_INFINITY),
    lastMs: Math.max(...variants.map((variant) => variant.lastMs), spans?.lastMs ?? 0),
  }
}

/** Both ends report one connection: sums within an observer, then the larger of the observers, counter by counter. */
export function countersOf(variants: readonly VariantRow[], spans?: EdgeSpanFacts): EdgeCounters {
  const bySide = groupBy(
    variants.filter((variant) => !variant.repeats),
    (variant) => `${variant.source}/${variant.observer}`,
  )
  const sums = [...bySide.values()].map((side) =>
    side.map((variant) => variant.counters).reduce(addCounters, NO_COUNTERS),
  )
  const largest = sums.reduce((a, b) => mergeCounters(a, b, Math.max), NO_COUNTERS)
  return { ...largest, spans: spans?.spans ?? 0, spanErrors: spans?.failed ?? 0 }
}

const addCounters = (a: EdgeCounters, b: EdgeCounters): EdgeCounters => mergeCounters(a, b, (x, y) => x + y)

function mergeCounters(a: EdgeCounters, b: EdgeCounters, merge: (x: number, y: number) => number): EdgeCounters {
  return {
    connections: merge(a.connections, b.connections),
    events: merge(a.events, b.events),
    requests: merge(a.requests, b.requests),
    requestErrors: merge(a.requestErrors, b.requestErrors),
    spans: merge(a.spans, b.spans),
    bytesSent: merge(a.bytesSent, b.bytesSent),
    bytesReceived: merge(a.bytesReceived, b.bytesReceived),
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
