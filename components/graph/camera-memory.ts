import type { Point } from './edge-geometry'

export interface Camera {
  readonly zoom: number
  readonly pan: Point
  /** Nobody moved it since everything was in view. */
  readonly isFitted: boolean
  /** Of the canvas when everything was in view, px; absent = as large as the canvas that it is restored on. */
  readonly canvas?: CanvasSize
}

/** Width and height of a canvas, px. */
export interface CanvasSize {
  readonly width: number
  readonly height: number
}

const MAX_VIEWS = 100
/** Of this page, by view: who steps out again looks at what they looked at before. */
const cameras = new Map<string, Camera>()

/** How a view was looked at last; undefined where it was not yet. */
export const cameraOf = (view: string): Camera | undefined => cameras.get(view)

/** Keeps it, of the 100 views looked at last. */
export function keepCamera(view: string, camera: Camera): void {
  cameras.delete(view)
  cameras.set(view, camera)
  const [oldest] = cameras.keys()
  if (cameras.size > MAX_VIEWS && oldest !== undefined) cameras.delete(oldest)
}
