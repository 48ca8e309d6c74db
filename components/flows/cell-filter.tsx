'use client'
import { ListFilter } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState } from 'react'
import { type ChipField, type ChipSide, chipOf, type FilterChip } from '@/lib/model/filter-chip'

interface Props {
  /** What the cell is about, the most particular first; each is offered. */
  readonly terms: readonly { readonly field: ChipField; readonly value: string }[]
  readonly side: ChipSide
  /** False: reached by the pointer alone, until its row is the one that keys walk. */
  readonly isInTabOrder: boolean
  onFilter(chip: FilterChip): void
}

const SIDE_WORD: Readonly<Record<ChipSide, string>> = {
  source: 'source',
  destination: 'destination',
  either: 'either end',
}

/** A small menu beside a value: only this, or all but this. The menu itself is made when it is opened: a table has hundreds of cells. */
export function CellFilter({ terms, side, isInTabOrder, onFilter }: Props) {
  const [isOpen, setIsOpen] = useState(false)
  const [first] = terms
  if (!first) return null
  const button = (
    <button
      type="button"
      tabIndex={isInTabOrder ? 0 : -1}
      aria-label={`Filter by ${first.field} ${first.value}`}
      aria-haspopup="menu"
      title="Filter by this"
      className="inline-grid size-5 shrink-0 place-items-center rounded text-(--text-muted) opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:bg-(--surface-2) hover:text-(--text) focus-visible:opacity-100 data-[state=open]:opacity-100"
      onClick={() => setIsOpen(true)}
    >
      <ListFilter aria-hidden size={13} />
    </button>
  )
  if (!isOpen) return button
  return (
    <DropdownMenu.Root open onOpenChange={setIsOpen}>
      <DropdownMenu.Trigger asChild>{button}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="start"
          collisionPadding={8}
          className="z-50 max-h-80 min-w-44 max-w-96 overflow-y-auto rounded-md border border-(--border) bg-(--surface) p-1 shadow-lg"
        >
          {terms.map(({ field, value }) => (
            <DropdownMenu.Group key={`${field} ${value}`}>
              <DropdownMenu.Label className="truncate px-2 pt-1.5 pb-0.5 text-[12px] text-(--text-muted)">
                {field} {value}
              </DropdownMenu.Label>
              <Choice
                text={side === 'either' ? 'Only this' : `Only this as ${SIDE_WORD[side]}`}
                onChoose={() => onFilter(chipOf(side, field, value))}
              />
              {side !== 'either' && (
                <Choice text="Only this, at either end" onChoose={() => onFilter(chipOf('either', field, value))} />
              )}
              <Choice
                text={side === 'either' ? 'Not this' : `Not this as ${SIDE_WORD[side]}`}
                onChoose={() => onFilter(chipOf(side, field, value, true))}
              />
            </DropdownMenu.Group>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function Choice({ text, onChoose }: { text: string; onChoose: () => void }) {
  return (
    <DropdownMenu.Item
      onSelect={onChoose}
      className="cursor-default rounded px-2 py-1 outline-none data-[highlighted]:bg-(--surface-2)"
    >
      {text}
    </DropdownMenu.Item>
  )
}
