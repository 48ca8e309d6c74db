import type { Point } from './edge-geometry'

export interface Camera {
  readonly zoom: number
  readonly pan: Point
}

/** Views whose camera is remembered; the one that was left longest ago goes first. */
const MOST = 50
const cameras = new Map<string, Camera>()

/** Where a view was looked at when it was left, in this visit: who steps out of a place finds what was on the screen before. */
export const cameraOf = (view: string): Camera | undefined => cameras.get(view)

/** Keeps it; undefined = everything was in view, and is brought into view again. */
export function rememberCamera(view: string, camera: Camera | undefined): void {
  cameras.delete(view)
  if (view === '' || !camera) return
  cameras.set(view, camera)
  for (const oldest of cameras.keys()) {
    if (cameras.size <= MOST) return
    cameras.delete(oldest)
  }
}
