import type { Point } from './edge-geometry'

const GAP = 50
/** Width to height of a usual window. */
const ASPECT = 2.4

export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Where the upper left corners of parts go, in the order given: rows of falling height, about as wide as makes the whole fit a window.
 * Parts do not overlap. Pure.
 */
export function packParts(sizes: readonly Size[]): Point[] {
  const area = sizes.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0)
  const rowWidth = sizes.reduce((widest, { width }) => Math.max(widest, width), Math.sqrt(area * ASPECT))
  const corners: Point[] = sizes.map(() => ({ x: 0, y: 0 }))
  let [x, y, rowHeight] = [0, 0, 0]
  const byHeight = [...sizes.entries()].sort(([a, one], [b, other]) => other.height - one.height || a - b)
  for (const [index, { width, height }] of byHeight) {
    if (x > 0 && x + width > rowWidth) [x, y, rowHeight] = [0, y + rowHeight + GAP, 0]
    corners[index] = { x, y }
    x += width + GAP
    rowHeight = Math.max(rowHeight, height)
  }
  return corners
}
