import type { GraphEdge, GraphLevel, GraphNode, NodeGroup, Place } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { bundleEdges } from './bundle-edges'
import { idsOf, keyOf } from './hash-id'
import { needsPerson } from './needs-person'
import { homeOf, isInside, isOutside } from './place'

/** How a graph of workloads (or, in a place, of pods) is put together. */
export interface GroupRule {
  readonly level: Exclude<GraphLevel, 'pod'>
  /** Within the place nodes are as fine as `inner`; undefined = there is no place. */
  readonly inside?: { readonly place: Place; readonly level: GraphLevel }
  /** Ids of groups that are drawn as what is in them. */
  readonly expanded: ReadonlySet<string>
  /** Peers outside the cluster without a provider's name are one group per cluster. */
  readonly isOutsideGrouped: boolean
}

/** An edge of the drawing, and the edges of the graph that it stands for. */
export interface DrawnEdge {
  readonly edge: GraphEdge
  readonly members: readonly GraphEdge[]
}

export interface Grouped {
  /** In the order of their ids. */
  readonly drawn: readonly DrawnEdge[]
  /** Edges wholly within a group that need nobody. One that does is drawn, from the group to itself. */
  readonly inner: readonly GraphEdge[]
  /** The group that a node is in, or the node itself. */
  endOf(nodeId: string): string
  /** The nodes that these edges stand between, with their groups' counts, in the order of their ids. */
  nodesOf(drawn: readonly DrawnEdge[], inner: readonly GraphEdge[]): GraphNode[]
}

interface Group {
  readonly kind: NodeGroup['kind']
  readonly cluster: string
  readonly namespace: string
}

/**
 * A graph drawn at a level: groups of nodes with stable ids, and bundles of edges with sums. Providers stay what they are at every
 * level. Every edge is in exactly one of `drawn` (as a member) and `inner`. Pure, of linear cost, independent of the input's order.
 */
export function groupGraph(nodes: readonly GraphNode[], edges: readonly GraphEdge[], rule: GroupRule): Grouped {
  const { groups, groupOf } = assignGroups(nodes, rule)
  const endOf = (id: string) => groupOf.get(id) ?? id
  const inner: GraphEdge[] = []
  const single: DrawnEdge[] = []
  const pairs = new Map<string, GraphEdge[]>()
  for (const edge of edges) {
    const client = endOf(edge.client)
    const server = endOf(edge.server)
    if (client === edge.client && server === edge.server) single.push({ edge, members: [edge] })
    else if (client === server && !needsPerson(edge)) inner.push(edge)
    else {
      const key = keyOf('edge', client, server)
      const members = pairs.get(key)
      if (members) members.push(edge)
      else pairs.set(key, [edge])
    }
  }
  const ids = idsOf('g', pairs.keys())
  const bundles = [...pairs].flatMap(([key, members]): DrawnEdge[] => {
    const [first] = members
    if (!first) return []
    const ends = { id: ids.get(key) ?? key, client: endOf(first.client), server: endOf(first.server) }
    return [{ edge: bundleEdges(ends, members), members }]
  })
  return {
    drawn: [...single, ...bundles].sort((a, b) => compare(a.edge.id, b.edge.id)),
    inner,
    endOf,
    nodesOf: (drawn, kept) => drawNodes(nodes, { groups, groupOf }, drawn, kept),
  }
}

export interface DrawnSize {
  readonly nodes: number
  readonly edges: number
  /** Of the nodes, those that stand for a cluster or a namespace. */
  readonly groups: number
}

/** How many nodes and edges a graph has at a level, without drawing it. */
export function sizeAt(nodes: readonly GraphNode[], edges: readonly GraphEdge[], rule: GroupRule): DrawnSize {
  const { groups, groupOf } = assignGroups(nodes, rule)
  const ends = new Set<string>()
  const drawn = new Set<string>()
  for (const edge of edges) {
    const client = groupOf.get(edge.client) ?? edge.client
    const server = groupOf.get(edge.server) ?? edge.server
    ends.add(client).add(server)
    if (client === edge.client && server === edge.server) drawn.add(edge.id)
    else if (client !== server || needsPerson(edge)) drawn.add(`${client} ${server}`)
  }
  let places = 0
  for (const [id, { kind }] of groups) if (kind !== 'outside' && ends.has(id)) places += 1
  return { nodes: ends.size, edges: drawn.size, groups: places }
}

interface Assignment {
  readonly groups: ReadonlyMap<string, Group>
  /** Group by node id, of nodes that are in one. */
  readonly groupOf: ReadonlyMap<string, string>
}

