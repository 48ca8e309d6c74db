/** Width and height of the canvas, px. */
export interface CanvasSize {
  readonly width: number
  readonly height: number
}

/** On screen, in px from the canvas' corner. */
export interface ScreenBox {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** A canvas that grew by more shows its drawing larger; a notice that goes is less. */
const GROWN = 1.15

/**
 * Whether a drawing that was fitted into a canvas is fitted again now that the canvas has another size: where it is no longer wholly in
 * view though it was, and where there is much more room. A line of text that comes or goes with live data moves no camera.
 */
export function isFittedAgain(drawn: ScreenBox, fitted: CanvasSize, now: CanvasSize): boolean {
  const isLost = isWithin(drawn, fitted) && !isWithin(drawn, now)
  return isLost || now.width > fitted.width * GROWN || now.height > fitted.height * GROWN
}

const isWithin = (box: ScreenBox, { width, height }: CanvasSize): boolean =>
  box.x1 >= 0 && box.y1 >= 0 && box.x2 <= width && box.y2 <= height
