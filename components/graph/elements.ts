import { keyOf } from '@/lib/graph/hash-id'
import type { DoorState } from '@/lib/model/egress'
import type { EdgeBundle, EdgeChange, GraphEdge, GraphNode, NodeGroup, ServiceGraph } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { EDGE_STATES, type EdgeState } from '@/lib/model/verdict'
import { roleWord } from '@/lib/view/class-words'
import { formatCount } from '@/lib/view/format'
import { STATE_LOOK } from '@/lib/view/state-colors'
import type { Point } from './edge-geometry'
import { GROUP_ROOM, NODE_ROOM } from './free-space'
import { NAME_PX, textRoom } from './label-sizes'

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
  | 'pod'
  | 'group-cluster'
  | 'group-namespace'
  | 'group-outside'

export interface BoxElement {
  readonly kind: 'box'
  readonly id: string
  readonly label: string
  /** Its name where there is no room for the label, which says its cluster too. */
  readonly short: string
  /** Of a drawn one: how wide its name may be, and the middle of the line below it, px of the drawing. */
  readonly titleWidth?: number
  readonly titleX?: number
  readonly titleY?: number
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
  /** It stands for several endpoints. */
  readonly isGroup: boolean
  /** Of a group: AI workloads or providers are in it. */
  readonly isAi: boolean
  /** A provider's category, for its picture; '' for everything else. */
  readonly category: string
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
  /** What is on its way each second, in steps: how dense its traffic is drawn. 0 = nothing is told to move. */
  readonly rate: 0 | 1 | 2 | 3
  /** It stands for several edges. */
  readonly isBundle: boolean
  /** How it differs from the window that this one is compared with; '' where it does not, or none is. */
  readonly change: EdgeChange | ''
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

export type EdgeChanges = ReadonlyMap<string, EdgeChange>
const NO_CHANGES: EdgeChanges = new Map()

/** The elements of a drawing: a box per namespace, its nodes, every edge, and the door of each judged edge. Pure, in stable order. */
export function elementsOf(graph: ServiceGraph, changes: EdgeChanges = NO_CHANGES): GraphElement[] {
  const seconds = Math.max(1, (graph.window.toMs - graph.window.fromMs) / 1000)
  const withAi = new Set(graph.edges.filter((edge) => edge.isAi).flatMap((edge) => [edge.client, edge.server]))
  const alarmed = new Set(graph.edges.filter((edge) => edge.door?.state === 'violation').map((edge) => edge.server))
  const boxes = new Map<string, BoxElement>()
  const isManyClusters = new Set(graph.nodes.map((node) => node.cluster)).size > 1
  const nodes = graph.nodes.map((node): NodeElement => {
    const parent = boxIdOf(node)
    if (parent) boxes.set(parent, { kind: 'box', id: parent, ...boxNames(node, isManyClusters) })
    return {
      kind: 'node',
      id: node.id,
      ...(parent && { parent }),
      look: lookOf(node),
      label: nodeLabel(node),
      isAlarmed: alarmed.has(node.id),
      isGroup: node.group !== undefined,
      isAi: node.group !== undefined && (node.group.aiWorkloads > 0 || withAi.has(node.id)),
      category: node.provider?.category ?? '',
    }
  })
  const lanes = new Map<string, number>()
  const edges = graph.edges.map((edge) => edgeElement(edge, lanes, { seconds, change: changes.get(edge.id) ?? '' }))
  return [...boxes.values(), ...nodes, ...edges, ...graph.edges.flatMap(doorElement)]
}

const boxIdOf = (node: GraphNode): string | undefined =>
  node.namespace && !node.group ? `ns:${keyOf(node.cluster, node.namespace)}` : undefined

function boxNames({ cluster, namespace }: GraphNode, isManyClusters: boolean): Pick<BoxElement, 'label' | 'short'> {
  const short = shownText(namespace)
  return { label: isManyClusters ? `${shownText(cluster)} / ${short}` : short, short }
}

/** Their names are not words for people, though they stand in a namespace. */
const NAMED_BY_LABEL: ReadonlySet<GraphNode['class']> = new Set(['database', 'local'])

function nodeLabel(node: GraphNode): string {
  if (node.group) return `${inLines(node.label)}\n${membersOf(node.group)}`
  if (node.pod) return inLines(shownText(node.pod))
  if (node.provider) return `${node.provider.name}\n${inLines(shownText(node.name))}`
  const role = node.aiRole ? `\n${roleWord(node.aiRole)}` : ''
  return `${inLines(node.namespace && !NAMED_BY_LABEL.has(node.class) ? shownText(node.name) : node.label)}${role}`
}

function membersOf({ kind, members }: NodeGroup): string {
  const [one, many] = kind === 'outside' ? ['destination', 'destinations'] : ['workload', 'workloads']
  return `${formatCount(members)} ${members === 1 ? one : many}`
}

/** Longer than this a label would lie over its neighbours. */
const LINE_CHARS = 26
/** More lines than this would stand on what is below. */
const MOST_LINES = 4

/**
 * A long name on several lines, broken at spaces and, where a word is still too long, after dots and hyphens. A piece that is still too
 * long, and a name of too many lines, lose their middle: names that are alike differ at one of their ends. Panels have all of it.
 */
function inLines(name: string): string {
  const pieces = name.split(/(?<= )(?![^(]*\))/).flatMap((word) => brokenWord(word, ['.', '-']))
  const lines: string[] = []
  for (const piece of pieces) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + piece.trimEnd().length <= LINE_CHARS) lines[lines.length - 1] = line + piece
    else lines.push(piece)
  }
  const shown = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 2), '…', ...lines.slice(-1)] : lines
  return shown.map((line) => cutLine(line.trimEnd())).join('\n')
}

