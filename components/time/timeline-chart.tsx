'use client'
import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react'
import type { SourceSilence } from '@/lib/model/comparison'
import type { TimeRange } from '@/lib/model/time-range'
import type { FrameGrid, Timeline } from '@/lib/model/timeline'
import { addTrafficCounts, NO_TRAFFIC, type TrafficCount, trafficTotal } from '@/lib/model/traffic-count'
import { formatCount } from '@/lib/view/format'
import { localTimeText } from '@/lib/view/local-time'
import { clockText, stretchText } from '@/lib/view/time-words'
import { trafficUnits, trafficWords } from '@/lib/view/traffic-words'
import { useWidth } from './use-width'

interface Props {
  readonly timeline: Timeline
  /** What the cursor steps through. */
  readonly grid: FrameGrid
  /** Set while a replay runs: dragging and arrows move its frame. */
  readonly cursor: number | undefined
  readonly onCursor: ((frame: number) => void) | undefined
  onChoose(fromMs: number, toMs: number): void
}

const PASSED = 26
const DENIED = 12
const AXIS = 14
const HEIGHT = PASSED + DENIED + AXIS + 4
/** Less is a click, not a drag. */
const LEAST_DRAG = 4
const LABEL_EVERY = 110
/** A character of a label is about as wide. */
const LABEL_CHAR = 6.5

/** Bars of what passed and was denied, hollow of what was dropped, failed or is not told, hatched where nobody saw; a slider over its frames, by pointer and by keys. */
export function TimelineChart({ timeline, grid, cursor, onCursor, onChoose }: Props) {
  const help = useId()
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const [own, setOwn] = useState<number>()
  const [anchor, setAnchor] = useState<number>()
  const { window } = timeline
  const at = Math.min(cursor ?? own ?? grid.count - 1, grid.count - 1)
  const move = (frame: number) => {
    const next = Math.min(grid.count - 1, Math.max(0, frame))
    if (onCursor) onCursor(next)
    else setOwn(next)
  }
  const frameOf = (event: PointerEvent<HTMLElement>): number => {
    const { left, width: full } = event.currentTarget.getBoundingClientRect()
    const share = Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, full)))
    const ms = window.fromMs + share * (window.toMs - window.fromMs)
    return Math.min(grid.count - 1, Math.max(0, Math.floor((ms - grid.fromMs) / grid.stepMs)))
  }
  const startX = useRef(0)
  const down = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    startX.current = event.clientX
    const frame = frameOf(event)
    if (!onCursor) setAnchor(frame)
    move(frame)
  }
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) move(frameOf(event))
  }
  const up = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    event.currentTarget.releasePointerCapture(event.pointerId)
    if (anchor !== undefined && Math.abs(event.clientX - startX.current) >= LEAST_DRAG) choose(anchor, frameOf(event))
    setAnchor(undefined)
  }
  const choose = (one: number, other: number) => {
    const [first, last] = [Math.min(one, other), Math.max(one, other)]
    onChoose(
      Math.max(window.fromMs, grid.fromMs + first * grid.stepMs),
      Math.min(window.toMs, grid.fromMs + (last + 1) * grid.stepMs),
    )
    setAnchor(undefined)
    setOwn(undefined)
  }
  const key = (event: KeyboardEvent<HTMLElement>) => {
    const to = KEYS[event.key]?.(at, grid.count)
    if (to !== undefined) {
      if (!onCursor) setAnchor(event.shiftKey ? (anchor ?? at) : undefined)
      move(to)
    } else if (event.key === 'Enter' && !onCursor) choose(anchor ?? at, at)
    else if (event.key === 'Escape' && anchor !== undefined) setAnchor(undefined)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const x = (ms: number) => ((ms - window.fromMs) / Math.max(1, window.toMs - window.fromMs)) * width
  const selected = rangeOf(grid, anchor ?? at, at)
  const isMarked = cursor !== undefined || own !== undefined
  return (
    <div
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label={onCursor ? 'Frame of the replay' : 'Moment of the timeline'}
      aria-describedby={help}
      aria-valuemin={1}
      aria-valuemax={grid.count}
      aria-valuenow={at + 1}
      aria-valuetext={valueText(timeline, grid, anchor, at)}
      className="group relative w-full cursor-crosshair touch-none select-none"
      style={{ height: HEIGHT }}
      onPointerDown={down}
      onPointerMove={drag}
      onPointerUp={up}
      onPointerCancel={() => setAnchor(undefined)}
      onKeyDown={key}
    >
      <span id={help} className="sr-only">
        {onCursor
          ? 'Arrow keys step through the frames.'
          : 'Arrow keys move, with Shift they choose a stretch; Enter shows that window, Escape drops the choice.'}
      </span>
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden className="block">
          <Hatches timeline={timeline} x={x} width={width} />
          <Bars timeline={timeline} x={x} />
          {/* Keys choose from the last frame on: it is marked as soon as they are here. */}
          <rect
            className={isMarked ? '' : 'opacity-0 group-focus-visible:opacity-100'}
            x={x(selected.fromMs)}
            width={Math.max(2, x(selected.toMs) - x(selected.fromMs))}
            y={0}
            height={PASSED + DENIED + 4}
            fill="var(--accent)"
            fillOpacity={0.25}
            stroke="var(--accent)"
          />
          <Axis window={window} x={x} width={width} />
        </svg>
      )}
    </div>
  )
}

