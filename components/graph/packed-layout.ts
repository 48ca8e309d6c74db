import type { Point } from './edge-geometry'
import { type GraphElement, type NodeElement, roomOf } from './elements'
import { zoomOfSize } from './fitted-zoom'
import { flowOrder } from './flow-order'
import { BOX_PADDING } from './free-space'
import { packParts } from './pack-parts'
import type { Spot } from './place-node'
import type { Places } from './shared-places'

const GAP: Point = { x: 20, y: 14 }
/** Between the columns: callers outside, boxes, what is called outside. */
const AISLE_PX = 90
/** Above a box's nodes, for its name. */
const TITLE_PX = 16
/** How much wider than high, in nodes, boxes are tried: the one that a usual canvas shows the largest is taken. */
const SHAPES = [0.5, 0.75, 1, 1.4, 2, 3] as const

/**
 * Places for a drawing whose layers would be too wide to read, or too many: boxes side by side, each a grid of its nodes; left of them
 * who only calls, right of them who is called from outside any box. Boxes, and nodes in a box, are read like words, by the direction of calls.
 * Nothing covers anything. Pure; costs what the drawing holds.
 */
export function packedLayout(elements: readonly GraphElement[]): Places {
  const parts = partsOf(elements)
  const best = SHAPES.map((shape) => pack(parts, shape)).reduce((a, b) => (b.zoom > a.zoom ? b : a))
  return { spots: best.spots, routes: new Map() }
}

interface Parts {
  readonly boxes: readonly (readonly NodeElement[])[]
  readonly callers: readonly NodeElement[]
  readonly callees: readonly NodeElement[]
}

function partsOf(elements: readonly GraphElement[]): Parts {
  const edges = elements.filter((element) => element.kind === 'edge')
  const nodes = new Map(
    elements.flatMap((element) => (element.kind === 'node' ? [[element.id, element] as const] : [])),
  )
  const called = new Set(edges.map(({ target }) => target))
  const boxed = new Map<string, NodeElement[]>()
  const [callers, callees]: [NodeElement[], NodeElement[]] = [[], []]
  const within = edges.filter(({ source, target }) => nodes.get(source)?.parent === nodes.get(target)?.parent)
  for (const id of flowOrder([...nodes.keys()], within)) {
    const node = nodes.get(id)
    if (node?.parent === undefined) {
      if (node) (called.has(id) ? callees : callers).push(node)
      continue
    }
    const known = boxed.get(node.parent)
    if (known) known.push(node)
    else boxed.set(node.parent, [node])
  }
  const between = edges.flatMap(({ source, target }) => {
    const [from, to] = [nodes.get(source)?.parent, nodes.get(target)?.parent]
    return from !== undefined && to !== undefined ? [{ source: from, target: to }] : []
  })
  const boxes = flowOrder([...boxed.keys()], between).map((id) => boxed.get(id) ?? [])
  return { boxes, callers, callees }
}

/** One way of putting them, and how large a usual canvas shows it. */
function pack({ boxes, callers, callees }: Parts, shape: number) {
  const grids = boxes.map((items) => gridOf(items, Math.round(Math.sqrt(items.length * shape))))
  const sizes = grids.map(({ width, height }) => ({
    width: width + 2 * BOX_PADDING,
    height: height + 2 * BOX_PADDING + TITLE_PX,
  }))
  const corners = packParts(sizes)
  const spots = new Map<string, Spot>()
  const put = ({ at }: Grid, corner: Point) => {
    for (const [id, { x, y }] of at) spots.set(id, { at: { x: corner.x + x, y: corner.y + y }, part: 0 })
  }
  let [left, right, height] = [0, 0, 0]
  for (const [index, grid] of grids.entries()) {
    const corner = corners[index] ?? { x: 0, y: 0 }
    put(grid, { x: corner.x + BOX_PADDING, y: corner.y + BOX_PADDING + TITLE_PX })
    right = Math.max(right, corner.x + (sizes[index]?.width ?? 0))
    height = Math.max(height, corner.y + (sizes[index]?.height ?? 0))
  }
  const column = (items: readonly NodeElement[]): Grid => {
    const rows = Math.max(Math.floor(height / 100), Math.ceil(Math.sqrt(items.length / (2 * shape))), 1)
    return gridOf(items, Math.ceil(items.length / rows))
  }
  const [from, to] = [column(callers), column(callees)]
  if (callers.length > 0) {
    left = -AISLE_PX - from.width
    put(from, { x: left, y: 0 })
  }
  if (callees.length > 0) {
    put(to, { x: right + AISLE_PX, y: 0 })
    right += AISLE_PX + to.width
  }
  return {
    spots,
    zoom: zoomOfSize({ width: right - left, height: Math.max(height, from.height, to.height) }),
  }
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
  const wide = Math.max(1, Math.min(columns, nodes.length))
  const at = new Map(
    nodes.map(({ id }, index) => [
      id,
      { x: ((index % wide) + 0.5) * cell.x, y: (Math.floor(index / wide) + 0.5) * cell.y },
    ]),
  )
  return { at, width: wide * cell.x, height: Math.ceil(nodes.length / wide) * cell.y }
}
