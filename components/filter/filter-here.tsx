'use client'
import { ListFilter } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from '@/components/ui/menu'
import type { FilterTerm } from '@/lib/filter/chips-of-node'
import { hasSide } from '@/lib/filter/edit-chips'
import { type ChipSide, chipOf, type FilterChip } from '@/lib/model/filter-chip'
import { CHIP_FIELD_WORD, chipValueWord } from '@/lib/view/chip-words'

interface Props {
  /** What the cell or the node is about, the most particular first; each is offered. At least one (`termsOfNode`, `termsOfPort`). */
  readonly terms: readonly FilterTerm[]
  /** The side that a cell stands on; `either` for a node, and for what is of no side. */
  readonly side: ChipSide
  /** Quiet until the row is under the pointer or has the focus: the row needs the class `group`. */
  readonly isQuiet?: boolean
  /** False: reached by the pointer alone, such as in rows that keys do not walk. */
  readonly isInTabOrder?: boolean
  /** Gets the chip that was chosen; `addChip` (lib/filter/edit-chips.ts) puts it into a view. */
  onFilter(chip: FilterChip): void
}

/** A small menu where a value stands: filter by it, by anything but it, or by it as source or destination. */
export function FilterHere({ terms, side, isQuiet = false, isInTabOrder = true, onFilter }: Props) {
  const [isOpen, setIsOpen] = useState<boolean>()
  const [first] = terms
  if (!first) return null
  const button = (
    <button
      type="button"
      tabIndex={isInTabOrder ? undefined : -1}
      aria-label={`Filter by ${termWords(first)}`}
      aria-haspopup="menu"
      title="Filter by this"
      {...(isOpen === undefined && { onClick: () => setIsOpen(true) })}
      className={`inline-grid size-5 shrink-0 align-middle place-items-center rounded text-(--text-muted) hover:bg-(--surface-2) hover:text-(--text) ${
        isQuiet
          ? '-my-1 -mr-5 bg-(--surface-2) opacity-0 group-hover:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100'
          : ''
      }`}
    >
      <ListFilter aria-hidden size={13} />
    </button>
  )
  // The menu itself is made when it is first opened: a table has thousands of cells. Then it stays, so that the focus comes back.
  if (isOpen === undefined) return button
  return (
    <Menu open={isOpen} onOpenChange={setIsOpen}>
      <MenuTrigger asChild>{button}</MenuTrigger>
      <MenuContent>
        {terms.map((term) => (
          <div key={`${term.field} ${term.value}`}>
            <MenuLabel title={termWords(term)}>{termWords(term)}</MenuLabel>
            {choicesOf(term, side).map(({ text, chip }) => (
              <MenuItem key={text} onSelect={() => onFilter(chip)}>
                {text}
              </MenuItem>
            ))}
          </div>
        ))}
      </MenuContent>
    </Menu>
  )
}

const termWords = ({ field, value }: FilterTerm): string => `${CHIP_FIELD_WORD[field]} ${chipValueWord(field, value)}`

interface Choice {
  readonly text: string
  readonly chip: FilterChip
}

function choicesOf({ field, value }: FilterTerm, side: ChipSide): readonly Choice[] {
  if (!hasSide(field))
    return [
      { text: 'Only this', chip: chipOf('either', field, value) },
      { text: 'Not this', chip: chipOf('either', field, value, true) },
    ]
  return [
    { text: 'Only this, at either end', chip: chipOf('either', field, value) },
    { text: 'As source', chip: chipOf('source', field, value) },
    { text: 'As destination', chip: chipOf('destination', field, value) },
    {
      text: side === 'either' ? 'Not this, at either end' : `Not this as ${side}`,
      chip: chipOf(side, field, value, true),
    },
  ]
}
