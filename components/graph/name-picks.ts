import type { Point } from './edge-geometry'
import type { BoxElement, GraphElement, NodeLook } from './elements'
import { FreeSpace, type Standing } from './free-space'
import { textRoom, titleOf } from './label-sizes'
import { NODE_PX } from './node-size'

/** AI workloads and providers: what the graph is looked at for. */
const AI_LOOKS: ReadonlySet<NodeLook> = new Set(['agent', 'model-server', 'gateway', 'vector-store', 'app', 'provider'])
const BELOW_PX = NODE_PX / 2 + 4

/**
 * The nodes whose names are shown where there is no room for all: those with problems or of AI, then the busiest, each where its name
 * of that size covers neither another's picture, nor a box's name, nor a name that was shown before. Groups have names anyway. Pure; costs what is drawn.
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
  const names = new FreeSpace(elements.flatMap((element) => (element.kind === 'box' ? titleRoom(element, px) : [])))
  const picked = new Set<string>()
  for (const node of [...nodes].sort((a, b) => weight(b.id) - weight(a.id))) {
    if (node.isGroup) continue
    const room = textRoom(node.label, px)
    const { x, y } = placeOf(node.id)
    const at = { x, y: y + BELOW_PX + room.y / 2 }
    if (!pictures.isEmpty(at, room) || !names.isEmpty(at, room)) continue
    names.add({ id: node.id, at, room })
    picked.add(node.id)
  }
  return picked
}

function titleRoom(box: BoxElement, px: number): Standing[] {
  const { id, titleWidth, titleX: x, titleY } = box
  if (titleWidth === undefined || x === undefined || titleY === undefined) return []
  const room = textRoom(titleOf(box, px), px)
  return [{ id, at: { x, y: titleY - room.y / 2 }, room: { x: Math.min(room.x, titleWidth), y: room.y } }]
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