function assignGroups(nodes: readonly GraphNode[], rule: GroupRule): Assignment {
  const groups = new Map<string, Group>()
  const groupOf = new Map<string, string>()
  for (const [node, chain] of chainsOf(nodes)) {
    for (const { id, group } of chain) {
      if (rule.expanded.has(id) || !isWanted(group, node, rule)) continue
      groups.set(id, group)
      groupOf.set(node.id, id)
      break
    }
  }
  return { groups, groupOf }
}

type Chains = ReadonlyMap<GraphNode, readonly { readonly id: string; readonly group: Group }[]>

/** Of graphs that views are cut from: each cut looks several times, and the answer depends on the nodes alone. */
const knownChains = new WeakMap<readonly GraphNode[], Chains>()

function chainsOf(nodes: readonly GraphNode[]): Chains {
  const known = knownChains.get(nodes)
  if (known) return known
  const around = nodes.map((node) => ({
    node,
    groups: groupsAround(node).map((group) => ({ key: groupKey(group), group })),
  }))
  const ids = idsOf(
    'g',
    around.flatMap(({ groups }) => groups.map(({ key }) => key)),
  )
  const chains: Chains = new Map(
    around.map(({ node, groups }) => [node, groups.map(({ key, group }) => ({ id: ids.get(key) ?? key, group }))]),
  )
  knownChains.set(nodes, chains)
  return chains
}

/** The groups that a node can be in, the widest first. */
function groupsAround(node: GraphNode): Group[] {
  const { cluster } = node
  if (isOutside(node)) return [{ kind: 'outside', cluster, namespace: '' }]
  const home = homeOf(node)
  if (!home) return []
  const whole: Group = { kind: 'cluster', cluster, namespace: '' }
  return home.namespace === undefined ? [whole] : [whole, { kind: 'namespace', cluster, namespace: home.namespace }]
}

const groupKey = ({ kind, cluster, namespace }: Group): string => keyOf(kind, cluster, namespace)

function isWanted(group: Group, node: GraphNode, { level, inside, isOutsideGrouped }: GroupRule): boolean {
  if (group.kind === 'outside') return isOutsideGrouped
  const at = inside && isInside(node, inside.place) ? inside.level : level
  return group.kind === 'cluster' ? at === 'cluster' : at === 'namespace' || at === 'cluster'
}

function drawNodes(
  nodes: readonly GraphNode[],
  { groups, groupOf }: Assignment,
  drawn: readonly DrawnEdge[],
  inner: readonly GraphEdge[],
): GraphNode[] {
  const used = new Set<string>()
  const innerOf = new Map<string, number>()
  for (const { members } of drawn) for (const edge of members) used.add(edge.client).add(edge.server)
  for (const edge of inner) {
    used.add(edge.client).add(edge.server)
    const group = groupOf.get(edge.client)
    if (group !== undefined) innerOf.set(group, (innerOf.get(group) ?? 0) + 1)
  }
  const single: GraphNode[] = []
  const members = new Map<string, { all: number; ai: number; isNew: boolean }>()
  for (const node of nodes) {
    if (!used.has(node.id)) continue
    const group = groupOf.get(node.id)
    if (group === undefined) {
      single.push(node)
      continue
    }
    const counts = members.get(group) ?? { all: 0, ai: 0, isNew: false }
    counts.all += 1
    if (node.isNew) counts.isNew = true
    if (node.aiRole !== undefined) counts.ai += 1
    members.set(group, counts)
  }
  const drawnGroups = [...members].flatMap(([id, { all, ai, isNew }]): GraphNode[] => {
    const group = groups.get(id)
    if (!group) return []
    const counts = { members: all, innerEdges: innerOf.get(id) ?? 0, aiWorkloads: ai }
    return [{ ...groupNode(id, group, counts), ...(isNew && { isNew }) }]
  })
  return [...single, ...drawnGroups].sort((a, b) => compare(a.id, b.id))
}

function groupNode(id: string, { kind, cluster, namespace }: Group, counts: Omit<NodeGroup, 'kind'>): GraphNode {
  const names = { cluster: cluster || 'cluster without a name', namespace, outside: 'outside the cluster' }
  return {
    id,
    class: kind === 'outside' ? 'external' : 'workload',
    cluster,
    namespace,
    name: kind === 'cluster' ? cluster : kind === 'namespace' ? namespace : '',
    label: shownText(names[kind]),
    group: { kind, ...counts },
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
