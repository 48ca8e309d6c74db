import type { DoorState } from '@/lib/model/egress'
import type { GraphEdge, GraphNode, ServiceGraph } from '@/lib/model/graph'
import type { EdgeState } from '@/lib/model/verdict'
import { formatCount } from '@/lib/view/format'
import { STATE_LOOK } from '@/lib/view/state-colors'

export type NodeLook =
  | 'agent'
  | 'model-server'
  | 'gateway'
  | 'vector-store'
  | 'app'
  | 'workload'
  | 'provider'
  | 'external'
  | 'internet'
  | 'host'
  | 'kube-apiserver'
  | 'ingress'
  | 'network-set'
  | 'database'
  | 'queue'
  | 'local'
  | 'caller'
  | 'claimed'

export interface BoxElement {
  readonly kind: 'box'
  readonly id: string
  readonly label: string
}
export interface NodeElement {
  readonly kind: 'node'
  readonly id: string
  /** Box that it stands in. */
  readonly parent?: string
  readonly look: NodeLook
  readonly label: string
  /** A door of an edge that arrives here is a violation. */
  readonly isAlarmed: boolean
}
export interface EdgeElement {
  readonly kind: 'edge'
  readonly id: string
  readonly source: string
  readonly target: string
  readonly state: EdgeState
  /** Shown on hover, selection, and where it needs a person. */
  readonly label: string
  readonly isProblem: boolean
  /** In three steps, never by a continuous scale. */
  readonly volume: 1 | 2 | 3
  /** 0 for the only edge between two nodes; others lie side by side. */
  readonly lane: number
}
/** The door by which an edge leaves, a small mark near its provider. */
export interface DoorElement {
  readonly kind: 'door'
  readonly id: string
  readonly edge: string
  readonly source: string
  readonly target: string
  readonly state: Extract<DoorState, 'violation' | 'sanctioned' | 'unverified'>
}
export type GraphElement = BoxElement | NodeElement | EdgeElement | DoorElement

const ROLE_LOOKS = ['agent', 'model-server', 'gateway', 'vector-store'] as const
const ROLE_WORD: Readonly<Record<string, string>> = {
  agent: 'agent',
  'model-server': 'model server',
  gateway: 'gateway',
  'vector-store': 'vector store',
  app: 'AI app',
}

/** The elements of a drawing: a box per namespace, its nodes, every edge, and the door of each judged edge. Pure, in stable order. */
export function elementsOf(graph: ServiceGraph): GraphElement[] {
  const alarmed = new Set(graph.edges.filter((edge) => edge.door?.state === 'violation').map((edge) => edge.server))
  const boxes = new Map<string, BoxElement>()
  const isManyClusters = new Set(graph.nodes.map((node) => node.cluster)).size > 1
  const nodes = graph.nodes.map((node): NodeElement => {
    const parent = boxIdOf(node)
    if (parent) boxes.set(parent, { kind: 'box', id: parent, label: boxLabel(node, isManyClusters) })
    return {
      kind: 'node',
      id: node.id,
      ...(parent && { parent }),
      look: lookOf(node),
      label: nodeLabel(node),
      isAlarmed: alarmed.has(node.id),
    }
  })
  const lanes = new Map<string, number>()
  const edges = graph.edges.map((edge) => edgeElement(edge, lanes))
  return [...boxes.values(), ...nodes, ...edges, ...graph.edges.flatMap(doorElement)]
}

const boxIdOf = (node: GraphNode): string | undefined =>
  node.namespace && !node.group ? `ns:${node.cluster}/${node.namespace}` : undefined

const boxLabel = (node: GraphNode, isManyClusters: boolean): string =>
  isManyClusters ? `${node.cluster} / ${node.namespace}` : node.namespace

/** Their names are not words for people, though they stand in a namespace. */
const NAMED_BY_LABEL: ReadonlySet<GraphNode['class']> = new Set(['database', 'local'])

function nodeLabel(node: GraphNode): string {
  if (node.provider) return `${node.provider.name}\n${inLines(node.name)}`
  if (node.group) return inLines(node.label)
  if (node.pod !== undefined) return inLines(node.pod)
  const role = node.aiRole ? `\n${ROLE_WORD[node.aiRole] ?? node.aiRole}` : ''
  return `${inLines(node.namespace && !NAMED_BY_LABEL.has(node.class) ? node.name : node.label)}${role}`
}

/** Longer than this a label would lie over its neighbours. */
const LINE_CHARS = 26

/** A long name on several lines, broken at spaces and, where a word is still too long, after dots: nothing of it is lost. */
function inLines(name: string): string {
  const pieces = name
    .split(/(?<= )(?![^(]*\))/)
    .flatMap((word) => (word.length > LINE_CHARS ? word.split(/(?<=\.)/) : [word]))
  const lines: string[] = []
  for (const piece of pieces) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + piece.trimEnd().length <= LINE_CHARS) lines[lines.length - 1] = line + piece
    else lines.push(piece)
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

function lookOf(node: GraphNode): NodeLook {
  if (node.provider) return 'provider'
  if (node.class === 'provider') return 'external'
  if (node.class !== 'workload') return node.class
  if (!node.aiRole) return 'workload'
  return ROLE_LOOKS.find((look) => look === node.aiRole) ?? 'app'
}

function edgeElement(edge: GraphEdge, lanes: Map<string, number>): EdgeElement {
  const pair = [edge.client, edge.server].sort().join(' ')
  const lane = lanes.get(pair) ?? 0
  lanes.set(pair, lane + 1)
  return {
    kind: 'edge',
    id: `e${edge.id}`,
    source: edge.client,
    target: edge.server,
    state: edge.state,
    label: edgeLabel(edge),
    isProblem: edge.denied > 0 || edge.state === 'would_be_denied',
    volume: volumeStep(edge),
    lane,
  }
}

function edgeLabel(edge: GraphEdge): string {
  const port = edge.serverPort ? `${edge.serverPort}/${edge.protocol}` : edge.protocol
  const { glyph } = STATE_LOOK[edge.state]
  const counts = edge.state === 'mixed' ? ` ${formatCount(edge.passed)} / ${formatCount(edge.denied)}` : ''
  return [glyph + counts, port].filter(Boolean).join(' ')
}

function volumeStep({ counters }: GraphEdge): 1 | 2 | 3 {
  const volume = Math.max(counters.connections, counters.requests, counters.events, counters.spans)
  return volume >= 1000 ? 3 : volume >= 50 ? 2 : 1
}

function doorElement(edge: GraphEdge): DoorElement[] {
  const state = edge.door?.state
  if (state !== 'violation' && state !== 'sanctioned' && state !== 'unverified') return []
  return [{ kind: 'door', id: `d${edge.id}`, edge: `e${edge.id}`, source: edge.client, target: edge.server, state }]
}
