import type { Point } from './edge-geometry'
import { FreeSpace, NODE_ROOM, type Standing } from './free-space'

const STEP: Point = { x: NODE_ROOM.x + 20, y: NODE_ROOM.y + 14 }
/** How far from its namespace's box a node may stand and still be drawn in it. */
const BOX_RINGS = 8
const MAX_RINGS = 60
/** How far it goes to leave the places of those who are gone, or filtered away, to them. */
const GHOST_RINGS = 3
/** Boxes that a namespace has at most. */
export const MAX_PARTS = 20

interface Newcomer {
  readonly parent?: string
  /** Default: NODE_ROOM. */
  readonly room?: Point
}
interface Neighbours {
  readonly callers: readonly Point[]
  readonly callees: readonly Point[]
}
export interface Spot {
  readonly at: Point
  /** Which box of its namespace it stands in: 0 for the first. */
  readonly part: number
}

/** The box of a namespace: where it could not grow without covering others it goes on in a second one. */
export const partId = (parent: string, part: number): string => (part === 0 ? parent : `${parent}\n${part}`)

/**
 * A free place for a new node: within or beside its namespace's box, near those that it talks to; without a namespace right of the
 * nodes that call it, else left of those that it calls; in growing rings. It covers no node, enters no foreign box, and its own
 * box grows over nobody: where it would, the namespace goes on in another box. Those that stand never move. Pure, and the
 * same for the same drawing.
 */
export function placeNode(
  node: Newcomer,
  standing: readonly Standing[],
  neighbours: Neighbours,
  space = new FreeSpace(standing),
  ghosts?: FreeSpace,
): Spot {
  const isLeft = (at: Point) => ghosts === undefined || ghosts.isEmpty(at, node.room)
  const look = (start: Point, parent: string | undefined, rings: number): Point | undefined => {
    for (let ring = 0; ring <= Math.min(rings, GHOST_RINGS); ring += 1)
      for (const at of ringAround(start, ring)) if (isLeft(at) && space.isFree(at, parent, node.room)) return at
    for (let ring = 0; ring <= rings; ring += 1)
      for (const at of ringAround(start, ring)) if (space.isFree(at, parent, node.room)) return at
    return undefined
  }
  if (node.parent !== undefined)
    for (let part = 0; part < MAX_PARTS; part += 1) {
      const box = partId(node.parent, part)
      if (!space.hasBox(box)) break
      const siblings = standing.filter(({ parent }) => parent === box)
      const at = look(besideSiblings(siblings, neighbours), box, BOX_RINGS)
      if (at) return { at, part }
    }
  const part = firstUnused(node.parent, space)
  const start = startOf(node, standing, neighbours)
  const at = look(start, node.parent === undefined ? undefined : partId(node.parent, part), MAX_RINGS)
  // Every ring is taken: below everything there is always room.
  return { at: at ?? { x: start.x, y: lowest(standing, start.y) + 3 * STEP.y }, part }
}

function firstUnused(parent: string | undefined, space: FreeSpace): number {
  if (parent === undefined) return 0
  for (let part = 0; part < MAX_PARTS; part += 1) if (!space.hasBox(partId(parent, part))) return part
  return MAX_PARTS
}

/** Below the sibling that is nearest to those that the node talks to, else below the lowest. */
function besideSiblings(siblings: readonly Standing[], { callers, callees }: Neighbours): Point {
  const near = [...callers, ...callees]
  const goal = near.length > 0 ? { x: mean(near, 'x'), y: mean(near, 'y') } : undefined
  const distance = ({ at }: Standing) => (goal ? Math.hypot(at.x - goal.x, at.y - goal.y) : -at.y)
  const [first, ...others] = siblings
  if (!first) return goal ?? { x: 0, y: 0 }
  const best = others.reduce((a, b) => (distance(b) < distance(a) ? b : a), first)
  return { x: best.at.x, y: best.at.y + STEP.y }
}

function startOf(node: Newcomer, standing: readonly Standing[], { callers, callees }: Neighbours): Point {
  if (callers.length > 0) return { x: Math.max(...callers.map(({ x }) => x)) + 2 * STEP.x, y: mean(callers, 'y') }
  if (callees.length > 0) return { x: Math.min(...callees.map(({ x }) => x)) - 2 * STEP.x, y: mean(callees, 'y') }
  const { parent } = node
  const siblings = parent === undefined ? [] : standing.filter((item) => item.parent?.split('\n')[0] === parent)
  if (siblings.length > 0) return besideSiblings(siblings, { callers, callees })
  if (standing.length === 0) return { x: 0, y: 0 }
  return { x: 0, y: lowest(standing, Number.NEGATIVE_INFINITY) + 2 * STEP.y }
}

const lowest = (standing: readonly Standing[], least: number): number =>
  standing.reduce((y, { at }) => Math.max(y, at.y), least)
const mean = (points: readonly Point[], axis: 'x' | 'y'): number =>
  points.reduce((sum, point) => sum + point[axis], 0) / points.length

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
