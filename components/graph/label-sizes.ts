/** Of names on a drawing that is shown at its size, px. */
export const NAME_PX = 11
/**
 * How large names are drawn, in px of the drawing: they grow as one zooms out, in few steps, as each step has names measured anew.
 * Names of nodes grow as far as the gaps between nodes allow.
 */
const NAME_STEPS = [NAME_PX, 14, 18] as const
const NAME_ON_SCREEN_PX = 9.5
const NAME_OF_MANY_PX = NAME_STEPS[1]
/** A group is larger than a node, and has more room. */
const GROUP_NAME_MOST_PX = 24
/** A box has all of its width for its name, and the gap above it; the last step is for the smallest zoom there is. */
const TITLE_STEPS = [11, 14, 18, 24, 32, 42, 56, 74, 98, 118] as const
/** Names of boxes, and of nodes that stand out, are never smaller than this on screen. */
export const TITLE_ON_SCREEN_PX = 9

/** Smaller than this on screen nobody reads a name: it is not drawn, and a few that matter are drawn larger (./name-picks.ts). */
export const LEAST_NAME_PX = 7

/** Width of a letter and height of a line, of the size of a font. */
const LETTER = 0.56
const LINE = 1.25

/** Room that lines of text take at a size, px; by the number of letters, as nothing is measured. */
export function textRoom(text: string, px: number): { readonly x: number; readonly y: number } {
  const lines = text.split('\n')
  return { x: lines.reduce((most, { length }) => Math.max(most, length), 0) * LETTER * px, y: lines.length * LINE * px }
}

/** What a box is called at a size: with its cluster where that fits its width. */
export const titleOf = ({ label, short, titleWidth }: Titled, px: number): string =>
  titleWidth === undefined || textRoom(label, px).x <= titleWidth ? label : short

interface Titled {
  readonly label: string
  readonly short: string
  readonly titleWidth?: number
}

/** By what a name is of, px of the drawing. */
export interface NameSizes {
  readonly node: number
  readonly group: number
  /** Of a box, and of a node that is looked at or was picked. */
  readonly title: number
}

/** Sizes of names at a zoom. Of many nodes they stay the same: measuring thousands anew would be felt. */
export function nameSizes(zoom: number, isMany: boolean): NameSizes {
  const wanted = isMany ? NAME_OF_MANY_PX : NAME_ON_SCREEN_PX / zoom
  const title = TITLE_STEPS.find((step) => step * zoom >= TITLE_ON_SCREEN_PX) ?? TITLE_STEPS[9]
  return {
    node: NAME_STEPS.find((step) => step >= wanted - 1) ?? NAME_STEPS[2],
    group: Math.min(title, GROUP_NAME_MOST_PX),
    title,
  }
}
