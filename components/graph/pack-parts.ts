import type { Point } from './edge-geometry'

const GAP = 50
/** Width to height of a usual window. */
const ASPECT = 2.4

export interface Size {
  readonly width: number
  readonly height: number
}

/** As many widths of a row are tried; of more parts it hardly matters where a row ends. */
const TRIED = 24

/**
 * Where the upper left corners of parts go, in the order given: rows of falling height, ending where a window shows the whole the
 * largest. Parts do not overlap. Pure.
 */
export function packParts(sizes: readonly Size[]): Point[] {
  const byHeight = [...sizes.entries()].sort(([a, one], [b, other]) => other.height - one.height || a - b)
  const widest = sizes.reduce((most, { width }) => Math.max(most, width), 0)
  const area = sizes.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0)
  let first = 0
  const ends = byHeight.slice(0, TRIED).map(([, { width }]) => {
    first += width + GAP
    return first - GAP
  })
  let best = rowsOf(sizes, byHeight, Math.max(widest, Math.sqrt(area * ASPECT)))
  for (const end of ends) {
    const rows = rowsOf(sizes, byHeight, Math.max(widest, end))
    if (rows.extent < best.extent) best = rows
  }
  return best.corners
}

/** Parts in rows of at most a width, and how large the whole is for a window of the usual shape. */
function rowsOf(
  sizes: readonly Size[],
  order: readonly (readonly [index: number, size: Size])[],
  rowWidth: number,
): { readonly corners: Point[]; readonly extent: number } {
  const corners: Point[] = sizes.map(() => ({ x: 0, y: 0 }))
  let [x, y, rowHeight, right] = [0, 0, 0, 0]
  for (const [index, { width, height }] of order) {
    if (x > 0 && x + width > rowWidth) [x, y, rowHeight] = [0, y + rowHeight + GAP, 0]
    corners[index] = { x, y }
    x += width + GAP
    right = Math.max(right, x - GAP)
    rowHeight = Math.max(rowHeight, height)
  }
  return { corners, extent: Math.max(right / ASPECT, y + rowHeight) }
}
