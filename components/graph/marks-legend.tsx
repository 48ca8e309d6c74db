import { memo, type ReactNode } from 'react'
import { CHANGE_MARK, type EdgeElement, type GraphElement } from './elements'

const CHANGE_WORD: Readonly<Record<Exclude<EdgeElement['change'], ''>, string>> = {
  added: 'only in this window',
  removed: 'only in the other',
  verdict: 'another verdict',
  volume: 'another volume',
}
const CHANGES = ['added', 'removed', 'verdict', 'volume'] as const

interface Props {
  readonly elements: readonly GraphElement[]
  readonly isSearched: boolean
  readonly isMoving: boolean
}

/** What the marks of a drawing mean beside its verdicts, each only where it is drawn. */
export const MarksLegend = memo(function MarksLegend({ elements, isSearched, isMoving }: Props) {
  const has = (what: (element: GraphElement) => boolean) => elements.some(what)
  const entries: (readonly [key: string, mark: ReactNode, word: string])[] = []
  if (has((element) => element.kind === 'node' && element.isGroup))
    entries.push(['group', <GroupMark key="mark" />, 'several drawn as one'])
  if (has((element) => element.kind === 'node' && element.isGroup && element.isAi))
    entries.push(['ai', '✦', 'AI traffic'])
  if (has((element) => element.kind === 'edge' && element.isBundle))
    entries.push(['bundle', <LineMark key="mark" width={4} isCased />, 'several edges'])
  if (isSearched) entries.push(['found', '◎', 'found'])
  for (const change of CHANGES)
    if (has((element) => element.kind === 'edge' && element.change === change))
      entries.push([change, <ChangeMark key="mark" change={change} />, CHANGE_WORD[change]])
  if (isMoving) entries.push(['traffic', '•', 'traffic, denser where faster'])
  if (isMoving && has((element) => element.kind === 'edge' && element.state.startsWith('denied')))
    entries.push(['refused', '✕', 'refused'])
  if (entries.length === 0) return null
  return (
    <ul
      aria-label="Marks of the drawing"
      className="pointer-events-none absolute bottom-2 left-2 flex max-w-[60%] flex-wrap gap-x-3 gap-y-0.5 rounded-md border border-(--border) bg-(--surface) px-2 py-1 text-[11px] text-(--text-muted)"
    >
      {entries.map(([key, mark, word]) => (
        <li key={key} className="inline-flex items-center gap-1 whitespace-nowrap">
          <span aria-hidden className="text-(--text)">
            {mark}
          </span>
          {word}
        </li>
      ))}
    </ul>
  )
})

function ChangeMark({ change }: { readonly change: Exclude<EdgeElement['change'], ''> }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      <LineMark width={2} isCased={change === 'added'} isDashed={change === 'removed'} />
      {CHANGE_MARK[change]}
    </span>
  )
}

function LineMark({ width, isCased, isDashed }: { width: number; isCased?: boolean; isDashed?: boolean }) {
  return (
    <svg aria-hidden="true" width="20" height="10" viewBox="0 0 20 10">
      {isCased && <path d="M0 5h20" stroke="var(--accent)" strokeOpacity="0.3" strokeWidth={width + 5} />}
      <path d="M0 5h20" stroke="currentColor" strokeWidth={width} {...(isDashed && { strokeDasharray: '5 4' })} />
    </svg>
  )
}

function GroupMark() {
  return (
    <svg aria-hidden="true" width="16" height="12" viewBox="0 0 16 12" fill="none" stroke="currentColor">
      <path d="M3 .7h10l2.3 2.3v6L13 11.3H3L.7 9V3z" />
      <path d="M4 3h8l1 1v4l-1 1H4L3 8V4z" strokeWidth="0.8" />
    </svg>
  )
}
