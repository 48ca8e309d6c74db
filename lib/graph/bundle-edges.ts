import type { AiFacts, EdgeCounters, GraphEdge } from '@/lib/model/graph'
import { mergeDoors } from '@/lib/model/merge-doors'
import { EDGE_STATES, type EdgeState } from '@/lib/model/verdict'
import { worstState } from './urgency'
import { volumeOf } from './volume'

const MAX_PORTS = 8
const MAX_MODELS = 8

/** The ends and the id of what is drawn for several edges. */
export interface BundleEnds {
  readonly id: string
  readonly client: string
  readonly server: string
}

/**
 * One edge for several: counters, verdict counts and findings are sums, the state is what the members say together by the rules of
 * one edge (`combineVerdicts`), the door by its law (`mergeDoors`). Independent of the members' order. At least one member.
 */
export function bundleEdges({ id, client, server }: BundleEnds, unsorted: readonly GraphEdge[]): GraphEdge {
  const members = [...unsorted].sort((a, b) => volumeOf(b) - volumeOf(a) || (a.id < b.id ? -1 : 1))
  const protocols = new Set(members.map((edge) => edge.protocol))
  const ports = new Set(members.map((edge) => edge.serverPort))
  const door = mergeDoors(members.flatMap((edge) => edge.door ?? []))
  const ai = mergeAi(members.flatMap((edge) => edge.ai ?? []))
  return {
    id,
    client,
    server,
    cluster: members.map((edge) => edge.cluster).sort()[0] ?? '',
    protocol: protocols.size === 1 ? (members[0]?.protocol ?? '') : '',
    serverPort: ports.size === 1 ? (members[0]?.serverPort ?? 0) : 0,
    state: combineStates(members),
    passed: sum(members, (edge) => edge.passed),
    denied: sum(members, (edge) => edge.denied),
    wouldBeDenied: sum(members, (edge) => edge.wouldBeDenied),
    dropped: sum(members, (edge) => edge.dropped),
    counters: sumCounters(members),
    variants: [],
    isAi: members.some((edge) => edge.isAi),
    ...(door && { door }),
    ...(ai && { ai }),
    openFindings: sum(members, (edge) => edge.openFindings),
    bundle: {
      edges: members.length,
      states: countStates(members),
      worst: worstState(members.map((edge) => edge.state)),
      ports: portsOf(members),
    },
    ...(members.some((edge) => edge.isNew) && { isNew: true }),
    firstMs: members.reduce((first, edge) => Math.min(first, edge.firstMs), Number.POSITIVE_INFINITY),
    lastMs: members.reduce((last, edge) => Math.max(last, edge.lastMs), 0),
  }
}

/** How many edges are in each state; states that none is in are left out. What the legend says, and a bundle. */
export function countStates(edges: readonly GraphEdge[]): Partial<Record<EdgeState, number>> {
  const counts: Partial<Record<EdgeState, number>> = {}
  for (const { state } of edges) counts[state] = (counts[state] ?? 0) + 1
  return Object.fromEntries(EDGE_STATES.flatMap((state) => (counts[state] ? [[state, counts[state]]] : [])))
}

/** As of one edge: some denied and some passed is mixed; denied by a rule before denied by default. */
function combineStates(members: readonly GraphEdge[]): EdgeState {
  const states = new Set(members.map((edge) => edge.state))
  const isByRule = states.has('denied_by_rule')
  if (isByRule || states.has('denied_no_rule') || states.has('mixed')) {
    if (states.has('mixed') || members.some(hasOnlyPassed)) return 'mixed'
    return isByRule ? 'denied_by_rule' : 'denied_no_rule'
  }
  const order: readonly EdgeState[] = ['would_be_denied', 'allowed_by_policy', 'allowed_no_policy']
  return order.find((state) => states.has(state)) ?? 'no_verdict'
}

/** An edge that was not denied, and of which a record says that it passed. */
function hasOnlyPassed(edge: GraphEdge): boolean {
  if (edge.state === 'denied_by_rule' || edge.state === 'denied_no_rule') return false
  return (
    edge.state !== 'no_verdict' ||
    edge.passed > 0 ||
    edge.variants.some(({ outcome }) => outcome === 'allowed' || outcome === 'observed')
  )
}

function sumCounters(members: readonly GraphEdge[]): EdgeCounters {
  const of = (pick: (counters: EdgeCounters) => number | undefined) => sum(members, ({ counters }) => pick(counters))
  return {
    connections: of((counters) => counters.connections),
    events: of((counters) => counters.events),
    requests: of((counters) => counters.requests),
    requestErrors: of((counters) => counters.requestErrors),
    spans: of((counters) => counters.spans),
    spanErrors: of((counters) => counters.spanErrors),
    bytesSent: of((counters) => counters.bytesSent),
    bytesReceived: of((counters) => counters.bytesReceived),
  }
}

function portsOf(members: readonly GraphEdge[]): string[] {
  const used = new Map<string, number>()
  for (const edge of members) {
    const port = edge.serverPort ? `${edge.serverPort}/${edge.protocol}` : edge.protocol
    used.set(port, (used.get(port) ?? 0) + volumeOf(edge))
  }
  return [...used]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MAX_PORTS)
    .map(([port]) => port)
}

function mergeAi(facts: readonly AiFacts[]): AiFacts | undefined {
  if (facts.length === 0) return undefined
  const byCalls = [...facts].sort((a, b) => b.calls - a.calls)
  const names = new Set(facts.flatMap(({ providerName }) => providerName ?? []))
  const [name] = names.size === 1 ? names : []
  return {
    ...(name !== undefined && { providerName: name }),
    calls: sum(facts, (one) => one.calls),
    errors: sum(facts, (one) => one.errors),
    inputTokens: sum(facts, (one) => one.inputTokens),
    outputTokens: sum(facts, (one) => one.outputTokens),
    models: [...new Set(byCalls.flatMap(({ models }) => models))].slice(0, MAX_MODELS),
    addressRefused: sum(facts, (one) => one.addressRefused),
  }
}

const sum = <T>(items: readonly T[], pick: (item: T) => number | undefined): number =>
  items.reduce((total, item) => total + (pick(item) ?? 0), 0)
