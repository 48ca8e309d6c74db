import type { Point } from './edge-geometry'
import { type EdgeElement, type GraphElement, type NodeElement, roomOf } from './elements'
import { FreeSpace, NODE_ROOM, type Standing } from './free-space'
import { partId, placeNode, type Spot } from './place-node'

/** Closer than this two pictures cover each other: nobody put them there on purpose. */
const PICTURE_ROOM: Point = { x: 44, y: 44 }

/**
 * Places for the nodes of a drawing that have none, or that come back to one which somebody took meanwhile. `places` also knows
 * nodes that are gone; `drawn` are those on screen, which never move. A place that was remembered elsewhere (`drawn` has not the
 * node) holds unless it is taken. Pure, and the same for the same drawing.
 */
export function settlePlaces(
  elements: readonly GraphElement[],
  places: ReadonlyMap<string, Spot>,
  drawn: ReadonlySet<string>,
): Map<string, Spot> {
  const nodes = elements.filter((element) => element.kind === 'node')
  const settled = new Map<string, Spot>()
  if (nodes.every(({ id }) => drawn.has(id) && places.has(id))) return settled
  const standing: Standing[] = []
  const space = new FreeSpace()
  const stand = (node: NodeElement, spot: Spot) => {
    const item = standingOf(node, spot)
    standing.push(item)
    space.add(item)
  }
  const later: NodeElement[] = []
  for (const node of nodes) {
    const spot = drawn.has(node.id) ? places.get(node.id) : undefined
    if (spot) stand(node, spot)
    else later.push(node)
  }
  // Of a drawing that nobody saw yet all is remembered, and people may have put labels over each other.
  const isFirst = standing.length === 0
  const pictures = new FreeSpace()
  const homeless: NodeElement[] = []
  for (const node of later) {
    const spot = places.get(node.id)
    const parent = node.parent === undefined ? undefined : partId(node.parent, spot?.part ?? 0)
    if (spot && (isFirst ? pictures.isEmpty(spot.at, PICTURE_ROOM) : space.isFree(spot.at, parent, roomOf(node)))) {
      stand(node, spot)
      pictures.add({ id: node.id, at: spot.at, room: PICTURE_ROOM })
    } else homeless.push(node)
  }
  const neighbours = neighboursOf(elements, homeless)
  const present = new Set(nodes.map(({ id }) => id))
  const ghosts = new FreeSpace(
    [...places].flatMap(([id, { at }]) => (present.has(id) ? [] : [{ id, at, room: NODE_ROOM }])),
  )
  const placeOf = (id: string): Point[] => {
    const spot = settled.get(id) ?? (homelessIds.has(id) ? undefined : places.get(id))
    return spot ? [spot.at] : []
  }
  const homelessIds = new Set(homeless.map(({ id }) => id))
  for (const node of homeless) {
    const { callers = [], callees = [] } = neighbours.get(node.id) ?? {}
    const around = { callers: callers.flatMap(placeOf), callees: callees.flatMap(placeOf) }
    const newcomer = { room: roomOf(node), ...(node.parent !== undefined && { parent: node.parent }) }
    const spot = placeNode(newcomer, standing, around, space, ghosts)
    settled.set(node.id, spot)
    stand(node, spot)
  }
  return settled
}

function standingOf(node: NodeElement, { at, part }: Spot): Standing {
  const parent = node.parent === undefined ? undefined : partId(node.parent, part)
  return { id: node.id, at, room: roomOf(node), ...(parent !== undefined && { parent }) }
}

/** Who calls whom, of a few nodes. */
function neighboursOf(
  elements: readonly GraphElement[],
  nodes: readonly NodeElement[],
): ReadonlyMap<string, { readonly callers: string[]; readonly callees: string[] }> {
  const found = new Map(nodes.map(({ id }) => [id, { callers: [] as string[], callees: [] as string[] }]))
  const isEdge = (element: GraphElement): element is EdgeElement => element.kind === 'edge'
  for (const { source, target } of elements.filter(isEdge)) {
    if (source === target) continue
    found.get(target)?.callers.push(source)
    found.get(source)?.callees.push(target)
  }
  return found
}