const KEYS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  PageDown: (at) => at - 10,
  PageUp: (at) => at + 10,
  Home: () => 0,
  End: (_, count) => count - 1,
}

const rangeOf = ({ fromMs, stepMs }: FrameGrid, one: number, other: number): TimeRange => ({
  fromMs: fromMs + Math.min(one, other) * stepMs,
  toMs: fromMs + (Math.max(one, other) + 1) * stepMs,
})

function valueText(
  { frames, counts, window }: Timeline,
  grid: FrameGrid,
  anchor: number | undefined,
  at: number,
): string {
  const range = rangeOf(grid, anchor ?? at, at)
  const [unit] = trafficUnits(counts)
  const { passed, denied, other } = counts
    .filter((_, index) => {
      const startMs = frames.fromMs + index * frames.stepMs
      return startMs >= range.fromMs && startMs < range.toMs
    })
    .reduce(addTrafficCounts, { passed: NO_TRAFFIC, denied: NO_TRAFFIC, other: NO_TRAFFIC })
  const said = (count: TrafficCount) => trafficWords(count, unit, formatCount)
  return `${stretchText(range, window.toMs)}: ${said(passed)} passed, ${said(denied)} denied${trafficTotal(other) > 0 ? `, ${said(other)} dropped, failed or not told` : ''}`
}

function Bars({ timeline: { frames, counts }, x }: { timeline: Timeline; x(ms: number): number }) {
  const bars = counts.map(({ passed, denied, other }) => ({
    passed: trafficTotal(passed),
    denied: trafficTotal(denied),
    other: trafficTotal(other),
  }))
  const most = Math.max(1, ...bars.map(({ passed, other }) => passed + other))
  const mostDenied = Math.max(1, ...bars.map(({ denied }) => denied))
  return bars.map(({ passed, denied, other }, index) => {
    const startMs = frames.fromMs + index * frames.stepMs
    const left = Math.max(0, x(startMs))
    const wide = Math.max(1, x(startMs + frames.stepMs) - left - 1)
    const high = passed > 0 ? Math.max(1, (passed / most) * PASSED) : 0
    const top = other > 0 ? Math.max(2, (other / most) * (PASSED - high)) : 0
    const low = denied > 0 ? Math.max(3, (denied / mostDenied) * DENIED) : 0
    return (
      <g key={startMs}>
        {high > 0 && <rect x={left} y={PASSED - high} width={wide} height={high} fill="var(--text-muted)" />}
        {top > 0 && (
          <rect
            x={left + 0.5}
            y={Math.max(0.5, PASSED - high - top)}
            width={Math.max(0.5, wide - 1)}
            height={top}
            fill="none"
            stroke="var(--text-muted)"
          />
        )}
        {low > 0 && <rect x={left} y={PASSED + 2} width={wide} height={low} fill="var(--state-denied)" />}
      </g>
    )
  })
}

