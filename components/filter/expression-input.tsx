'use client'
import { type KeyboardEvent, type RefObject, useId, useState } from 'react'
import { type Candidate, complete } from '@/lib/filter/complete'
import type { FieldName } from '@/lib/filter/fields'
import { type AskedOf, noticeOf, readFilter } from '@/lib/filter/read-filter'
import { LIMITS } from '@/lib/model/limits'

interface Props {
  readonly input: RefObject<HTMLInputElement | null>
  readonly label: string
  readonly placeholder: string
  readonly text: string
  /** What of the text is an expression: `focus` has its hops behind it. */
  readonly expression: string
  /** What can be known of the graph that it is asked of. */
  readonly asked: AskedOf
  valuesOf(field: FieldName): readonly string[]
  onWrite(text: string): void
  /** Enter was pressed on what is written. */
  onEnter(isBackwards: boolean): void
  onLeave(): void
}

/** A line for an expression: completes fields, operators and values of the graph, and says under the caret what cannot be read. */
export function ExpressionInput(props: Props) {
  const { input, label, placeholder, text, expression, asked, valuesOf, onWrite, onEnter, onLeave } = props
  const id = useId()
  const [caret, setCaret] = useState(0)
  const [isOpen, setIsOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const [scrolled, setScrolled] = useState(0)
  const completion = isOpen ? complete(text, Math.min(caret, text.length), valuesOf) : undefined
  const candidates = completion?.candidates ?? []
  const { ast, error } = readFilter(expression, asked)
  const said = error ?? noticeOf(ast, asked)
  // What is not finished yet is no mistake while the list says how it may go on.
  const isShown = said !== undefined && !(candidates.length > 0 && said.end >= caret)

  const write = (next: string, at: number) => {
    onWrite(next)
    setCaret(at)
    setChosen(-1)
  }
  const take = (candidate: Candidate) => {
    if (!completion) return
    const next = text.slice(0, completion.start) + candidate.insert + text.slice(completion.end)
    const at = completion.start + candidate.insert.length
    write(next, at)
    // The caret can be set once the new text is there.
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at))
  }
  const move = (step: 1 | -1) => {
    if (!isOpen) return setIsOpen(true)
    setChosen((now) =>
      candidates.length === 0 ? -1 : (Math.max(now, step > 0 ? -1 : 0) + step + candidates.length) % candidates.length,
    )
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const candidate = candidates[chosen]
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      move(event.key === 'ArrowDown' ? 1 : -1)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      if (candidate) return take(candidate)
      setIsOpen(false)
      onEnter(event.shiftKey)
    } else if (event.key === 'Tab' && !event.shiftKey && completion && completion.end > completion.start) {
      const best = candidate ?? candidates[0]
      if (!best) return
      event.preventDefault()
      take(best)
    } else if (event.key === 'Escape') {
      if (isOpen) setIsOpen(false)
      else input.current?.blur()
    }
  }
  const list = `${id}list`
  return (
    <div className="relative min-w-48 flex-[1_1_12rem]">
      <input
        ref={input}
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={candidates.length > 0}
        aria-controls={list}
        aria-activedescendant={candidates[chosen] ? `${list}${chosen}` : undefined}
        aria-invalid={error !== undefined}
        aria-describedby={isShown ? `${id}said` : undefined}
        data-keeps-focus
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={LIMITS.filterChars}
        placeholder={placeholder}
        className={`h-7 w-full rounded-md border bg-(--bg) px-2 font-mono text-[12px] ${isShown && error ? 'border-(--text)' : 'border-(--border)'}`}
        value={text}
        onChange={(event) => {
          write(event.target.value, event.target.selectionStart ?? event.target.value.length)
          setIsOpen(true)
        }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setIsOpen(false)
          onLeave()
        }}
      />
      {isShown && (
        <p
          id={`${id}said`}
          role="status"
          className="mt-1 flex text-[12px]"
          {...(error ? { 'data-error-at': said.start } : { 'data-notice-at': said.start })}
        >
          <span
            aria-hidden
            className="shrink-0 font-mono font-semibold"
            style={{ marginLeft: `min(max(8px, calc(${said.start}ch + 6px - ${scrolled}px)), 60%)` }}
          >
            ▲
          </span>
          <span className="ml-1.5 font-medium">
            {said.message}
            {error && <span className="font-normal text-(--text-muted)"> (character {error.start + 1})</span>}
          </span>
        </p>
      )}
      <div
        id={list}
        role="listbox"
        aria-label="Completions"
        hidden={candidates.length === 0}
        className="absolute top-full left-0 z-40 mt-1 max-h-80 w-max min-w-80 max-w-full overflow-y-auto lg:max-w-[34rem] rounded-md border border-(--border) bg-(--surface) p-1 shadow-lg"
      >
        {candidates.map((candidate, at) => (
          <div
            key={candidate.label}
            id={`${list}${at}`}
            role="option"
            tabIndex={-1}
            aria-selected={at === chosen}
            className={`flex items-baseline gap-3 rounded px-2 py-0.5 ${at === chosen ? 'bg-(--surface-2)' : ''}`}
            // The field keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onPointerEnter={() => setChosen(at)}
            onClick={() => take(candidate)}
            // The field has the keys, as comboboxes do.
            onKeyDown={() => undefined}
          >
            <span className="truncate font-mono text-[12px]">{candidate.label}</span>
            {/* Where both are too long, what is written stays whole. */}
            <span className="ml-auto min-w-0 shrink-[1000] truncate text-[12px] text-(--text-muted)">
              {candidate.hint}
            </span>
          </div>
        ))}
      </div>
    </div>
  )
}
