'use client'
import { ChevronLeft, ChevronRight, Clock } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { viewWindow } from '@/lib/view/graph-view'
import { localRangeText, localTimeText } from '@/lib/view/local-time'
import { isRounded, resolveTime } from '@/lib/view/times'
import { zoneText } from '@/lib/view/typed-time'
import { windowWords } from '@/lib/view/window-words'
import { recentRanges, rememberRange } from './recent-ranges'
import { TimeEnds } from './time-ends'

const RANGES = [
  ['now-5m', 'now', 'Last 5 min'],
  ['now-15m', 'now', 'Last 15 min'],
  ['now-1h', 'now', 'Last 1 h'],
  ['now-6h', 'now', 'Last 6 h'],
  ['now-24h', 'now', 'Last 24 h'],
  ['now-7d', 'now', 'Last 7 d'],
  ['now-30d', 'now', 'Last 30 d'],
  ['now/d', 'now', 'Today so far'],
  ['now-1d/d', 'now-1d/d', 'Yesterday'],
  ['now/w', 'now', 'This week so far'],
  ['now-1w/w', 'now-1w/w', 'Last week'],
  ['now/M', 'now', 'This month so far'],
] as const

interface Props {
  readonly from: string
  readonly to: string
  /** In which days begin where the window is rounded to them; '' = UTC. */
  readonly zone?: string
  onChange(part: { from: string; to: string; zone: string }): void
}

const NOWHERE = () => () => undefined

/** What the button says. A fixed window is shown in local time, which only the browser knows. */
function useWindowText(from: string, to: string, zone: string): string {
  const [fromMs, toMs] = [resolveTime(from, 0), resolveTime(to, 0)]
  const isFixed = !from.startsWith('now') && !to.startsWith('now') && fromMs !== undefined && toMs !== undefined
  const said = windowWords({ from, to, zone }, 0)
  const relative = to === 'now' || isRounded(to) ? said : 'fixed window'
  return useSyncExternalStore(
    NOWHERE,
    () => (isFixed ? localRangeText(fromMs, toMs, Date.now()) : relative),
    () => relative,
  )
}

/** The window: relative ranges, both ends by hand, a step back and forth. Text as Grafana writes it is taken as well. */
export function TimePicker({ from, to, zone = '', onChange }: Props) {
  const [isOpen, setIsOpen] = useState(false)
  // A link that rounds says in which zone: whoever opens it elsewhere sees the same window.
  const own = isRounded(from) || isRounded(to) ? zone : browserZone()
  const choose = (range: { from: string; to: string }) => {
    const rounds = isRounded(range.from) || isRounded(range.to)
    onChange({ ...range, zone: rounds ? own : '' })
    setIsOpen(false)
  }
  const step = (direction: 1 | -1) => {
    const { fromMs, toMs } = viewWindow({ from, to, zone }, Date.now())
    const by = direction * (toMs - fromMs)
    onChange({ from: String(Math.round(fromMs + by)), to: String(Math.round(toMs + by)), zone: '' })
  }
  const words = useWindowText(from, to, zone)
  return (
    <div className="flex items-center">
      <Button size="icon" variant="ghost" aria-label="One window earlier" onClick={() => step(-1)}>
        <ChevronLeft aria-hidden size={14} />
      </Button>
      <Popover open={isOpen} onOpenChange={setIsOpen}>
        <PopoverTrigger asChild>
          <Button aria-label={`Time range: ${windowWords({ from, to, zone }, 0)}`}>
            <Clock aria-hidden size={14} />
            {words}
          </Button>
        </PopoverTrigger>
        <PopoverContent className="grid w-80 gap-3" aria-label="Time range">
          <div className="grid grid-cols-2 gap-1">
            {RANGES.map(([start, end, words]) => (
              <Button
                key={words}
                size="small"
                aria-pressed={from === start && to === end}
                className={from === start && to === end ? 'border-(--accent)' : ''}
                onClick={() => choose({ from: start, to: end })}
              >
                {words}
              </Button>
            ))}
          </div>
          <Recent onChoose={choose} />
          <TimeEnds
            from={from}
            to={to}
            zone={own}
            onChoose={(range) => {
              rememberRange(range)
              choose(range)
            }}
          />
        </PopoverContent>
      </Popover>
      {to !== 'now' && (
        <>
          <Button size="icon" variant="ghost" aria-label="One window later" onClick={() => step(1)}>
            <ChevronRight aria-hidden size={14} />
          </Button>
          <Button size="small" onClick={() => onChange({ from: 'now-15m', to: 'now', zone: '' })}>
            Back to live
          </Button>
        </>
      )}
    </div>
  )
}

/** The browser's zone as a link names it. */
const browserZone = (): string => zoneText(Intl.DateTimeFormat().resolvedOptions().timeZone)

function Recent({ onChoose }: { onChoose(range: { from: string; to: string }): void }) {
  const ranges = recentRanges()
  if (ranges.length === 0) return null
  return (
    <div>
      <p className="mb-1 text-(--text-muted)">Recent</p>
      <ul className="grid gap-1">
        {ranges.map(({ from, to }) => (
          <li key={`${from} ${to}`}>
            <Button size="small" className="w-full justify-start" onClick={() => onChoose({ from, to })}>
              {localTimeText(from)} to {localTimeText(to)}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
}
