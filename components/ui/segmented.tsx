'use client'
import { cn } from './cn'

interface Option<T extends string> {
  readonly value: T
  readonly label: string
  /** Why it cannot be chosen now; undefined where it can. */
  readonly unavailable?: string | undefined
  readonly title?: string
}

interface Props<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly Option<T>[]
  onChoose(value: T): void
}

/** One of a few, all of them in sight: a row of joined buttons, of which the chosen one is pressed. */
export function Segmented<T extends string>({ label, value, options, onChoose }: Props<T>) {
  return (
    <fieldset aria-label={label} className="inline-flex h-6 rounded-md border border-(--border)">
      {options.map((option) => {
        const isOn = option.value === value
        return (
          <button
            key={option.value}
            type="button"
            aria-pressed={isOn}
            aria-disabled={option.unavailable !== undefined}
            title={option.unavailable ?? option.title}
            className={cn(
              'relative border-l border-(--border) px-2 text-[12px] whitespace-nowrap first:rounded-l-md first:border-l-0 last:rounded-r-md focus-visible:z-10',
              isOn ? 'bg-(--surface-2) font-semibold text-(--accent)' : 'bg-(--surface) hover:bg-(--surface-2)',
              option.unavailable !== undefined && 'text-(--text-muted) opacity-60',
            )}
            onClick={() => option.unavailable === undefined && onChoose(option.value)}
          >
            {option.label}
          </button>
        )
      })}
    </fieldset>
  )
}
