'use client'
import { useQuery } from '@tanstack/react-query'
import { type PointerEvent, useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import type { FlowHistogram } from '@/lib/model/flow-list'
import type { TimeRange } from '@/lib/model/time-range'
import { addTraffic, NO_TRAFFIC, type TrafficCount, type TrafficCounts, trafficTotal } from '@/lib/model/traffic-count'
import { formatExact } from '@/lib/view/flow-words'
import { formatDuration, formatMoment, formatSecond } from '@/lib/view/format'
import { trafficUnits, trafficWords, unitsPer } from '@/lib/view/traffic-words'

interface Props {
  readonly params: string
  /** True while the window moves and the table follows. */
  readonly isLive: boolean
  /** Narrows the view to a stretch. */
  onZoom(range: TimeRange): void
}

/** How often a window that moves is counted again. */
const AGAIN_MS = 15_000
const HEIGHT_PX = 56

/**
 * Traffic over the window in the units that it is counted in, denied below the rest, from sums: all traffic, also that of which no record is
 * kept. A stretch is chosen by dragging over it, or by its two ends with the keys.
 */
export function FlowBars({ params, isLive, onZoom }: Props) {
  const { data, error } = useQuery({
    queryKey: ['flow-bars', params],
    queryFn: () => fetchJson<FlowHistogram>(`/api/flows/histogram?${params}`),
    staleTime: 0,
    refetchInterval: isLive ? AGAIN_MS : false,
  })
  if (error) return <p role="alert">The bars could not be loaded: {error.message}</p>
  if (!data)
    return (
      <div style={{ height: HEIGHT_PX + 52 }} className="text-(--text-muted)">
        Counting …
      </div>
    )
  // The choice is of these bars: others begin without one.
  return <Bars key={`${data.window.fromMs}/${data.stepMs}`} histogram={data} onZoom={onZoom} />
}

function Bars({ histogram, onZoom }: { histogram: FlowHistogram; onZoom: Props['onZoom'] }) {
  const { window, stepMs, bars } = histogram
  const firstMs = Math.floor(window.fromMs / stepMs) * stepMs
  const count = Math.max(1, Math.ceil((window.toMs - firstMs) / stepMs))
  const [ends, setEnds] = useState<readonly [number, number]>([0, count - 1])
  const [anchor, setAnchor] = useState<number>()
  const [from, to] = [Math.min(...ends), Math.max(...ends)]
  const isChosen = from > 0 || to < count - 1
  const range = {
    fromMs: Math.max(window.fromMs, firstMs + from * stepMs),
    toMs: Math.min(window.toMs, firstMs + (to + 1) * stepMs),
  }
  const units = trafficUnits(bars)
  const said = (counted: TrafficCount) => trafficWords(counted, units[0], formatExact)
  const highest = bars.reduce((most, bar) => Math.max(most, heightOf(bar)), 1)
  const barAt = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left) / Math.max(1, box.width)
    return Math.max(0, Math.min(count - 1, Math.floor(share * count)))
  }
  const sum = (key: keyof TrafficCounts) => bars.map((bar) => bar[key]).reduce(addTraffic, NO_TRAFFIC)
  const other = sum('other')
  return (
    <div className="grid gap-1">
      <p className="flex flex-wrap items-baseline gap-x-4 text-[12px] text-(--text-muted)">
        <span>
          {unitsPer(units, formatDuration(stepMs))}, from sums: all traffic, also that of which no record is kept
        </span>
        <Key color="--state-allowed" sign="■" text={`${said(sum('passed'))} passed`} />
        <Key color="--state-denied" sign="▨" text={`${said(sum('denied'))} denied`} />
        {trafficTotal(other) > 0 && (
          <Key color="--state-none" sign="□" text={`${said(other)} dropped, failed or not told`} />
        )}
      </p>
      {/* The two ends below it are for keys. */}
      <div
        aria-hidden
        data-testid="flow-bars"
        // Where the system chooses the colours, bars of its background would be none.
        className="relative flex cursor-crosshair touch-none items-end border-b border-(--border) forced-color-adjust-none select-none"
        style={{ height: HEIGHT_PX }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          const at = barAt(event)
          setAnchor(at)
          setEnds([at, at])
        }}
        onPointerMove={(event) => anchor !== undefined && setEnds([anchor, barAt(event)])}
        onPointerUp={(event) => {
          if (anchor === undefined) return
          const at = barAt(event)
          setAnchor(undefined)
          setEnds([anchor, at])
          const [low, high] = [Math.min(anchor, at), Math.max(anchor, at)]
          // A press without a drag chooses nothing.
          if (low === high) setEnds([0, count - 1])
          else
            onZoom({
              fromMs: Math.max(window.fromMs, firstMs + low * stepMs),
              toMs: Math.min(window.toMs, firstMs + (high + 1) * stepMs),
            })
        }}
        onPointerCancel={() => setAnchor(undefined)}
      >
        {isChosen && (
          <div
            className="absolute inset-y-0 border-x border-(--accent) bg-(--accent)/10"
            style={{ left: `${(from / count) * 100}%`, width: `${((to - from + 1) / count) * 100}%` }}
          />
        )}
        {bars.map(({ startMs, ...bar }) => (
          <div
            key={startMs}
            className="absolute bottom-0 flex flex-col-reverse"
            title={`${formatMoment(startMs)}: ${said(bar.passed)} passed, ${said(bar.denied)} denied, ${said(bar.other)} dropped, failed or not told`}
            style={{
              left: `calc(${((startMs - firstMs) / stepMs / count) * 100}% + 1px)`,
              width: `calc(${100 / count}% - 2px)`,
              height: `${(heightOf(bar) / highest) * 100}%`,
              minHeight: 2,
            }}
          >
            <div
              style={{
                flex: trafficTotal(bar.denied),
                // Few among many are still to be seen.
                minHeight: trafficTotal(bar.denied) > 0 ? 4 : 0,
                background:
                  'repeating-linear-gradient(45deg, var(--state-denied) 0 3px, color-mix(in srgb, var(--state-denied) 55%, var(--surface)) 3px 5px)',
              }}
            />
            <div style={{ flex: trafficTotal(bar.passed), background: 'var(--state-allowed)' }} />
            <div style={{ flex: trafficTotal(bar.other), background: 'var(--state-none)' }} />
          </div>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[12px]">
        <End
          label="From"
          value={from}
          count={count}
          text={formatMoment(firstMs + from * stepMs)}
          onChange={(at) => setEnds([at, Math.max(at, to)])}
        />
        <End
          label="To"
          value={to}
          count={count}
          text={formatMoment(firstMs + (to + 1) * stepMs)}
          onChange={(at) => setEnds([Math.min(from, at), at])}
        />
        <Button size="small" disabled={!isChosen} onClick={() => onZoom(range)}>
          Show this stretch
        </Button>
        <Button
          size="small"
          onClick={() => {
            const half = (window.toMs - window.fromMs) / 2
            onZoom({ fromMs: Math.max(0, Math.round(window.fromMs - half)), toMs: Math.round(window.toMs + half) })
          }}
        >
          Twice as long
        </Button>
        <span className="ml-auto text-(--text-muted)">
          {formatMoment(range.fromMs)} to {formatSecond(range.toMs)}
        </span>
      </div>
    </div>
  )
}

const heightOf = ({ passed, denied, other }: TrafficCounts): number =>
  trafficTotal(passed) + trafficTotal(denied) + trafficTotal(other)

function Key({ color, sign, text }: { color: string; sign: string; text: string }) {
  return (
    <span className="whitespace-nowrap text-(--text)">
      <span aria-hidden className="forced-color-adjust-none" style={{ color: `var(${color})` }}>
        {sign}
      </span>{' '}
      {text}
    </span>
  )
}

interface EndProps {
  readonly label: string
  readonly value: number
  readonly count: number
  /** The moment that it stands for. */
  readonly text: string
  onChange(at: number): void
}

function End({ label, value, count, text, onChange }: EndProps) {
  return (
    <label className="flex items-center gap-1.5">
      {label}
      <input
        type="range"
        min={0}
        max={count - 1}
        value={value}
        aria-valuetext={text}
        className="w-32 accent-(--accent)"
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </label>
  )
}
