import type { Point } from './edge-geometry'

/** Room that a node takes with its label, in px; a node that stands for several takes more. */
export const NODE_ROOM: Point = { x: 110, y: 86 }
export const GROUP_ROOM: Point = { x: 150, y: 112 }
/** From a box's nodes to its border. */
export const BOX_PADDING = 26

export interface Standing {
  readonly id: string
  /** Box that it stands in. */
  readonly parent?: string
  readonly at: Point
  /** Default: NODE_ROOM. */
  readonly room?: Point
}

interface Area {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const CELL_PX = 200

/**
 * What room a drawing has left. Nodes are found by the cells of a grid, so that asking costs what is near, not what there is.
 */
export class FreeSpace {
  private readonly cells = new Map<string, { readonly item: Standing; readonly area: Area }[]>()
  private readonly boxes = new Map<string, Area>()

  constructor(standing: Iterable<Standing> = []) {
    for (const item of standing) this.add(item)
  }

  add(item: Standing): void {
    const area = roomAround(item.at, item.room)
    for (const cell of cellsOf(area)) {
      const known = this.cells.get(cell)
      if (known) known.push({ item, area })
      else this.cells.set(cell, [{ item, area }])
    }
    if (item.parent !== undefined) this.boxes.set(item.parent, union(this.boxes.get(item.parent), area))
  }

  hasBox(parent: string): boolean {
    return this.boxes.has(parent)
  }

  /** Nobody's room is touched there. */
  isEmpty(at: Point, room: Point = NODE_ROOM): boolean {
    return !this.isHit(roomAround(at, room), () => true)
  }

  /**
   * A node may stand there: it covers no node and enters no foreign box, and its own box grows over nobody. What its box covers
   * already (a person moved something) does not count again.
   */
  isFree(at: Point, parent: string | undefined, room: Point = NODE_ROOM): boolean {
    return this.isEmpty(at, room) && this.mayJoin(at, parent, room)
  }

  /** The same of its box alone: a person may put a node over another. */
  mayJoin(at: Point, parent: string | undefined, room: Point = NODE_ROOM): boolean {
    const own = roomAround(at, room)
    const before = parent === undefined ? undefined : this.boxes.get(parent)
    const after = parent === undefined ? own : padded(union(before, own))
    const was = before && padded(before)
    if (was && isWithin(after, was)) return true
    for (const [id, box] of this.boxes) {
      if (id === parent) continue
      const other = padded(box)
      if (overlaps(after, other) && !(was && overlaps(was, other))) return false
    }
    if (parent === undefined) return true
    return !this.isHit(after, ({ item, area }) => item.parent !== parent && !(was && overlaps(was, area)))
  }

  private isHit(area: Area, counts: (found: { readonly item: Standing; readonly area: Area }) => boolean): boolean {
    for (const cell of cellsOf(area))
      for (const found of this.cells.get(cell) ?? []) if (overlaps(area, found.area) && counts(found)) return true
    return false
  }
}

/** The area of a node's room around its middle. */
export const roomAround = ({ x, y }: Point, room: Point = NODE_ROOM): Area => ({
  left: x - room.x / 2,
  right: x + room.x / 2,
  top: y - room.y / 2,
  bottom: y + room.y / 2,
})

export const overlaps = (a: Area, b: Area): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const isWithin = (a: Area, b: Area): boolean =>
  a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom

export const padded = (area: Area): Area => ({
  left: area.left - BOX_PADDING,
  right: area.right + BOX_PADDING,
  top: area.top - BOX_PADDING,
  bottom: area.bottom + BOX_PADDING,
})

export function union(a: Area | undefined, b: Area): Area {
  if (!a) return b
  return {
    left: Math.min(a.left, b.left),
    right: Math.max(a.right, b.right),
    top: Math.min(a.top, b.top),
    bottom: Math.max(a.bottom, b.bottom),
  }
}

/** Cells that an area touches; a box that spans a whole drawing touches a few hundred. */
function* cellsOf({ left, right, top, bottom }: Area): Generator<string> {
  const lastRow = Math.floor(bottom / CELL_PX)
  const lastColumn = Math.floor(right / CELL_PX)
  for (let row = Math.floor(top / CELL_PX); row <= lastRow; row += 1)
    for (let column = Math.floor(left / CELL_PX); column <= lastColumn; column += 1) yield `${column},${row}`
}
