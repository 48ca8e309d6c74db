'use client'
import { ArrowDown, ArrowUp, Columns3, GripVertical } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { found, moved, presetOf, type TableLook, toggled } from './column-prefs'
import { COLUMNS, type ColumnId, columnOf, isColumn, PRESETS } from './flow-columns'

interface Props {
  readonly look: TableLook
  onChange(look: TableLook): void
}

const titleOf = (id: ColumnId): string => columnOf(id)?.title ?? id

/** Which columns are shown, and in which order: presets, a search, a list that is ordered by drag or by its buttons. */
export function ColumnChooser({ look, onChange }: Props) {
  const [text, setText] = useState('')
  const [said, setSaid] = useState('')
  const list = useRef<HTMLOListElement>(null)
  const focused = useRef('')
  // A list item that changes its place loses the focus of what is in it.
  useEffect(() => {
    const label = focused.current
    focused.current = ''
    if (label) list.current?.querySelector<HTMLElement>(`[data-move="${label}"]`)?.focus()
  })
  const set = (columns: readonly ColumnId[], words: string) => {
    setSaid(words)
    onChange({ ...look, columns })
  }
  const move = (id: ColumnId, to: number) => {
    const columns = moved(look.columns, id, to)
    set(columns, `${titleOf(id)} is column ${columns.indexOf(id) + 1} of ${columns.length}.`)
  }
  const matching = found(text)
  const hidden = matching.filter((id) => !look.columns.includes(id))
  const groups = [...new Set(COLUMNS.map(({ group }) => group))]
  const preset = presetOf(look.columns)
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <Columns3 aria-hidden size={14} />
          Columns
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label="Columns" className="flex max-h-[70vh] w-96 flex-col gap-2">
        <fieldset className="flex flex-wrap gap-1">
          <legend className="mb-1 text-(--text-muted)">Sets of columns</legend>
          {Object.entries(PRESETS).map(([name, columns]) => (
            <Button
              key={name}
              size="small"
              aria-pressed={preset === name}
              className={preset === name ? 'border-(--accent)' : ''}
              onClick={() => set(columns, `The columns of ${name} are shown.`)}
            >
              {name}
            </Button>
          ))}
        </fieldset>
        <input
          aria-label="Search columns"
          placeholder="Search columns …"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="h-7 flex-none rounded-md border border-(--border) bg-(--bg) px-2"
        />
        <div className="min-h-0 overflow-y-auto">
          <h2 className="text-[12px] text-(--text-muted)">Shown, in this order</h2>
          <ol ref={list} aria-label="Columns that are shown">
            {look.columns.map((id, at) =>
              matching.includes(id) ? (
                <li
                  key={id}
                  draggable
                  onDragStart={(event) => event.dataTransfer.setData('text/plain', id)}
                  onDragOver={(event) => event.preventDefault()}
                  onDrop={(event) => {
                    event.preventDefault()
                    const dragged = event.dataTransfer.getData('text/plain')
                    if (isColumn(dragged)) move(dragged, at)
                  }}
                  className="flex items-center gap-1 rounded px-1 hover:bg-(--surface-2)"
                >
                  <GripVertical aria-hidden size={14} className="flex-none cursor-grab text-(--text-muted)" />
                  <label className="flex min-w-0 flex-1 items-center gap-2 py-1">
                    <input
                      type="checkbox"
                      checked
                      onChange={() => set(toggled(look.columns, id), `${titleOf(id)} is hidden.`)}
                    />
                    <span className="truncate">{titleOf(id)}</span>
                  </label>
                  {(
                    [
                      ['up', at - 1, ArrowUp],
                      ['down', at + 1, ArrowDown],
                    ] as const
                  ).map(([way, to, Icon]) => (
                    <Button
                      key={way}
                      size="icon"
                      variant="ghost"
                      className="size-6"
                      data-move={`${id} ${way}`}
                      aria-label={`Move ${titleOf(id)} ${way}`}
                      aria-disabled={to < 0 || to >= look.columns.length}
                      onClick={() => {
                        focused.current = `${id} ${way}`
                        move(id, to)
                      }}
                    >
                      <Icon aria-hidden size={13} />
                    </Button>
                  ))}
                </li>
              ) : null,
            )}
          </ol>
          {groups.map((group) => {
            const own = hidden.filter((id) => columnOf(id)?.group === group)
            return (
              own.length > 0 && (
                <fieldset key={group} className="mt-2">
                  <legend className="text-[12px] text-(--text-muted)">{group}</legend>
                  {own.map((id) => (
                    <label key={id} className="flex items-center gap-2 rounded px-1 py-1 hover:bg-(--surface-2)">
                      <input
                        type="checkbox"
                        checked={false}
                        onChange={() => set(toggled(look.columns, id), `${titleOf(id)} is shown.`)}
                      />
                      {titleOf(id)}
                    </label>
                  ))}
                </fieldset>
              )
            )
          })}
          {matching.length === 0 && <p className="py-2">No column is called so.</p>}
        </div>
        <p aria-live="polite" className="sr-only">
          {said}
        </p>
      </PopoverContent>
    </Popover>
  )
}
