'use client'
import type { FormEvent } from 'react'
import { Button } from '@/components/ui/button'

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'
const DAY_MS = 86_400_000

/** What a form asks for, as the API takes it: days begin and end by UTC. */
export function queryOf(data: FormData): string {
  const query = new URLSearchParams()
  for (const name of ['actor', 'action', 'subject']) {
    const text = String(data.get(name) ?? '').trim()
    if (text) query.set(name, text)
  }
  const [from, to] = ['from', 'to'].map((name) => Date.parse(String(data.get(name) ?? '')))
  if (from !== undefined && !Number.isNaN(from)) query.set('from', String(from))
  if (to !== undefined && !Number.isNaN(to)) query.set('to', String(to + DAY_MS))
  return query.toString()
}

/** By who, what, to what, when; texts are beginnings. */
export function AuditFilterForm({ onSubmit }: { onSubmit: (event: FormEvent<HTMLFormElement>) => void }) {
  return (
    <form onSubmit={onSubmit} aria-label="Filter" className="flex flex-wrap items-end gap-3">
      {FIELDS.map(({ name, label, type, placeholder }) => (
        <label key={name} className="grid gap-1">
          {label}
          <input name={name} type={type} placeholder={placeholder} maxLength={300} className={CONTROL} />
        </label>
      ))}
      <Button type="submit">Show</Button>
    </form>
  )
}

const FIELDS = [
  { name: 'actor', label: 'Who', type: 'text', placeholder: 'begins with' },
  { name: 'action', label: 'What', type: 'text', placeholder: 'begins with, as token.' },
  { name: 'subject', label: 'To what', type: 'text', placeholder: 'begins with, as token/' },
  { name: 'from', label: 'From', type: 'date', placeholder: undefined },
  { name: 'to', label: 'To', type: 'date', placeholder: undefined },
] as const
