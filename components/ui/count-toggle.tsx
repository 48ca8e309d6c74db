interface Props {
  readonly word: string
  readonly count: string
  readonly isOn: boolean
  onToggle(): void
}

/** A filter that is pressed or not, with how many it means. */
export function CountToggle({ word, count, isOn, onToggle }: Props) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      className={`h-7 rounded-md border px-2 whitespace-nowrap ${isOn ? 'border-(--accent) bg-(--surface-2) font-medium' : 'border-(--border) bg-(--surface) hover:bg-(--surface-2)'}`}
      onClick={onToggle}
    >
      {word} <span className="text-(--text-muted)">{count}</span>
    </button>
  )
}
