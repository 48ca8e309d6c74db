import type { EdgeState } from '@/lib/model/verdict'
import { STATE_LOOK } from '@/lib/view/state-colors'
import type { Camera } from './camera-memory'
import type { Point } from './edge-geometry'
import type { EdgeElement } from './elements'
import type { Palette } from './palette'

/** What is drawn of an edge's traffic. */
export interface Track {
  readonly points: readonly Point[]
  /** From the beginning to each point, in px of the drawing. */
  readonly lengths: readonly number[]
  readonly state: EdgeState
  /** How many are on their way at a time. */
  readonly marks: number
}

/** Marks of an edge by its step of rate. */
const MARKS: Readonly<Record<EdgeElement['rate'], number>> = { 0: 0, 1: 1, 2: 2, 3: 4 }
/** In px of the drawing. */
const SPEED_PX_PER_S = 55
const MARK_PX = 3.4
/** What is denied does not arrive. */
const DENIED_AT = 0.62
const FRAME_MS = 1000 / 30
const DENIED: ReadonlySet<EdgeState> = new Set(['denied_by_rule', 'denied_no_rule'])

export function trackOf(edge: EdgeElement, points: readonly Point[]): Track | undefined {
  const marks = MARKS[edge.rate]
  const lengths = [0]
  for (const [at, point] of points.slice(1).entries()) {
    const before = points[at] ?? point
    lengths.push((lengths[at] ?? 0) + Math.hypot(point.x - before.x, point.y - before.y))
  }
  return marks === 0 || (lengths.at(-1) ?? 0) < 1 ? undefined : { points, lengths, state: edge.state, marks }
}

/** A mark on its way. `isCross`: it is refused, and drawn as a cross, whatever the colours. */
export interface Mark {
  readonly at: Point
  readonly isCross: boolean
}

/** Where the marks of a track are after so many milliseconds. Pure. */
export function marksOf(track: Track, elapsedMs: number): Mark[] {
  const whole = track.lengths.at(-1) ?? 0
  const isDenied = DENIED.has(track.state)
  return Array.from({ length: track.marks }, (_, index) => {
    const isCross = isDenied || (track.state === 'mixed' && index % 2 === (track.marks === 1 ? 0 : 1))
    const way = whole * (isCross ? DENIED_AT : 1)
    const gone = ((elapsedMs / 1000) * SPEED_PX_PER_S + (index / track.marks) * way) % way
    return { at: pointAt(track, gone), isCross }
  })
}

function pointAt({ points, lengths }: Track, gone: number): Point {
  const after = lengths.findIndex((length) => length > gone)
  const [a, b] = [points[after - 1], points[after]]
  const last = points.at(-1) ?? { x: 0, y: 0 }
  if (!a || !b) return last
  const [from = 0, to = 1] = [lengths[after - 1], lengths[after]]
  const share = (gone - from) / (to - from || 1)
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share }
}

interface Scene {
  readonly tracks: readonly Track[]
  readonly camera: Camera
}

/**
 * Traffic on a canvas of its own above the drawing, 30 times a second at most and only while it is on and the page is seen; the
 * drawing beneath is not touched. `scene` is asked again after `refresh`.
 */
export class TrafficOverlay {
  private frame: number | undefined
  private cached: Scene | undefined
  private lastMs = 0
  private elapsedMs = 0
  private palette: Palette | undefined

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly scene: () => Scene,
  ) {}

  /** What is drawn has changed. */
  refresh(): void {
    this.cached = undefined
  }

  start(palette: Palette): void {
    this.palette = palette
    if (this.frame !== undefined) return
    this.lastMs = performance.now()
    this.frame = requestAnimationFrame((nowMs) => this.tick(nowMs))
  }

  /** Stops, and takes away what is on its way. */
  stop(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame)
    this.frame = undefined
    this.canvas.getContext('2d')?.clearRect(0, 0, this.canvas.width, this.canvas.height)
  }

  private tick(nowMs: number): void {
    this.frame = requestAnimationFrame((nextMs) => this.tick(nextMs))
    const passedMs = nowMs - this.lastMs
    if (passedMs < FRAME_MS || document.hidden) return
    this.lastMs = nowMs
    // After a pause, or a page that was hidden, it goes on where it was.
    this.elapsedMs += Math.min(passedMs, 4 * FRAME_MS)
    this.cached ??= this.scene()
    if (this.palette) this.draw(this.cached, this.palette)
  }

  private draw({ tracks, camera: { zoom, pan } }: Scene, palette: Palette): void {
    const context = this.canvas.getContext('2d')
    if (!context) return
    const ratio = window.devicePixelRatio || 1
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight]
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio)
      this.canvas.height = Math.round(height * ratio)
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    const size = MARK_PX * Math.min(1.4, Math.max(0.7, zoom))
    for (const track of tracks) {
      const color = palette.states[STATE_LOOK[track.state].color]
      for (const { at, isCross } of marksOf(track, this.elapsedMs)) {
        const [x, y] = [at.x * zoom + pan.x, at.y * zoom + pan.y]
        if (x < 0 || y < 0 || x > width || y > height) continue
        // A rim in the colour of the page: on its own line a mark would not be seen.
        context.lineWidth = isCross ? 2.2 : 2
        context.strokeStyle = isCross ? color : palette.neutral.page
        context.fillStyle = color
        context.beginPath()
        if (isCross) {
          const arm = size * 1.6
          context.moveTo(x - arm, y - arm)
          context.lineTo(x + arm, y + arm)
          context.moveTo(x + arm, y - arm)
          context.lineTo(x - arm, y + arm)
          context.stroke()
        } else {
          context.arc(x, y, size, 0, 2 * Math.PI)
          context.fill()
          context.stroke()
        }
      }
    }
  }
}
