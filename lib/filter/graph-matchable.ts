import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { isOutsidePeer, isUnnamedPeer } from '@/lib/model/outside-peer'
import { type PolicyHit, policyName } from '@/lib/model/policy'
import { EDGE_STATE_WORD, EDGE_STATES, type EdgeState } from '@/lib/model/verdict'
import type { EndField, EndFlag, LinkFlag, LinkNumber, LinkText } from './fields'
import type { Matchable, MatchableEnd } from './matchable'

/** A node of the graph, as expressions ask about it. */
export const endOfNode = (node: GraphNode): MatchableEnd => ({
  texts: (field) => NODE_TEXTS[field](node),
  is: (flag) => NODE_FLAGS[flag](node),
})

const NOBODY: MatchableEnd = { texts: () => [], is: () => false }

/** An edge of the graph between its two nodes; an end that is not among the nodes has no values. */
export const linkOfEdge = (edge: GraphEdge, ends: ReadonlyMap<string, MatchableEnd>): Matchable => ({
  source: ends.get(edge.client) ?? NOBODY,
  destination: ends.get(edge.server) ?? NOBODY,
  texts: (field) => EDGE_TEXTS[field](edge),
  numbers: (field) => EDGE_NUMBERS[field](edge),
  is: (flag) => EDGE_FLAGS[flag](edge),
})

const some = (...values: readonly (string | undefined)[]): readonly string[] =>
  values.filter((value) => value !== undefined && value !== '').map((value) => value ?? '')

const NODE_TEXTS: Readonly<Record<EndField, (node: GraphNode) => readonly string[]>> = {
  cluster: (node) => some(node.cluster),
  namespace: (node) => some(node.namespace),
  workload: (node) => some(node.name, node.namespace && node.name && `${node.namespace}/${node.name}`),
  pod: (node) => some(node.pod),
  host: (node) =>
    node.class === 'external' || node.class === 'provider'
      ? some(node.name, node.dnsName?.name)
      : some(node.dnsName?.name),
  provider: (node) => some(node.provider?.id, node.provider?.name),
  role: (node) => some(node.aiRole),
  class: (node) => [node.class],
  label: (node) => some(node.label),
  group: (node) => some(node.group?.kind),
  text: (node) => some(node.label, node.name, node.pod, node.dnsName?.name, node.provider?.name),
}

const NODE_FLAGS: Readonly<Record<EndFlag, (node: GraphNode) => boolean>> = {
  external: isOutsidePeer,
  unnamed: isUnnamedPeer,
  newcomer: (node) => node.isNew ?? false,
}

const hits = (edge: GraphEdge, observer?: 'client' | 'server'): readonly PolicyHit[] =>
  edge.variants
    .filter((variant) => observer === undefined || variant.observer === observer)
    .flatMap((variant) => [...(variant.enforced ?? []), ...(variant.pendingTrace ?? [])])
const policies = (edge: GraphEdge, observer?: 'client' | 'server'): readonly string[] =>
  hits(edge, observer).flatMap((hit) => {
    // Where no rule of a tier matched, the policy that brought the tier into play is the one to look for.
    const named = hit.trigger ?? hit
    return some(named.name, policyName(named))
  })
const statesOf = (edge: GraphEdge): readonly EdgeState[] =>
  edge.bundle ? EDGE_STATES.filter((state) => (edge.bundle?.states[state] ?? 0) > 0) : [edge.state]
const verdictTexts = (state: EdgeState): readonly string[] => [
  state,
  EDGE_STATE_WORD[state],
  ...(state.startsWith('allowed') ? ['allowed'] : state.startsWith('denied') ? ['denied'] : []),
]

const EDGE_TEXTS: Readonly<Record<LinkText, (edge: GraphEdge) => readonly string[]>> = {
  protocol: (edge) =>
    some(edge.protocol, ...(edge.bundle?.ports.map((port) => port.slice(port.indexOf('/') + 1)) ?? [])),
  verdict: (edge) => statesOf(edge).flatMap(verdictTexts),
  door: (edge) => some(edge.door?.state),
  policy: (edge) => policies(edge),
  policyin: (edge) => policies(edge, 'server'),
  policyout: (edge) => policies(edge, 'client'),
  tier: (edge) => hits(edge).flatMap((hit) => some(hit.tier)),
  rule: (edge) => some(edge.door?.rule),
  leftby: (edge) => edge.door?.observedIps ?? [],
  drop: (edge) => edge.variants.flatMap((variant) => some(variant.dropReason)),
  model: (edge) => edge.ai?.models ?? [],
  source: (edge) => [
    ...edge.variants.map((variant) => variant.source),
    ...(edge.counters.spans > 0 ? (['otlp'] as const) : []),
  ],
  change: (edge) => some(edge.change),
}

const EDGE_NUMBERS: Readonly<Record<LinkNumber, (edge: GraphEdge) => readonly number[]>> = {
  port: (edge) => [edge.serverPort, ...(edge.bundle?.ports.map((port) => Number.parseInt(port, 10)) ?? [])],
  connections: (edge) => [edge.counters.connections],
  requests: (edge) => [edge.counters.requests],
  errors: (edge) => [edge.counters.requestErrors + (edge.counters.spanErrors ?? 0)],
  bytes: (edge) => [edge.counters.bytesSent + edge.counters.bytesReceived],
  sent: (edge) => [edge.counters.bytesSent],
  received: (edge) => [edge.counters.bytesReceived],
  spans: (edge) => [edge.counters.spans],
  calls: (edge) => [edge.ai?.calls ?? 0],
  tokens: (edge) => [(edge.ai?.inputTokens ?? 0) + (edge.ai?.outputTokens ?? 0)],
  denied: (edge) => [edge.denied],
  dropped: (edge) => [edge.dropped],
  findings: (edge) => [edge.openFindings],
  violations: (edge) => [edge.door?.counts.violation ?? 0],
}

const EDGE_FLAGS: Readonly<Record<LinkFlag, (edge: GraphEdge) => boolean>> = {
  ai: (edge) => edge.isAi,
  denied: (edge) => edge.denied > 0 || statesOf(edge).some((state) => state.startsWith('denied')),
  staged: (edge) => edge.wouldBeDenied > 0 || statesOf(edge).includes('would_be_denied'),
  dropped: (edge) => edge.dropped > 0,
  violation: (edge) => edge.door?.state === 'violation',
  sanctioned: (edge) => edge.door?.state === 'sanctioned',
  unverified: (edge) => edge.door?.state === 'unverified',
  flow: (edge) => edge.variants.some((variant) => variant.source === 'hubble' || variant.source === 'calico'),
  traced: (edge) => edge.counters.spans > 0,
  new: (edge) => edge.isNew ?? false,
}
