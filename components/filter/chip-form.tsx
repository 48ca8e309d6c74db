'use client'
import { useEffect, useId, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { hasSide } from '@/lib/filter/edit-chips'
import type { FieldName } from '@/lib/filter/fields'
import { CHIP_FIELDS, CHIP_SIDES, type ChipSide, type FilterChip, MAX_VALUES } from '@/lib/model/filter-chip'
import { CHIP_FIELD_WORD } from '@/lib/view/chip-words'

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'
const SIDE_WORD: Readonly<Record<ChipSide, string>> = {
  source: 'source',
  destination: 'destination',
  either: 'either end',
}

interface Props {
  /** What the form begins with. */
  readonly chip: FilterChip
  valuesOf(field: FieldName): readonly string[]
  onDone(chip: FilterChip): void
  onCancel(): void
}

/** A chip as a line of fields: whose, what, is or is not, and values, which the graph on screen suggests. */
export function ChipForm({ chip, valuesOf, onDone, onCancel }: Props) {
  const [draft, setDraft] = useState(chip)
  const [text, setText] = useState(chip.values.join(', '))
  const list = useId()
  const field = useRef<HTMLInputElement>(null)
  // A person opened the form to write here.
  useEffect(() => field.current?.focus(), [])
  // Nothing but a part of a name has commas in it.
  const values = (draft.field === 'text' ? [text] : text.split(',')).map((value) => value.trim()).filter(Boolean)
  return (
    <form
      aria-label="Filter"
      className="flex flex-wrap items-center gap-1.5"
      onSubmit={(event) => {
        event.preventDefault()
        if (values.length > 0)
          onDone({ ...draft, values: values.slice(0, MAX_VALUES), ...(!hasSide(draft.field) && { side: 'either' }) })
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel()
      }}
    >
      {hasSide(draft.field) && (
        <select
          aria-label="Of which end"
          className={CONTROL}
          value={draft.side}
          onChange={(event) =>
            setDraft({ ...draft, side: CHIP_SIDES.find((one) => one === event.target.value) ?? 'either' })
          }
        >
          {CHIP_SIDES.map((side) => (
            <option key={side} value={side}>
              {SIDE_WORD[side]}
            </option>
          ))}
        </select>
      )}
      <select
        aria-label="What"
        className={CONTROL}
        value={draft.field}
        onChange={(event) =>
          setDraft({ ...draft, field: CHIP_FIELDS.find((one) => one === event.target.value) ?? 'namespace' })
        }
      >
        {CHIP_FIELDS.map((field) => (
          <option key={field} value={field}>
            {CHIP_FIELD_WORD[field]}
          </option>
        ))}
      </select>
      <select
        aria-label="Is or is not"
        className={CONTROL}
        value={draft.isNegated ? 'not' : 'is'}
        onChange={(event) => setDraft({ ...draft, isNegated: event.target.value === 'not' })}
      >
        <option value="is">{draft.field === 'text' ? 'contains' : 'is'}</option>
        <option value="not">{draft.field === 'text' ? 'does not contain' : 'is not'}</option>
      </select>
      <input
        ref={field}
        aria-label="Values, with commas between them"
        placeholder="value, value"
        className={`${CONTROL} w-56`}
        list={list}
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <datalist id={list}>
        {valuesOf(draft.field).map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
      <Button type="submit" variant="primary" disabled={values.length === 0}>
        Apply
      </Button>
      <Button variant="ghost" onClick={onCancel}>
        Cancel
      </Button>
    </form>
  )
}