/** Sources that told of some of the window: what said nothing at all in it is in words alone. */
const isPart = (silence: SourceSilence, window: TimeRange): boolean =>
  silence.fromMs > window.fromMs || silence.toMs < window.toMs

function Hatches({ timeline, x, width }: { timeline: Timeline; x(ms: number): number; width: number }) {
  const id = useId()
  const { window, silences, kept } = timeline
  const high = PASSED + DENIED + 4
  const goneMs = kept.hoursMs ?? window.fromMs
  const coarseMs = Math.max(goneMs, kept.minutesMs ?? 0, kept.slotsMs ?? 0)
  return (
    <>
      <defs>
        <pattern id={`${id}-silent`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1="0" y1="0" x2="0" y2="6" stroke="var(--text-muted)" strokeWidth="1.5" strokeOpacity="0.6" />
        </pattern>
        <pattern id={`${id}-gone`} width="5" height="5" patternUnits="userSpaceOnUse">
          <circle cx="1" cy="1" r="1" fill="var(--text-muted)" fillOpacity="0.7" />
        </pattern>
      </defs>
      <rect x={0} y={0} width={width} height={high} fill="var(--bg)" />
      {coarseMs > window.fromMs && (
        <rect
          data-hatch="gone"
          x={0}
          y={0}
          width={Math.max(0, Math.min(width, x(coarseMs)))}
          height={high}
          fill={`url(#${id}-gone)`}
        />
      )}
      {silences
        .filter((silence) => isPart(silence, window))
        .map((silence) => {
          const left = Math.max(0, x(silence.fromMs))
          return (
            <rect
              key={JSON.stringify(silence)}
              data-hatch={silence.kind}
              x={left}
              y={0}
              width={Math.max(3, Math.min(width, x(silence.toMs)) - left)}
              height={high}
              fill={`url(#${id}-silent)`}
            />
          )
        })}
    </>
  )
}

/** The first label and the first of each day name their day. */
function axisText(ms: number, before: number | undefined, step: number): string {
  const time = clockText(ms, ms, step < 60_000)
  const isNewDay = before === undefined || new Date(before).toDateString() !== new Date(ms).toDateString()
  return isNewDay ? `${localTimeText(String(Math.round(ms))).slice(5, 10)} ${time}` : time
}

/** Between labels: times that a person expects on an axis. */
const TICKS_MS = [
  ...[5, 15, 30, 60, 120, 300, 600, 900, 1800].map((seconds) => seconds * 1000),
  ...[1, 2, 3, 6, 12, 24, 48, 168, 336, 672].map((hours) => hours * 3600_000),
]

/** Moments of round local time with room for their labels. */
function ticksOf(
  { fromMs, toMs }: TimeRange,
  width: number,
): { readonly moments: readonly number[]; readonly step: number } {
  const least = ((toMs - fromMs) / Math.max(1, width)) * LABEL_EVERY
  const step = TICKS_MS.find((ms) => ms >= least) ?? Math.ceil(least / 86_400_000) * 86_400_000
  const shift = -new Date(fromMs).getTimezoneOffset() * 60_000
  const first = Math.ceil((fromMs + shift) / step) * step - shift
  const count = Math.max(0, Math.ceil((toMs - first) / step))
  return { moments: Array.from({ length: count }, (_, index) => first + index * step), step }
}

function Axis({ window, x, width }: { window: TimeRange; x(ms: number): number; width: number }) {
  const { moments, step } = ticksOf(window, width)
  return moments.map((ms, index) => {
    const text = axisText(ms, index === 0 ? undefined : ms - step, step)
    const isCut = x(ms) + 3 + text.length * LABEL_CHAR > width
    return (
      <g key={ms}>
        <line x1={x(ms)} x2={x(ms)} y1={0} y2={HEIGHT} stroke="var(--border)" />
        {!isCut && (
          <text x={x(ms) + 3} y={HEIGHT - 3} fontSize={11} fill="var(--text-muted)">
            {text}
          </text>
        )}
      </g>
    )
  })
}
