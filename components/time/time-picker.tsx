'use client'
import { ChevronLeft, ChevronRight, Clock } from 'lucide-react'
import { type FormEvent, useState, useSyncExternalStore } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { resolveTime } from '@/lib/view/graph-view'
import { localRangeText, localTimeText } from '@/lib/view/local-time'
import { windowWords } from '@/lib/view/window-words'

const RANGES = [
  ['now-5m', 'Last 5 min'],
  ['now-15m', 'Last 15 min'],
  ['now-1h', 'Last 1 h'],
  ['now-6h', 'Last 6 h'],
  ['now-24h', 'Last 24 h'],
  ['now-7d', 'Last 7 d'],
  ['now-30d', 'Last 30 d'],
] as const

interface Props {
  readonly from: string
  readonly to: string
  onChange(part: { from: string; to: string }): void
}

const NOWHERE = () => () => undefined

/** What the button says. A fixed window is shown in local time, which only the browser knows. */
function useWindowText(from: string, to: string): string {
  const [fromMs, toMs] = [resolveTime(from, 0), resolveTime(to, 0)]
  const isFixed = !from.startsWith('now') && !to.startsWith('now') && fromMs !== undefined && toMs !== undefined
  const relative = to === 'now' ? windowWords({ from, to }, 0) : 'fixed window'
  return useSyncExternalStore(
    NOWHERE,
    () => (isFixed ? localRangeText(fromMs, toMs) : relative),
    () => relative,
  )
}

/** The window: relative ranges, both ends by hand, a step back and forth. Text as Grafana writes it is taken as well. */
export function TimePicker({ from, to, onChange }: Props) {
  const [isOpen, setIsOpen] = useState(false)
  const choose = (range: { from: string; to: string }) => {
    onChange(range)
    setIsOpen(false)
  }
  const step = (direction: 1 | -1) => {
    const nowMs = Date.now()
    const [start, end] = [resolveTime(from, nowMs) ?? nowMs, resolveTime(to, nowMs) ?? nowMs]
    const by = direction * (end - start)
    onChange({ from: String(Math.round(start + by)), to: String(Math.round(end + by)) })
  }
  const words = useWindowText(from, to)
  return (
    <div className="flex items-center">
      <Button size="icon" variant="ghost" aria-label="One window earlier" onClick={() => step(-1)}>
        <ChevronLeft aria-hidden size={14} />
      </Button>
      <Popover open={isOpen} onOpenChange={setIsOpen}>
        <PopoverTrigger asChild>
          <Button aria-label={`Time range: ${windowWords({ from, to }, 0)}`}>
            <Clock aria-hidden size={14} />
            {words}
          </Button>
        </PopoverTrigger>
        <PopoverContent className="grid w-80 gap-3" aria-label="Time range">
          <div className="grid grid-cols-2 gap-1">
            {RANGES.map(([range, words]) => (
              <Button
                key={range}
                size="small"
                aria-pressed={from === range && to === 'now'}
                className={from === range && to === 'now' ? 'border-(--accent)' : ''}
                onClick={() => choose({ from: range, to: 'now' })}
              >
                {words}
              </Button>
            ))}
          </div>
          <Ends from={from} to={to} onChoose={choose} />
        </PopoverContent>
      </Popover>
      {to !== 'now' && (
        <>
          <Button size="icon" variant="ghost" aria-label="One window later" onClick={() => step(1)}>
            <ChevronRight aria-hidden size={14} />
          </Button>
          <Button size="small" onClick={() => onChange({ from: 'now-15m', to: 'now' })}>
            Back to live
          </Button>
        </>
      )}
    </div>
  )
}

function Ends({
  from,
  to,
  onChoose,
}: {
  from: string
  to: string
  onChoose(range: { from: string; to: string }): void
}) {
  const [problem, setProblem] = useState('')
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const [start, end] = ['from', 'to'].map((name) => String(data.get(name) ?? '').trim())
    const nowMs = Date.now()
    const [startMs, endMs] = [endOf(start), endOf(end)]
    if (startMs === undefined || endMs === undefined) setProblem('Write a time as 2026-11-24 13:05, or as now-6h.')
    else if (resolved(startMs, nowMs) >= resolved(endMs, nowMs)) setProblem('The start must lie before the end.')
    else onChoose({ from: startMs, to: endMs })
  }
  return (
    <form onSubmit={submit} className="grid gap-2">
      {[
        ['from', 'From', from],
        ['to', 'To', to],
      ].map(([name, label, value]) => (
        <label key={name} className="grid grid-cols-[3rem_1fr] items-center gap-2">
          {label}
          <input
            name={name}
            defaultValue={localTimeText(value ?? '')}
            className="rounded-md border border-(--border) bg-(--bg) px-2 py-1"
          />
        </label>
      ))}
      <p className="text-(--text-muted)">Times in {Intl.DateTimeFormat().resolvedOptions().timeZone}</p>
      {problem && <p role="alert">{problem}</p>}
      <Button type="submit" variant="primary">
        Show this window
      </Button>
    </form>
  )
}

/** What a person wrote, as the URL keeps it: relative text as it is, local times as epoch milliseconds. */
function endOf(text: string | undefined): string | undefined {
  if (!text) return undefined
  if (resolveTime(text, 0) !== undefined && !/^\d{4}-/.test(text)) return text
  const local = Date.parse(text.replace(' ', 'T'))
  return Number.isFinite(local) ? String(local) : undefined
}

const resolved = (text: string, nowMs: number): number => resolveTime(text, nowMs) ?? nowMs
