'use client'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import type { ProviderRow } from '@/lib/model/provider'
import { CATEGORY_WORD, providersLike } from '@/lib/view/provider-words'
import { ProviderDetail } from './provider-detail'

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'
const CELL = 'px-3 py-1.5 align-top'

interface Props {
  readonly providers: readonly ProviderRow[]
  onEdit(row: ProviderRow): void
}

/** Providers as rows, narrowed by text, category and origin; a row opens its hosts and its allow-list. */
export function ProviderTable({ providers, onEdit }: Props) {
  const [text, setText] = useState('')
  const [category, setCategory] = useState('')
  const [only, setOnly] = useState('')
  const [open, setOpen] = useState('')
  const shown = providersLike(providers, { text, category, only })
  const categories = [...new Set(providers.map((row) => row.category))].sort()
  return (
    <section aria-labelledby="catalogue" className="grid gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <h2 id="catalogue" className="text-[15px] font-semibold">
          Catalogue
        </h2>
        <label className="flex items-center gap-2">
          Find
          <input className={`${CONTROL} w-56`} value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        <label className="flex items-center gap-2">
          Category
          <select className={CONTROL} value={category} onChange={(event) => setCategory(event.target.value)}>
            <option value="">all</option>
            {categories.map((item) => (
              <option key={item} value={item}>
                {CATEGORY_WORD[item] ?? item}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2">
          Show
          <select className={CONTROL} value={only} onChange={(event) => setOnly(event.target.value)}>
            <option value="">all</option>
            <option value="own">with entries of our own</option>
            <option value="allow-list">with an IP allow-list</option>
            <option value="rules">that a rule speaks of</option>
          </select>
        </label>
        <span className="text-(--text-muted)">
          {shown.length} of {providers.length}
        </span>
      </div>
      <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
        <table className="w-full border-collapse text-[12px]">
          <caption className="sr-only">AI providers, the hosts they are known by, and their IP allow-lists</caption>
          <thead className="text-left text-(--text-muted)">
            <tr className="border-b border-(--border)">
              {['Provider', 'Category', 'Hosts', 'IP allow-list', 'Addresses to register'].map((title) => (
                <th key={title} scope="col" className="px-3 py-2 font-medium">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Rows
                key={row.id}
                row={row}
                isOpen={open === row.id}
                onToggle={() => setOpen(open === row.id ? '' : row.id)}
                onEdit={() => onEdit(row)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p className="text-(--text-muted)">No provider is like that.</p>}
    </section>
  )
}

interface RowProps {
  readonly row: ProviderRow
  readonly isOpen: boolean
  onToggle(): void
  onEdit(): void
}

function Rows({ row, isOpen, onToggle, onEdit }: RowProps) {
  const [first, ...more] = row.hosts
  return (
    <>
      <tr className={`border-b border-(--border) last:border-b-0 ${isOpen ? 'bg-(--surface-2)' : ''}`}>
        <th scope="row" className={`${CELL} text-left font-normal`}>
          <button
            type="button"
            className="text-left text-(--accent) underline"
            aria-expanded={isOpen}
            onClick={onToggle}
          >
            {row.name}
          </button>{' '}
          {row.origin !== 'bundled' && <Chip>{row.origin === 'own' ? 'own' : 'hosts added'}</Chip>}{' '}
          {row.isDenied && <Chip>denied</Chip>}
          <span className="block font-mono text-[11px] text-(--text-muted)">{row.id}</span>
        </th>
        <td className={CELL}>{CATEGORY_WORD[row.category] ?? row.category}</td>
        <td className={`${CELL} min-w-48 font-mono text-[11px] break-all`}>
          {first?.host}
          {more.length > 0 && <span className="font-sans text-(--text-muted)"> and {more.length} more</span>}
        </td>
        <td className={CELL}>{allowListWord(row)}</td>
        <td className={`${CELL} tabular-nums`}>{row.register.length || '–'}</td>
      </tr>
      {isOpen && (
        <tr className="border-b border-(--border) last:border-b-0">
          <td colSpan={5} className="px-3 py-3">
            <ProviderDetail row={row} />
            <Button size="small" className="mt-3" onClick={onEdit}>
              {row.origin === 'bundled' ? 'Add hosts' : 'Edit'}
            </Button>
          </td>
        </tr>
      )}
    </>
  )
}

function allowListWord({ allowList }: ProviderRow): string {
  if (!allowList) return 'not known'
  return allowList.confirmed ? 'confirmed' : 'not confirmed'
}
