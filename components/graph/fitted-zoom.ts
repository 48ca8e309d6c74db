import { type GraphElement, roomOf } from './elements'
import { BOX_PADDING, roomAround, union } from './free-space'
import type { Size } from './pack-parts'
import type { Places } from './shared-places'

/** What a canvas of a usual window (1440 by 900) has for a picture, in px; every browser lays out for the same one. */
export const USUAL_CANVAS: Size = { width: 1290, height: 490 }
/** Fitted smaller than this, names of nodes are less than 8 px high, however large they are drawn. */
export const LEGIBLE_ZOOM = 0.44

/** How large a usual canvas shows a picture of this size as a whole. */
export const zoomOfSize = ({ width, height }: Size): number =>
  Math.min(USUAL_CANVAS.width / Math.max(1, width), USUAL_CANVAS.height / Math.max(1, height))

/** How large a usual canvas shows a laid out drawing as a whole. Pure. */
export function fittedZoom(elements: readonly GraphElement[], { spots }: Places): number {
  let area: ReturnType<typeof roomAround> | undefined
  for (const element of elements) {
    const spot = element.kind === 'node' ? spots.get(element.id) : undefined
    if (element.kind === 'node' && spot) area = union(area, roomAround(spot.at, roomOf(element)))
  }
  if (!area) return 1
  return zoomOfSize({
    width: area.right - area.left + 2 * BOX_PADDING,
    height: area.bottom - area.top + 2 * BOX_PADDING,
  })
}

/** Layers where names can be read in them, or where they are shown as large as boxes side by side. Pure. */
export function moreLegible(elements: readonly GraphElement[], layered: Places, packed: Places): Places {
  const zoom = fittedZoom(elements, layered)
  return zoom >= LEGIBLE_ZOOM || zoom >= fittedZoom(elements, packed) ? layered : packed
}
