import type { Point } from './edge-geometry'
import { type GraphElement, type NodeElement, roomOf } from './elements'
import { BOX_PADDING } from './free-space'
import { packParts } from './pack-parts'
import type { Spot } from './place-node'
import type { Places } from './shared-places'

const GAP: Point = { x: 20, y: 14 }
/** Between the columns: callers outside, boxes, what is called outside. */
const AISLE_PX = 160

/**
 * Places for a drawing that is too large for layers: boxes side by side, each a grid of its nodes; left of them who only calls, right
 * of them who is called from outside any box. Nothing covers anything. Pure; costs what the drawing holds.
 */
export function packedLayout(elements: readonly GraphElement[]): Places {
  const nodes = elements.filter((element) => element.kind === 'node')
  const called = new Set(elements.flatMap((element) => (element.kind === 'edge' ? [element.target] : [])))
  const boxed = new Map<string, NodeElement[]>()
  const [left, right]: [NodeElement[], NodeElement[]] = [[], []]
  for (const node of nodes) {
    if (node.parent === undefined) {
      ;(called.has(node.id) ? right : left).push(node)
      continue
    }
    const known = boxed.get(node.parent)
    if (known) known.push(node)
    else boxed.set(node.parent, [node])
  }
  const grids = [...boxed.values()].map((items) => gridOf(items, Math.ceil(Math.sqrt(items.length * 0.9))))
  const sizes = grids.map(({ width, height }) => ({
    width: width + 2 * BOX_PADDING,
    height: height + 2 * BOX_PADDING + 16,
  }))
  const corners = packParts(sizes)
  const spots = new Map<string, Spot>()
  const put = ({ at }: Grid, corner: Point) => {
    for (const [id, { x, y }] of at) spots.set(id, { at: { x: corner.x + x, y: corner.y + y }, part: 0 })
  }
  let [width, height] = [0, 0]
  for (const [index, grid] of grids.entries()) {
    const corner = corners[index] ?? { x: 0, y: 0 }
    put(grid, { x: corner.x + BOX_PADDING, y: corner.y + BOX_PADDING + 16 })
    width = Math.max(width, corner.x + (sizes[index]?.width ?? 0))
    height = Math.max(height, corner.y + (sizes[index]?.height ?? 0))
  }
  const rows = Math.max(6, Math.floor(height / 100))
  const [callers, callees] = [left, right].map((items) => gridOf(items, Math.ceil(items.length / rows)))
  if (callers) put(callers, { x: -AISLE_PX - callers.width, y: 0 })
  if (callees) put(callees, { x: width + AISLE_PX, y: 0 })
  return { spots, routes: new Map() }
}

interface Grid {
  readonly at: ReadonlyMap<string, Point>
  readonly width: number
  readonly height: number
}

function gridOf(nodes: readonly NodeElement[], columns: number): Grid {
  const rooms = nodes.map(roomOf)
  const cell = {
    x: GAP.x + rooms.reduce((most, { x }) => Math.max(most, x), 0),
    y: GAP.y + rooms.reduce((most, { y }) => Math.max(most, y), 0),
  }
  const wide = Math.max(1, columns)
  const at = new Map(
    nodes.map(({ id }, index) => [
      id,
      { x: ((index % wide) + 0.5) * cell.x, y: (Math.floor(index / wide) + 0.5) * cell.y },
    ]),
  )
  return { at, width: Math.min(wide, nodes.length) * cell.x, height: Math.ceil(nodes.length / wide) * cell.y }
}
