'use client'
import { ArrowLeftRight, ArrowRightLeft, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '@/components/ui/menu'
import { changeChip, hasSide, removeChip, swapSides } from '@/lib/filter/edit-chips'
import type { FieldName } from '@/lib/filter/fields'
import { splitHops } from '@/lib/filter/focus-text'
import { type AskedOf, readFilter } from '@/lib/filter/read-filter'
import { CHIP_SIDES, type ChipSide, chipText, type FilterChip } from '@/lib/model/filter-chip'
import { chipWords } from '@/lib/view/chip-words'
import type { GraphView } from '@/lib/view/graph-view'
import { ChipForm } from './chip-form'

interface Props {
  readonly view: GraphView
  /** What can be known of the graph. */
  readonly asked: AskedOf
  valuesOf(field: FieldName): readonly string[]
  change(part: Partial<GraphView>): void
  /** Puts the caret into the expression of a mode. */
  onEdit(mode: 'hide' | 'focus'): void
  /** What had the focus went: somebody has to take it. */
  onGone(): void
}

const SIDE_ENTRY: Readonly<Record<ChipSide, string>> = {
  source: 'As source',
  destination: 'As destination',
  either: 'At either end',
}

/** Everything that narrows the drawing, each with its menu; what they say together can be swapped, asked both ways, or cleared. */
export function ChipRow({ view, asked, valuesOf, change, onEdit, onGone }: Props) {
  const { chips, isBothWays } = view
  const [edited, setEdited] = useState<number>()
  const put = (next: readonly FilterChip[]) => change({ chips: next, ...(next.length === 0 && { isBothWays: false }) })
  const count = chips.length + (view.hide ? 1 : 0) + (view.focus ? 1 : 0)
  const counted = useRef(count)
  useEffect(() => {
    const isLess = count < counted.current
    counted.current = count
    if (isLess && document.activeElement === document.body) onGone()
  }, [count, onGone])
  const isDirected = chips.some((chip) => chip.side !== 'either')
  if (count === 0) return null
  const open = edited === undefined ? undefined : chips[edited]
  return (
    <fieldset className="flex flex-wrap items-center gap-1.5">
      <legend className="sr-only">Filters that apply</legend>
      {chips.map((chip, at) => {
        // A chip that changes stays where it is, and the focus with it.
        const place = `chip ${at}`
        return (
          <ChipMenu
            key={place}
            chip={chip}
            isBothWays={isBothWays}
            onChange={(part) => put(changeChip(chips, at, part))}
            onEdit={() => setEdited(at)}
            onRemove={() => {
              setEdited(undefined)
              put(removeChip(chips, at))
            }}
          />
        )
      })}
      {(['hide', 'focus'] as const).map(
        (mode) =>
          view[mode] && (
            <ExpressionPill
              key={mode}
              mode={mode}
              text={view[mode]}
              asked={asked}
              onEdit={() => onEdit(mode)}
              onRemove={() => {
                change({ [mode]: '' })
              }}
            />
          ),
      )}
      {isDirected && (
        <>
          <Button size="small" title="Exchange source and destination" onClick={() => put(swapSides(chips))}>
            <ArrowRightLeft aria-hidden size={13} /> Swap
          </Button>
          <Button
            size="small"
            aria-pressed={isBothWays}
            className={isBothWays ? 'border-(--accent)' : ''}
            title="Between these ends, whichever calls"
            onClick={() => change({ isBothWays: !isBothWays })}
          >
            <ArrowLeftRight aria-hidden size={13} /> Both ways
          </Button>
        </>
      )}
      <Button
        size="small"
        variant="ghost"
        onClick={() => {
          setEdited(undefined)
          change({ chips: [], isBothWays: false, hide: '', focus: '' })
        }}
      >
        Clear all
      </Button>
      {open && edited !== undefined && (
        <ChipForm
          key={chipText(open)}
          chip={open}
          valuesOf={valuesOf}
          onCancel={() => setEdited(undefined)}
          onDone={(chip) => {
            setEdited(undefined)
            put(changeChip(chips, edited, chip))
          }}
        />
      )}
    </fieldset>
  )
}

const PILL = 'inline-flex h-6 max-w-96 items-stretch rounded-md border border-(--border) bg-(--surface) text-[12px]'

interface ChipMenuProps {
  readonly chip: FilterChip
  readonly isBothWays: boolean
  onChange(part: Partial<FilterChip>): void
  onEdit(): void
  onRemove(): void
}

function ChipMenu({ chip, isBothWays, onChange, onEdit, onRemove }: ChipMenuProps) {
  const words = chipWords(chip, isBothWays)
  return (
    <span
      className={`${PILL} ${chip.isDisabled ? 'border-dashed text-(--text-muted)' : ''}`}
      data-chip={chipText(chip)}
    >
      <Menu>
        <MenuTrigger className="truncate rounded-l-md px-1.5 hover:bg-(--surface-2)" title={words}>
          <span className={chip.isDisabled ? 'line-through' : ''}>{words}</span>
          {chip.isDisabled && <span className="sr-only">, not applied</span>}
        </MenuTrigger>
        <MenuContent>
          <MenuItem onSelect={onEdit}>Edit …</MenuItem>
          {hasSide(chip.field) &&
            CHIP_SIDES.filter((side) => side !== chip.side).map((side) => (
              <MenuItem key={side} onSelect={() => onChange({ side })}>
                {SIDE_ENTRY[side]}
              </MenuItem>
            ))}
          <MenuItem onSelect={() => onChange({ isNegated: !chip.isNegated })}>
            {chip.isNegated ? 'Only this' : 'Anything but this'}
          </MenuItem>
          <MenuItem onSelect={() => onChange({ isDisabled: !chip.isDisabled })}>
            {chip.isDisabled ? 'Enable' : 'Disable'}
          </MenuItem>
          <MenuSeparator />
          <MenuItem onSelect={onRemove}>Remove</MenuItem>
        </MenuContent>
      </Menu>
      <Remove label={`Remove the filter: ${words}`} onRemove={onRemove} />
    </span>
  )
}

interface PillProps {
  readonly mode: 'hide' | 'focus'
  readonly text: string
  readonly asked: AskedOf
  onEdit(): void
  onRemove(): void
}

function ExpressionPill({ mode, text, asked, onEdit, onRemove }: PillProps) {
  const word = mode === 'hide' ? 'Hide' : 'Focus'
  const { error } = readFilter(mode === 'focus' ? splitHops(text).expression : text, asked)
  return (
    <span className={`${PILL} ${error ? 'border-dashed' : ''}`} data-pill={mode}>
      <button
        type="button"
        className="truncate rounded-l-md px-1.5 hover:bg-(--surface-2)"
        title={text}
        onClick={onEdit}
      >
        {word}: <span className="font-mono">{text}</span>
        {error && <strong> – not applied, {error.needs ? 'nothing is compared' : 'it cannot be read'}</strong>}
      </button>
      <Remove label={`Remove: ${word} ${text}`} onRemove={onRemove} />
    </span>
  )
}

function Remove({ label, onRemove }: { label: string; onRemove(): void }) {
  return (
    <button
      type="button"
      aria-label={label}
      className="grid w-6 shrink-0 place-items-center rounded-r-md border-l border-(--border) hover:bg-(--surface-2)"
      onClick={onRemove}
    >
      <X aria-hidden size={12} />
    </button>
  )
}
