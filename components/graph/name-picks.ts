import type { Point } from './edge-geometry'
import type { BoxElement, GraphElement, NodeElement, NodeLook } from './elements'
import { FreeSpace, type Standing } from './free-space'
import { type NameSizes, textRoom, titleOf } from './label-sizes'
import { GROUP_PX, NODE_PX } from './node-size'

/** AI workloads and providers: what the graph is looked at for. */
const AI_LOOKS: ReadonlySet<NodeLook> = new Set(['agent', 'model-server', 'gateway', 'vector-store', 'app', 'provider'])
const NODE_PICTURE: Point = { x: NODE_PX, y: NODE_PX }
const GROUP_PICTURE: Point = { x: GROUP_PX.width, y: GROUP_PX.height }
/** Between a picture and its name. */
const GAP_PX = 4

/**
 * The nodes whose names are shown where there is no room for all: those with problems or of AI, then the busiest, each where its name
 * covers neither another's picture, nor the name of a box or a group, nor one that was shown before. Groups have names anyway. Pure; costs what is drawn.
 */
export function namePicks(
  elements: readonly GraphElement[],
  { title: px, group: groupPx }: Pick<NameSizes, 'title' | 'group'>,
  placeOf: (id: string) => Point,
): ReadonlySet<string> {
  const nodes = elements.filter((element) => element.kind === 'node')
  const weights = weightsOf(elements)
  const weight = (id: string) => weights.get(id) ?? 0
  const pictures = new FreeSpace(
    nodes.map(({ id, isGroup }) => ({ id, at: placeOf(id), room: isGroup ? GROUP_PICTURE : NODE_PICTURE })),
  )
  const below = ({ id, label, isGroup }: NodeElement, size: number): Standing => {
    const [room, { x, y }] = [textRoom(label, size), placeOf(id)]
    return { id, at: { x, y: y + (isGroup ? GROUP_PX.height : NODE_PX) / 2 + GAP_PX + room.y / 2 }, room }
  }
  const names = new FreeSpace([
    ...elements.flatMap((element) => (element.kind === 'box' ? titleRoom(element, px) : [])),
    ...nodes.flatMap((node) => (node.isGroup ? [below(node, groupPx)] : [])),
  ])
  const picked = new Set<string>()
  for (const node of [...nodes].sort((a, b) => weight(b.id) - weight(a.id))) {
    if (node.isGroup) continue
    const name = below(node, px)
    if (!pictures.isEmpty(name.at, name.room) || !names.isEmpty(name.at, name.room)) continue
    names.add(name)
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
