export interface Point {
  readonly x: number
  readonly y: number
}

/** Bends that a layout gave an edge, good for as long as both ends stand where they stood. */
export interface StoredRoute {
  readonly from: Point
  readonly to: Point
  readonly bends: readonly Point[]
}

/** Control points in cytoscape's terms: shares along the line from source to target, and distances off it. */
export interface Curve {
  readonly weights: readonly number[]
  readonly distances: readonly number[]
}

const LANE_PX = 26
/** Less room than this between the columns, and the edge bows instead of swinging. */
const MIN_SWING_PX = 90
const BOW_PX = 30
const LOOP_PX = 46

/** The shape of an edge that nobody routed: it leaves to the right and arrives from the left, or bows aside. */
export function freeBends(source: Point, target: Point, lane: number): readonly Point[] {
  const dx = target.x - source.x
  const dy = target.y - source.y
  if (dx >= MIN_SWING_PX) {
    const swing = dx * 0.42
    const aside = lane * LANE_PX
    return [
      { x: source.x + swing, y: source.y + aside },
      { x: target.x - swing, y: target.y + aside },
    ]
  }
  const length = Math.hypot(dx, dy) || 1
  const bow = BOW_PX + lane * LANE_PX
  const at = (share: number): Point => ({
    x: source.x + dx * share - (dy / length) * bow,
    y: source.y + dy * share + (dx / length) * bow,
  })
  return [at(0.3), at(0.7)]
}

/** The bends of an edge: the layout's while both ends stand still, else its free shape. */
export function bendsOf(source: Point, target: Point, lane: number, route: StoredRoute | undefined): readonly Point[] {
  const stands = route && isNear(route.from, source) && isNear(route.to, target)
  return stands ? route.bends : freeBends(source, target, lane)
}

const isNear = (a: Point, b: Point): boolean => Math.abs(a.x - b.x) < 1.5 && Math.abs(a.y - b.y) < 1.5

/** The bends of an edge as cytoscape's control points. */
export function curveThrough(source: Point, target: Point, bends: readonly Point[]): Curve {
  const dx = target.x - source.x
  const dy = target.y - source.y
  const length = Math.hypot(dx, dy)
  // Of an edge from a node to itself cytoscape takes the first distance as the size of its loop.
  if (length < 1) return { weights: [0.5], distances: [LOOP_PX] }
  if (bends.length === 0) return { weights: [0.5], distances: [0] }
  const off = bends.map((bend) => ({ x: bend.x - source.x, y: bend.y - source.y }))
  return {
    weights: off.map(({ x, y }) => (x * dx + y * dy) / (length * length)),
    distances: off.map(({ x, y }) => (y * dx - x * dy) / length),
  }
}

/** The middle of the drawn curve at a share of its bends (0 = source, 1 = target): quadratic pieces that meet between bends. */
export function pointOnCurve(source: Point, target: Point, bends: readonly Point[], share: number): Point {
  const joints = [source, ...bends.slice(1).map((bend, at) => middle(bends[at] ?? bend, bend)), target]
  const pieces = Math.max(1, bends.length)
  const piece = Math.min(pieces - 1, Math.floor(share * pieces))
  const [from, to] = [joints[piece] ?? source, joints[piece + 1] ?? target]
  return quadratic(from, bends[piece] ?? middle(from, to), to, share * pieces - piece)
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })

function quadratic(a: Point, b: Point, c: Point, t: number): Point {
  const one = (p: number, q: number, r: number) => (1 - t) ** 2 * p + 2 * (1 - t) * t * q + t ** 2 * r
  return { x: one(a.x, b.x, c.x), y: one(a.y, b.y, c.y) }
}

/** Where the line from a node's middle towards a point leaves its picture, `half` its width and height. */
export function borderPoint(middleOf: Point, towards: Point, half: Point): Point {
  const [dx, dy] = [towards.x - middleOf.x, towards.y - middleOf.y]
  const share = Math.min(half.x / Math.abs(dx), half.y / Math.abs(dy))
  // Also where the two are one: nothing leaves then.
  return share < 1 ? { x: middleOf.x + dx * share, y: middleOf.y + dy * share } : middleOf
}
