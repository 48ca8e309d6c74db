'use client'
import { type FormEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { localTimeText } from '@/lib/view/local-time'
import { resolveTime } from '@/lib/view/times'
import { localClock, typedTime } from '@/lib/view/typed-time'

interface Props {
  readonly from: string
  readonly to: string
  readonly zone: string
  onChoose(range: { from: string; to: string }): void
}

const FIELDS = [
  ['from', 'From'],
  ['to', 'To'],
] as const

/** Both ends of a window by hand: local times, words, or Grafana's relative text. */
export function TimeEnds({ from, to, zone, onChoose }: Props) {
  const [problem, setProblem] = useState('')
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const nowMs = Date.now()
    const clock = localClock(nowMs)
    const [start, end] = FIELDS.map(([name], index) =>
      typedTime(String(data.get(name) ?? ''), index === 1, nowMs, clock),
    )
    if (start === undefined || end === undefined)
      return setProblem('Write a time as 2026-11-24 13:05, now-6h, now-1d/d, yesterday, or monday 14:00.')
    const startMs = resolveTime(start, nowMs, { zone }) ?? nowMs
    const endMs = resolveTime(end, nowMs, { zone, isEnd: true }) ?? nowMs
    if (startMs >= endMs) return setProblem('The start must lie before the end.')
    onChoose({ from: start, to: end })
  }
  const texts = { from: localTimeText(from), to: localTimeText(to) }
  return (
    <form onSubmit={submit} className="grid gap-2">
      {FIELDS.map(([name, label]) => (
        <label key={name} className="grid grid-cols-[3rem_1fr] items-center gap-2">
          {label}
          <input
            name={name}
            defaultValue={texts[name]}
            autoComplete="off"
            className="rounded-md border border-(--border) bg-(--bg) px-2 py-1"
          />
        </label>
      ))}
      <p className="text-(--text-muted)">Times in {zone || Intl.DateTimeFormat().resolvedOptions().timeZone}</p>
      {problem && <p role="alert">{problem}</p>}
      <Button type="submit" variant="primary">
        Show this window
      </Button>
    </form>
  )
}
