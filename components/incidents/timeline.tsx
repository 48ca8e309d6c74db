import { formatMoment } from '@/lib/view/format'

export interface TimelineLine {
  readonly key: string
  readonly atMs: number
  readonly text: string
}

/** What happened, in the order of time; lines of people keep their breaks. */
export function Timeline({ lines }: { lines: readonly TimelineLine[] }) {
  if (lines.length === 0) return <p className="text-(--text-muted)">Nothing yet.</p>
  return (
    <ol className="grid gap-1.5 border-l border-(--border) pl-3">
      {lines.map((line) => (
        <li key={line.key} className="grid gap-x-3 sm:grid-cols-[170px_1fr]">
          <time
            dateTime={new Date(line.atMs).toISOString()}
            className="text-[12px] whitespace-nowrap text-(--text-muted)"
          >
            {formatMoment(line.atMs)}
          </time>
          <span className="min-w-0 break-words whitespace-pre-line">{line.text}</span>
        </li>
      ))}
    </ol>
  )
}
