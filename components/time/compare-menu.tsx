'use client'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { type GraphView, viewWindow } from '@/lib/view/graph-view'
import { resolveTime } from '@/lib/view/times'
import { localClock, typedTime } from '@/lib/view/typed-time'

interface Props {
  readonly view: GraphView
  readonly children: ReactNode
  onCompare(fromMs: number, toMs: number, againstMs: number): void
}

const DAY_MS = 86_400_000
const CHOICES: readonly { readonly words: string; readonly back: (lengthMs: number) => number }[] = [
  { words: 'The window before', back: (lengthMs) => lengthMs },
  { words: 'The same time yesterday', back: () => DAY_MS },
  { words: 'The same time a week ago', back: () => 7 * DAY_MS },
]

/** What the window is compared with: the one before, the same time earlier, or any of the same length. A moving window is held still. */
export function CompareMenu({ view, children, onCompare }: Props) {
  const [isOpen, setIsOpen] = useState(false)
  const [problem, setProblem] = useState('')
  const compare = (startOf: (fromMs: number, lengthMs: number) => number) => {
    const { fromMs, toMs } = viewWindow(view, Date.now())
    const [from, to] = [Math.round(fromMs), Math.round(toMs)]
    onCompare(from, to, startOf(from, to - from))
    setIsOpen(false)
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const nowMs = Date.now()
    const written = String(new FormData(event.currentTarget).get('start') ?? '')
    const text = typedTime(written, false, nowMs, localClock(nowMs))
    const startMs = text === undefined ? undefined : resolveTime(text, nowMs, { zone: view.zone })
    if (startMs === undefined) setProblem('Write a time as 2026-11-24 13:05, yesterday 14:00, or now-6h.')
    else compare(() => Math.round(startMs))
  }
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>{children}</PopoverTrigger>
      <PopoverContent className="grid w-72 gap-2" aria-label="Compare this window with another">
        <p className="text-(--text-muted)">Compare this window with</p>
        {CHOICES.map(({ words, back }) => (
          <Button key={words} onClick={() => compare((fromMs, lengthMs) => fromMs - back(lengthMs))}>
            {words}
          </Button>
        ))}
        <form onSubmit={submit} className="grid gap-2 border-t border-(--border) pt-2">
          <label className="grid gap-1">
            One of the same length that begins at
            <input
              name="start"
              placeholder="yesterday 14:00"
              className="rounded-md border border-(--border) bg-(--bg) px-2 py-1"
            />
          </label>
          {problem && <p role="alert">{problem}</p>}
          <Button type="submit">Compare with it</Button>
        </form>
      </PopoverContent>
    </Popover>
  )
}
