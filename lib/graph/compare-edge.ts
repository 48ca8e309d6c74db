import type { GraphEdge, GraphNode } from '@/lib/model/graph'
import { deciderOf, type PolicyRef } from '@/lib/model/policy'
import type { ComparedCounter, ComparedPeer, EdgeComparison, NodeComparison } from '@/lib/model/window-comparison'
import { bytesOf } from './volume'

const POLICIES_SHOWN = 20
const PEERS_SHOWN = 50

/** How an edge differs between two windows of equal length; undefined = it was not seen in that one. */
export function compareEdge(before: GraphEdge | undefined, now: GraphEdge | undefined): EdgeComparison {
  const policies = [decidersOf(before), decidersOf(now)] as const
  const models = [new Set(before?.ai?.models), new Set(now?.ai?.models)] as const
  return {
    presence: before ? (now ? 'both' : 'removed') : now ? 'added' : 'absent',
    ...(before && now && before.state !== now.state && { state: { before: before.state, now: now.state } }),
    ...(before && now && doorOf(before) !== doorOf(now) && { door: { before: doorOf(before), now: doorOf(now) } }),
    counters: compareSums(before ? [before] : [], now ? [now] : []),
    policiesAdded: without(policies[1], policies[0]).slice(0, POLICIES_SHOWN),
    policiesRemoved: without(policies[0], policies[1]).slice(0, POLICIES_SHOWN),
    modelsAdded: [...models[1]].filter((model) => !models[0].has(model)),
    modelsRemoved: [...models[0]].filter((model) => !models[1].has(model)),
  }
}

/** The edges of a node in one window, with the nodes at their other ends. */
export interface Neighbourhood {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** How a node differs between two windows of equal length: sums over its edges, peers that came or went, verdicts that became others. */
export function compareNode(nodeId: string, before: Neighbourhood, now: Neighbourhood): NodeComparison {
  const [old, current] = [ownEdges(nodeId, before), ownEdges(nodeId, now)]
  const labels = new Map([...before.nodes, ...now.nodes].map((node) => [node.id, node.label]))
  const peerOf = (edge: GraphEdge): ComparedPeer => {
    const end = edge.client === nodeId ? 'server' : 'client'
    return { edgeId: edge.id, label: labels.get(edge[end]) ?? 'a node that is not known', end, state: edge.state }
  }
  const verdicts = [...current.values()].flatMap((edge) => {
    const was = old.get(edge.id)
    return was && was.state !== edge.state ? [{ ...peerOf(edge), before: was.state }] : []
  })
  return {
    counters: compareSums([...old.values()], [...current.values()]),
    added: listed([...current.values()].filter(({ id }) => !old.has(id)).map(peerOf)),
    removed: listed([...old.values()].filter(({ id }) => !current.has(id)).map(peerOf)),
    verdicts: listed(verdicts),
  }
}

const ownEdges = (nodeId: string, { edges }: Neighbourhood): ReadonlyMap<string, GraphEdge> =>
  new Map(edges.filter((edge) => edge.client === nodeId || edge.server === nodeId).map((edge) => [edge.id, edge]))

const listed = <T>(peers: readonly T[]) => ({ peers: peers.slice(0, PEERS_SHOWN), total: peers.length })

const doorOf = (edge: GraphEdge) => edge.door?.state ?? 'none'

const COUNTERS: readonly (readonly [ComparedCounter, (edge: GraphEdge) => number])[] = [
  ['connections', ({ counters }) => counters.connections],
  ['denied', ({ denied }) => denied],
  ['wouldBeDenied', ({ wouldBeDenied }) => wouldBeDenied],
  ['dropped', ({ dropped }) => dropped],
  ['requests', ({ counters }) => counters.requests],
  ['requestErrors', ({ counters }) => counters.requestErrors],
  ['spans', ({ counters }) => counters.spans],
  ['spanErrors', ({ counters }) => counters.spanErrors ?? 0],
  ['tokens', ({ ai }) => (ai ? ai.inputTokens + ai.outputTokens : 0)],
  ['bytes', bytesOf],
]

function compareSums(before: readonly GraphEdge[], now: readonly GraphEdge[]): EdgeComparison['counters'] {
  return COUNTERS.map(([name, read]) => ({
    name,
    before: before.reduce((sum, edge) => sum + read(edge), 0),
    now: now.reduce((sum, edge) => sum + read(edge), 0),
  })).filter((counter) => counter.before > 0 || counter.now > 0)
}

/** Policies that decided, or brought a tier into play whose end decided, by what names them. */
function decidersOf(edge: GraphEdge | undefined): ReadonlyMap<string, PolicyRef> {
  const refs = new Map<string, PolicyRef>()
  for (const { enforced } of edge?.variants ?? []) {
    const ref = deciderOf(enforced)
    if (ref) refs.set(JSON.stringify(ref), ref)
  }
  return refs
}

const without = (policies: ReadonlyMap<string, PolicyRef>, others: ReadonlyMap<string, PolicyRef>): PolicyRef[] =>
  [...policies].filter(([key]) => !others.has(key)).map(([, ref]) => ref)
