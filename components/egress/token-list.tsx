'use client'
import { X } from 'lucide-react'
import { type KeyboardEvent, type Ref, useId, useState } from 'react'
import { Button } from '@/components/ui/button'
import { CONTROL, type ControlProps } from '@/components/ui/form-field'

interface Props {
  readonly values: readonly string[]
  onChange(values: string[]): void
  onBlur?(): void
  readonly inputRef?: Ref<HTMLInputElement>
  readonly control: ControlProps
  /** What one of them is called: "namespace". */
  readonly noun: string
  readonly suggestions?: readonly { readonly value: string; readonly label?: string }[]
  readonly placeholder?: string
}

/**
 * A list of texts: each is added with Enter, a comma or by leaving the field, and taken away by its own button. Suggestions help
 * and bind to nothing.
 */
export function TokenList({ values, onChange, onBlur, inputRef, control, noun, suggestions = [], placeholder }: Props) {
  const [text, setText] = useState('')
  const list = useId()
  // What is suggested may be called by its name, as a provider is.
  const byLabel = (part: string): string | undefined =>
    suggestions.find(({ label }) => label?.toLowerCase() === part.toLowerCase())?.value
  const add = () => {
    const named = byLabel(text.trim())
    const parts = named === undefined ? text.split(/[,\s]+/) : [named]
    const fresh = parts.filter((part) => part !== '' && !values.includes(part))
    setText('')
    if (fresh.length > 0) onChange([...values, ...new Set(fresh)])
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ',') {
      event.preventDefault()
      add()
    } else if (event.key === 'Backspace' && text === '' && values.length > 0) onChange(values.slice(0, -1))
  }
  return (
    <div className="grid gap-1">
      {values.length > 0 && (
        <ul className="flex flex-wrap gap-1">
          {values.map((value) => (
            <li
              key={value}
              className="inline-flex items-center gap-1 rounded border border-(--border) bg-(--surface-2) py-0.5 pr-0.5 pl-1.5 font-mono text-[12px]"
            >
              <span className="max-w-[36ch] overflow-hidden text-ellipsis">{value}</span>
              <Button
                variant="ghost"
                className="size-5 px-0"
                aria-label={`Remove ${noun} ${value}`}
                onClick={() => onChange(values.filter((one) => one !== value))}
              >
                <X aria-hidden size={12} />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <input
        {...control}
        ref={inputRef}
        list={list}
        value={text}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder ?? `add a ${noun}`}
        className={CONTROL}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          add()
          onBlur?.()
        }}
      />
      <datalist id={list}>
        {suggestions
          .filter(({ value }) => !values.includes(value))
          .map(({ value, label }) => (
            <option key={value} value={value} label={label} />
          ))}
      </datalist>
    </div>
  )
}

/** Entries of a map as texts, `key=value`, and back; what has no `=` is a key with an empty value. */
export const pairsOf = (fields: Readonly<Record<string, string>> | undefined): string[] =>
  Object.entries(fields ?? {}).map(([key, value]) => `${key}=${value}`)

export const fieldsOfPairs = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

export const plain = (values: readonly string[] | undefined) => (values ?? []).map((value) => ({ value }))
