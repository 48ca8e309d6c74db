import type { Core } from 'cytoscape'
import type { Camera, CanvasSize } from './camera-memory'

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
  // Of a drawing that is being taken off the page there is no size.
  if (!(now.width > 0 && now.height > 0)) return false
  const isLost = isWithin(drawn, fitted) && !isWithin(drawn, now)
  return isLost || now.width > fitted.width * GROWN || now.height > fitted.height * GROWN
}

const isWithin = (box: ScreenBox, { width, height }: CanvasSize): boolean =>
  box.x1 >= 0 && box.y1 >= 0 && box.x2 <= width && box.y2 <= height

/** Around what is fitted: on a low canvas, such as above an open dock, less. */
const FIT_PADDING = { px: 44, share: 0.085 } as const
/** At the top the drawing's tools stand (./drawing-tools.tsx), however low the canvas is. */
const TOOLS_PX = 44
/** Of the drawing: so far an edge of a node to itself, with its label, rises above the node. */
const LOOP_PX = 40
const MAX_FIT_ZOOM = 1.25
const ZOOM_STEP = 1.25

/** What of a drawing is in view. It moves by itself only where the canvas no longer shows what it was fitted to. */
export class DrawingCamera {
  /** Nobody moved it since everything was in view. */
  private isFitted = false
  /** Of the canvas when that was. */
  private fitted: CanvasSize = { width: 0, height: 0 }

  constructor(private readonly cy: Core) {
    cy.on('scrollzoom dragpan pinchzoom', () => {
      this.isFitted = false
    })
  }

  get now(): Camera {
    return { zoom: this.cy.zoom(), pan: { ...this.cy.pan() }, isFitted: this.isFitted, canvas: this.fitted }
  }

  /** Looks as it did before; what a canvas of another size cuts off is fitted, as if the size had changed just now. */
  restore({ zoom, pan, isFitted, canvas }: Camera): void {
    this.cy.resize()
    this.cy.viewport({ zoom, pan: { ...pan } })
    this.isFitted = isFitted
    this.fitted = canvas ?? this.canvasSize()
    this.resize()
  }

  fit(): void {
    this.cy.resize()
    this.fitted = this.canvasSize()
    this.isFitted = true
    const { width, height } = this.fitted
    const rim = Math.min(FIT_PADDING.px, FIT_PADDING.share * height)
    const room = { width: width - 2 * rim, height: height - TOOLS_PX - rim }
    // Nodes only: the curves of edges that were never drawn have no bounds yet.
    const { x1, y1: top, w, h: high } = this.cy.nodes().boundingBox()
    const above = this.cy.edges(':loop').nonempty() ? LOOP_PX : 0
    const [y1, h] = [top - above, high + above]
    if (!(room.width > 0 && room.height > 0 && w > 0 && h > 0)) return
    const wanted = Math.min(MAX_FIT_ZOOM, room.width / w, room.height / h)
    const zoom = Math.max(this.cy.minZoom(), wanted)
    this.cy.viewport({
      zoom,
      pan: {
        x: rim + (room.width - w * zoom) / 2 - x1 * zoom,
        y: TOOLS_PX + (room.height - h * zoom) / 2 - y1 * zoom,
      },
    })
  }

  zoom(direction: 1 | -1): void {
    this.isFitted = false
    const level = this.cy.zoom() * ZOOM_STEP ** direction
    this.cy.zoom({ level, renderedPosition: { x: this.cy.width() / 2, y: this.cy.height() / 2 } })
  }

  /** The canvas has another size: what was wholly in view stays so. */
  resize(): void {
    this.cy.resize()
    if (this.isFitted && isFittedAgain(this.cy.nodes().renderedBoundingBox(), this.fitted, this.canvasSize()))
      this.fit()
  }

  private canvasSize(): CanvasSize {
    return { width: this.cy.width(), height: this.cy.height() }
  }
}
