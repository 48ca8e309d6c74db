import type { Point } from './edge-geometry'

/** Room that a node takes with its label, in px. */
export const NODE_ROOM: Point = { x: 110, y: 86 }
/** From a box's nodes to its border. */
export const BOX_PADDING = 26

export interface Standing {
  readonly id: string
  readonly parent?: string
  readonly at: Point
}

interface Area {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const STEP: Point = { x: NODE_ROOM.x + 20, y: NODE_ROOM.y + 14 }
const MAX_RINGS = 60

/**
 * A free place for a new node: right of the nodes that call it, else left of those that it calls, else beside its
 * namespace; then in growing rings. It covers no node, enters no foreign box, and its own box grows over nobody. Those that
 * stand never move. Pure and deterministic.
 */
export function placeNode(
  node: { readonly parent?: string },
  standing: readonly Standing[],
  neighbours: { readonly callers: readonly Point[]; readonly callees: readonly Point[] },
): Point {
  const start = startOf(node, standing, neighbours)
  for (let ring = 0; ring <= MAX_RINGS; ring += 1)
    for (const candidate of ringAround(start, ring)) if (isFree(candidate, node.parent, standing)) return candidate
  // Every ring is taken: below everything there is always room.
  const lowest = Math.max(...standing.map(({ at }) => at.y), start.y)
  return { x: start.x, y: lowest + 3 * STEP.y }
}

function startOf(
  node: { readonly parent?: string },
  standing: readonly Standing[],
  { callers, callees }: { readonly callers: readonly Point[]; readonly callees: readonly Point[] },
): Point {
  const siblings = standing.filter((item) => node.parent !== undefined && item.parent === node.parent)
  if (siblings.length > 0) {
    const lowest = siblings.reduce((a, b) => (b.at.y > a.at.y ? b : a))
    return { x: lowest.at.x, y: lowest.at.y + STEP.y }
  }
  if (callers.length > 0) return { x: Math.max(...callers.map(({ x }) => x)) + 2 * STEP.x, y: mean(callers) }
  if (callees.length > 0) return { x: Math.min(...callees.map(({ x }) => x)) - 2 * STEP.x, y: mean(callees) }
  if (standing.length === 0) return { x: 0, y: 0 }
  return { x: 0, y: Math.max(...standing.map(({ at }) => at.y)) + 2 * STEP.y }
}

const mean = (points: readonly Point[]): number => points.reduce((sum, { y }) => sum + y, 0) / points.length

/** The places of one ring, nearest rows first, so that a column grows before a new one begins. */
function ringAround({ x, y }: Point, ring: number): Point[] {
  if (ring === 0) return [{ x, y }]
  const places: Point[] = []
  for (let row = -ring; row <= ring; row += 1)
    for (let column = -ring; column <= ring; column += 1)
      if (Math.max(Math.abs(row), Math.abs(column)) === ring)
        places.push({ x: x + column * STEP.x, y: y + row * STEP.y })
  return places.sort((a, b) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y) || a.x - b.x || a.y - b.y)
}

function isFree(place: Point, parent: string | undefined, standing: readonly Standing[]): boolean {
  const own = roomOf(place)
  if (standing.some(({ at }) => overlaps(own, roomOf(at)))) return false
  const boxes = boxesOf(standing)
  const grown = parent === undefined ? own : padded(union(boxes.get(parent), own))
  for (const [id, box] of boxes) if (id !== parent && overlaps(grown, padded(box))) return false
  return standing.every((item) => item.parent === parent || !overlaps(grown, roomOf(item.at)) || parent === undefined)
}

const roomOf = ({ x, y }: Point): Area => ({
  left: x - NODE_ROOM.x / 2,
  right: x + NODE_ROOM.x / 2,
  top: y - NODE_ROOM.y / 2,
  bottom: y + NODE_ROOM.y / 2,
})

const overlaps = (a: Area, b: Area): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const padded = (area: Area): Area => ({
  left: area.left - BOX_PADDING,
  right: area.right + BOX_PADDING,
  top: area.top - BOX_PADDING,
  bottom: area.bottom + BOX_PADDING,
})

function union(a: Area | undefined, b: Area): Area {
  if (!a) return b
  return {
    left: Math.min(a.left, b.left),
    right: Math.max(a.right, b.right),
    top: Math.min(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
  }
}

function boxesOf(standing: readonly Standing[]): ReadonlyMap<string, Area> {
  const boxes = new Map<string, Area>()
  for (const { parent, at } of standing)
    if (parent !== undefined) boxes.set(parent, union(boxes.get(parent), roomOf(at)))
  return boxes
}
