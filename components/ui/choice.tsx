import { cn } from './cn'

interface Props {
  readonly label: string
  /** What stands for no choice. */
  readonly all: string
  /** '' = all. */
  readonly value: string
  /** In any order; repeated and empty ones count once and not at all. */
  readonly options: readonly string[]
  readonly className?: string
  wordOf?(value: string): string
  onChoose(value: string): void
}

/** One of the values on screen, or all; a chosen one stays listed when the screen no longer has it. Nothing where there is no choice. */
export function Choice({ label, all, value, options, className, wordOf = (text) => text, onChoose }: Props) {
  const words = new Map([...options, value].filter(Boolean).map((one) => [one, wordOf(one)]))
  if (words.size < 2 && !value) return null
  return (
    <select
      aria-label={label}
      className={cn('h-7 max-w-44 rounded-md border border-(--border) bg-(--bg) px-2', className)}
      value={value}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{all}</option>
      {[...words]
        .sort(([, a], [, b]) => (a < b ? -1 : 1))
        .map(([one, word]) => (
          <option key={one} value={one}>
            {word}
          </option>
        ))}
    </select>
  )
}
