'use client'
import Link from 'next/link'
import { useRef } from 'react'
import { Popover, PopoverClose, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import type { Timeline, TimelineMark } from '@/lib/model/timeline'
import { clockText, markSentence } from '@/lib/view/time-words'
import { useWidth } from './use-width'

interface Props {
  readonly timeline: Timeline
  /** The policies page with that policy open. */
  policyHref(policyId: string): string
  onEdge(edgeId: string): void
  onReplay(atMs: number): void
  onCompare(fromMs: number, toMs: number, againstMs: number): void
}

/** As wide as a button: marks that are closer stand as one. */
const WIDE = 18
const LISTED = 20
const GLYPH: Readonly<Record<TimelineMark['kind'], string>> = { deny: '⊖', policy: '◆', finding: '▲', incident: '●' }
const WORD: Readonly<Record<TimelineMark['kind'], readonly [one: string, many: string]>> = {
  deny: ['first denial', 'first denials'],
  policy: ['policy change', 'policy changes'],
  finding: ['finding', 'findings'],
  incident: ['incident', 'incidents'],
}

/** What happened, as buttons on the axis: first denials, policy changes, findings, incidents. Each opens its sentences. */
export function TimelineMarks({ timeline, ...act }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const { window, marks } = timeline
  const x = (ms: number) => ((ms - window.fromMs) / Math.max(1, window.toMs - window.fromMs)) * width
  const groups = width > 0 ? groupMarks(marks, x, width) : []
  return (
    <div ref={box} className="relative h-[18px] w-full">
      {groups.map(({ left, marks: together }) => (
        <Group key={left} left={left} marks={together} timeline={timeline} {...act} />
      ))}
    </div>
  )
}

function groupMarks(marks: readonly TimelineMark[], x: (ms: number) => number, width: number) {
  const groups: { left: number; marks: TimelineMark[] }[] = []
  for (const mark of marks) {
    const left = Math.round(Math.min(width - WIDE, Math.max(0, x(mark.atMs) - WIDE / 2)))
    const last = groups.at(-1)
    if (last && left - last.left < WIDE + 2) last.marks.push(mark)
    else groups.push({ left, marks: [mark] })
  }
  return groups
}

/** "2 first denials, 1 policy change". */
function countWords(marks: readonly TimelineMark[]): string {
  return (['deny', 'policy', 'finding', 'incident'] as const)
    .flatMap((kind) => {
      const count = marks.filter((mark) => mark.kind === kind).length
      return count > 0 ? [`${count} ${WORD[kind][count === 1 ? 0 : 1]}`] : []
    })
    .join(', ')
}

function Group({ left, marks, timeline, ...act }: Props & { left: number; marks: readonly TimelineMark[] }) {
  const [first] = marks
  if (!first) return null
  const { window } = timeline
  const kinds = new Set(marks.map(({ kind }) => kind))
  const hasDenial = kinds.has('deny')
  const words = marks.length === 1 ? markSentence(first) : countWords(marks)
  return (
    <Popover>
      <PopoverTrigger asChild>
        <button
          type="button"
          style={{ left, width: WIDE }}
          title={words}
          aria-label={`${clockText(first.atMs, window.toMs)}: ${words}`}
          className="absolute top-0 h-[18px] rounded-sm text-center text-[12px] leading-[18px] hover:bg-(--surface-2)"
        >
          <span aria-hidden className={hasDenial ? 'text-(--state-denied)' : ''}>
            {kinds.size === 1 ? GLYPH[first.kind] : '✱'}
          </span>
        </button>
      </PopoverTrigger>
      <PopoverContent align="center" className="max-h-80 w-96 overflow-auto" aria-label={words}>
        <ul className="space-y-2">
          {marks.slice(0, LISTED).map((mark) => (
            <li key={JSON.stringify(mark)}>
              <Mark mark={mark} window={window} {...act} />
            </li>
          ))}
        </ul>
        {marks.length > LISTED && (
          <p className="mt-2 text-(--text-muted)">{marks.length - LISTED} more: a shorter window shows them apart.</p>
        )}
      </PopoverContent>
    </Popover>
  )
}

const LINK = 'text-(--accent) underline'

function Mark({
  mark,
  window,
  policyHref,
  onEdge,
  onReplay,
  onCompare,
}: Omit<Props, 'timeline'> & { mark: TimelineMark; window: Timeline['window'] }) {
  const at = Math.floor(mark.atMs / 1000) * 1000
  const length = Math.max(60_000, window.toMs - at)
  return (
    <>
      <p>
        <span className="text-(--text-muted)">{clockText(mark.atMs, window.toMs)}</span>{' '}
        <span aria-hidden>{GLYPH[mark.kind]}</span> {markSentence(mark)}
      </p>
      <p className="flex flex-wrap gap-x-3 text-[12px]">
        {mark.kind === 'deny' && (
          <PopoverClose asChild>
            <button type="button" className={LINK} onClick={() => onEdge(mark.edgeId)}>
              Open the edge
            </button>
          </PopoverClose>
        )}
        {mark.kind === 'policy' && mark.policyId !== undefined && (
          <Link className={LINK} href={policyHref(mark.policyId)}>
            Open the policy
          </Link>
        )}
        {mark.kind === 'finding' && (
          <Link className={LINK} href={`/findings/${mark.findingId}`}>
            Open the finding
          </Link>
        )}
        {mark.kind === 'incident' && (
          <Link className={LINK} href={`/incidents/${mark.caseId}`}>
            Open the incident
          </Link>
        )}
        <PopoverClose asChild>
          <button type="button" className={LINK} onClick={() => onReplay(at)}>
            Replay from here
          </button>
        </PopoverClose>
        <PopoverClose asChild>
          <button type="button" className={LINK} onClick={() => onCompare(at, at + length, at - length)}>
            Compare after with before
          </button>
        </PopoverClose>
      </p>
    </>
  )
}
