'use client'
import { Bookmark, Trash2 } from 'lucide-react'
import { type FormEvent, useId, useRef, useState } from 'react'
import { AskDelete } from '@/components/ui/ask-delete'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { PRESETS } from '@/lib/filter/presets'
import type { FilterMode, OwnPreset } from '@/lib/model/filter-preset'
import { LIMITS } from '@/lib/model/limits'
import { ownerWords } from '@/lib/view/owner-words'
import { MODE_WORD } from './modes'
import { useOwnPresets } from './use-own-presets'

interface Props {
  readonly mode: FilterMode
  /** The line as it is written. */
  readonly text: string
  /** True where the line asks something, and can be read. */
  readonly isReadable: boolean
  readonly isCompared: boolean
  /** An expression was chosen, for this mode. */
  onApply(mode: FilterMode, expression: string): void
}

const ENTRY =
  'flex min-w-0 flex-1 items-baseline justify-between gap-4 rounded-sm px-1.5 py-0.5 text-left hover:bg-(--surface-2)'

/** Expressions under names: those that many want, for the mode that is chosen, a person's own, and a form that keeps the line. */
export function PresetMenu({ mode, text, isReadable, isCompared, onApply }: Props) {
  const [isOpen, setIsOpen] = useState(false)
  const own = useOwnPresets(isOpen)
  const name = useRef<HTMLInputElement>(null)
  const id = useId()
  const apply = (of: FilterMode, expression: string) => {
    setIsOpen(false)
    onApply(of, expression)
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const written = String(new FormData(form).get('name') ?? '')
    own.save.mutate({ name: written, mode, expression: text.trim() }, { onSuccess: () => form.reset() })
  }
  const presets = PRESETS.filter(({ needs }) => needs !== 'comparison' || isCompared)
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button>
          <Bookmark aria-hidden size={14} /> Presets
        </Button>
      </PopoverTrigger>
      <PopoverContent
        aria-label="Presets"
        className="grid max-h-[min(78vh,44rem)] w-[min(30rem,calc(100vw-16px))] gap-2 overflow-y-auto"
      >
        <section aria-labelledby={`${id}built-in`}>
          <h2 id={`${id}built-in`} className="px-1.5 text-[12px] text-(--text-muted)">
            {MODE_WORD[mode]} …
          </h2>
          <ul className="grid">
            {presets.map(({ name, expression }) => (
              <li key={name} className="flex">
                <button type="button" className={ENTRY} onClick={() => apply(mode, expression)}>
                  {name} <Expression text={expression} />
                </button>
              </li>
            ))}
          </ul>
        </section>
        <section aria-labelledby={`${id}own`} className="border-t border-(--border) pt-2">
          <h2 id={`${id}own`} className="px-1.5 font-semibold">
            Your own
          </h2>
          {own.error && <p role="alert">{own.error}</p>}
          {own.owned?.presets.length === 0 && <p className="px-1.5 text-(--text-muted)">None yet.</p>}
          {own.owned && own.owned.presets.length > 0 && (
            <ul className="grid">
              {own.owned.presets.map((preset) => (
                <OwnPresetRow
                  key={preset.id}
                  preset={preset}
                  remove={own.remove}
                  onApply={() => apply(preset.mode, preset.expression)}
                  // The row goes, and the focus with it.
                  onGone={() => name.current?.focus()}
                />
              ))}
            </ul>
          )}
        </section>
        <form
          onSubmit={submit}
          // In sight however long the lists are.
          className="sticky -bottom-3 -mx-3 -mb-3 grid gap-1 border-t border-(--border) bg-(--surface) px-4.5 pt-2 pb-3"
        >
          <label htmlFor={`${id}name`} className="font-semibold">
            Save the line
          </label>
          {isReadable ? (
            <p className="break-words">
              {MODE_WORD[mode]} <Expression text={text.trim()} />
            </p>
          ) : (
            <p className="text-(--text-muted)">
              {text.trim() === '' ? 'Nothing is written yet.' : 'What is written cannot be read.'}
            </p>
          )}
          <div className="flex gap-2">
            <input
              ref={name}
              id={`${id}name`}
              name="name"
              required
              maxLength={LIMITS.filterPresetNameChars}
              placeholder="Name"
              className="h-7 min-w-0 flex-1 rounded-md border border-(--border) bg-(--bg) px-2"
            />
            <Button type="submit" variant="primary" disabled={own.save.isPending || !isReadable}>
              Save
            </Button>
          </div>
          {own.save.error && <p role="alert">{own.save.error.message}</p>}
          {own.owned && (
            <p className="text-[12px] text-(--text-muted)">
              Without window and filters, {ownerWords(own.owned.owner)}.
            </p>
          )}
        </form>
      </PopoverContent>
    </Popover>
  )
}

interface RowProps {
  readonly preset: OwnPreset
  readonly remove: ReturnType<typeof useOwnPresets>['remove']
  onApply(): void
  onGone(): void
}

/** One of a person's presets: used in its mode, or deleted after asking. */
function OwnPresetRow({ preset: { id, name, mode, expression }, remove, onApply, onGone }: RowProps) {
  const [isAsking, setIsAsking] = useState(false)
  if (isAsking)
    return (
      <li className="flex flex-wrap items-center gap-1 px-1.5 py-0.5">
        <AskDelete
          question={`Delete “${name}”?`}
          isPending={remove.isPending}
          error={remove.error?.message}
          onDelete={() => remove.mutate(id, { onSuccess: onGone })}
          onKeep={() => setIsAsking(false)}
        />
      </li>
    )
  return (
    <li className="flex items-center">
      <button type="button" className={ENTRY} onClick={onApply}>
        <span className="min-w-0 break-words">{name}</span>
        <span className="min-w-0 text-right break-words">
          {MODE_WORD[mode]} <Expression text={expression} />
        </span>
      </button>
      <Button size="icon" variant="ghost" aria-label={`Delete ${name}`} onClick={() => setIsAsking(true)}>
        <Trash2 aria-hidden size={13} />
      </Button>
    </li>
  )
}

const Expression = ({ text }: { readonly text: string }) => (
  <span className="min-w-0 font-mono text-[12px] [overflow-wrap:anywhere] text-(--text-muted)">{text}</span>
)
