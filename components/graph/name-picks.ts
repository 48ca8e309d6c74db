import type { Point } from './edge-geometry'
import type { GraphElement, NodeElement, NodeLook } from './elements'
import { FreeSpace } from './free-space'
import { NODE_PX } from './node-size'

/** AI workloads and providers: what the graph is looked at for. */
const AI_LOOKS: ReadonlySet<NodeLook> = new Set(['agent', 'model-server', 'gateway', 'vector-store', 'app', 'provider'])
/** Width of a letter and height of a line, of the size of a font. */
const LETTER = 0.56
const LINE = 1.25
const BELOW_PX = NODE_PX / 2 + 4

/**
 * The nodes whose names are shown where there is no room for all: those with problems or of AI, then the busiest, each where its name
 * of that size covers neither another's picture nor a name that was shown before. Groups have names anyway. Pure; costs what is drawn.
 */
export function namePicks(
  elements: readonly GraphElement[],
  px: number,
  placeOf: (id: string) => Point,
): ReadonlySet<string> {
  const nodes = elements.filter((element) => element.kind === 'node')
  const weights = weightsOf(elements)
  const weight = (id: string) => weights.get(id) ?? 0
  const pictures = new FreeSpace(nodes.map(({ id }) => ({ id, at: placeOf(id), room: { x: NODE_PX, y: NODE_PX } })))
  const names = new FreeSpace()
  const picked = new Set<string>()
  for (const node of [...nodes].sort((a, b) => weight(b.id) - weight(a.id))) {
    if (node.isGroup) continue
    const room = nameRoom(node, px)
    const { x, y } = placeOf(node.id)
    const at = { x, y: y + BELOW_PX + room.y / 2 }
    if (!pictures.isEmpty(at, room) || !names.isEmpty(at, room)) continue
    names.add({ id: node.id, at, room })
    picked.add(node.id)
  }
  return picked
}

function nameRoom({ label }: NodeElement, px: number): Point {
  const lines = label.split('\n')
  return { x: lines.reduce((most, { length }) => Math.max(most, length), 0) * LETTER * px, y: lines.length * LINE * px }
}

function weightsOf(elements: readonly GraphElement[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  const add = (id: string, weight: number) => weights.set(id, (weights.get(id) ?? 0) + weight)
  for (const element of elements) {
    if (element.kind === 'node' && (element.isAlarmed || AI_LOOKS.has(element.look))) add(element.id, URGENT)
    if (element.kind !== 'edge') continue
    for (const end of new Set([element.source, element.target])) {
      add(end, element.volume)
      if (element.isProblem) add(end, URGENT)
    }
  }
  return weights
}

/** More than all edges of a drawing weigh together. */
const URGENT = 1e5