/** After its dots, and its hyphens only where a piece between dots is too long by itself. */
function brokenWord(word: string, [mark, ...marks]: readonly string[]): string[] {
  if (word.length <= LINE_CHARS || mark === undefined) return [word]
  const pieces = word.split(mark)
  return pieces.flatMap((piece, at) => brokenWord(at < pieces.length - 1 ? piece + mark : piece, marks))
}

function cutLine(line: string): string {
  const letters = [...line]
  if (letters.length <= LINE_CHARS) return line
  const half = (LINE_CHARS - 2) / 2
  return `${letters.slice(0, half + 1).join('')}…${letters.slice(-half).join('')}`
}

function lookOf(node: GraphNode): NodeLook {
  if (node.group) return `group-${node.group.kind}`
  if (node.provider) return 'provider'
  if (node.class === 'provider') return 'external'
  if (node.class !== 'workload') return node.class
  if (!node.aiRole) return node.pod ? 'pod' : 'workload'
  return ROLE_LOOKS.find((look) => look === node.aiRole) ?? 'app'
}

interface EdgeContext {
  /** Length of the window. */
  readonly seconds: number
  readonly change: EdgeElement['change']
}

function edgeElement(edge: GraphEdge, lanes: Map<string, number>, { seconds, change }: EdgeContext): EdgeElement {
  const pair = [edge.client, edge.server].sort().join(' ')
  const lane = lanes.get(pair) ?? 0
  lanes.set(pair, lane + 1)
  return {
    kind: 'edge',
    id: `e${edge.id}`,
    source: edge.client,
    target: edge.server,
    state: edge.state,
    label: [CHANGE_MARK[change], edgeLabel(edge)].filter(Boolean).join(' '),
    isProblem: edge.denied > 0 || edge.state === 'would_be_denied',
    volume: volumeStep(edge),
    rate: rateStep(edge, seconds),
    isBundle: edge.bundle !== undefined,
    change,
    lane,
  }
}

/** Beside its line, each change has a sign. */
export const CHANGE_MARK: Readonly<Record<EdgeElement['change'], string>> = {
  '': '',
  added: '+',
  removed: '−',
  verdict: '≠',
  volume: '↕',
}

function edgeLabel(edge: GraphEdge): string {
  if (edge.bundle) return bundleLabel(edge, edge.bundle)
  const port = edge.serverPort ? `${edge.serverPort}/${edge.protocol}` : edge.protocol
  const { glyph } = STATE_LOOK[edge.state]
  const counts = edge.state === 'mixed' ? ` ${formatCount(edge.passed)} / ${formatCount(edge.denied)}` : ''
  return [glyph + counts, port].filter(Boolean).join(' ')
}

/** How many edges it stands for; where they differ, how many are in each state that is not quiet. */
function bundleLabel(edge: GraphEdge, { edges, states, ports }: EdgeBundle): string {
  const told = EDGE_STATES.filter((state) => (states[state] ?? 0) > 0)
  const counted = told
    .filter((state) => STATE_LOOK[state].glyph !== '')
    .map((state) => `${STATE_LOOK[state].glyph} ${formatCount(states[state] ?? 0)}`)
  const glyph = STATE_LOOK[edge.state].glyph
  const port = ports.length === 1 ? ports[0] : undefined
  const what = edges === 1 ? port : `${formatCount(edges)} edges${port ? ` ${port}` : ''}`
  return [told.length > 1 ? counted.join(' ') : glyph, what].filter(Boolean).join(' · ')
}

/** Steps of volume over the whole window, and of what happens in a second. */
const VOLUME_STEPS = [50, 1000] as const
const RATE_STEPS = [0.2, 5] as const

const volumeOf = ({ counters }: GraphEdge): number =>
  Math.max(counters.connections, counters.requests, counters.events, counters.spans)

function volumeStep(edge: GraphEdge): 1 | 2 | 3 {
  const volume = volumeOf(edge)
  return volume >= VOLUME_STEPS[1] ? 3 : volume >= VOLUME_STEPS[0] ? 2 : 1
}

function rateStep(edge: GraphEdge, seconds: number): EdgeElement['rate'] {
  const rate = volumeOf(edge) / seconds
  if (rate === 0) return 0
  return rate >= RATE_STEPS[1] ? 3 : rate >= RATE_STEPS[0] ? 2 : 1
}

const LINE_PX = 14

/**
 * Room that a node takes with its label: as wide as its longest line. It holds two lines; its middle is the icon's, so each further line
 * takes its height twice.
 */
export function roomOf({ label, isGroup }: Pick<NodeElement, 'label' | 'isGroup'>): Point {
  const room = isGroup ? GROUP_ROOM : NODE_ROOM
  const lines = label.split('\n').length
  return { x: Math.max(room.x, textRoom(label, NAME_PX).x), y: room.y + 2 * LINE_PX * Math.max(0, lines - 2) }
}

function doorElement(edge: GraphEdge): DoorElement[] {
  const state = edge.door?.state
  if (state !== 'violation' && state !== 'sanctioned' && state !== 'unverified') return []
  return [{ kind: 'door', id: `d${edge.id}`, edge: `e${edge.id}`, source: edge.client, target: edge.server, state }]
}
