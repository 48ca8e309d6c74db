'use client'
import { Button } from '@/components/ui/button'
import { VOLUME_FACTOR, VOLUME_UNITS } from '@/lib/graph/compare-graphs'
import type { EdgeDifference, GraphComparison, SourceSilence, WindowSums } from '@/lib/model/comparison'
import type { EdgeChange } from '@/lib/model/graph'
import { counted, formatBytes, formatCount } from '@/lib/view/format'
import { CHANGE_WORD, differenceWords, silenceWords, stretchText, uncoveredWords } from '@/lib/view/time-words'

interface Props {
  readonly comparison: GraphComparison
  readonly selected: string
  onSelect(selected: string): void
  onStop(): void
}

const KINDS: readonly EdgeChange[] = ['verdict', 'added', 'removed', 'volume']
const NAMED = 3
/** A list that nobody reads to its end; the table has every edge. */
const LISTED = 200

/** How the window differs from the one that it is compared with. First what either could not see; then the edges, by kind. */
export function CompareList({ comparison, selected, onSelect, onStop }: Props) {
  const { before, after, differences, silences } = comparison
  return (
    <aside
      aria-label="Comparison"
      className="flex max-h-56 w-full shrink-0 flex-col gap-3 overflow-y-auto border-b border-(--border) bg-(--surface) p-3 lg:max-h-none lg:w-80 lg:border-r lg:border-b-0"
    >
      <div className="flex items-start justify-between gap-2">
        <h2 className="font-semibold">
          {differences.length === 0 ? 'No difference' : counted(differences.length, 'difference', 'differences')}
        </h2>
        <Button size="small" onClick={onStop}>
          End comparison
        </Button>
      </div>
      <Unseen words="this window" silences={silences.after} nearMs={after.window.toMs} />
      <Unseen words="the other window" silences={silences.before} nearMs={after.window.toMs} />
      <table className="text-[12px]">
        <caption className="sr-only">Sums of both windows</caption>
        <thead>
          <tr className="text-left text-(--text-muted)">
            <td />
            <th scope="col" className="font-medium">
              This
            </th>
            <th scope="col" className="font-medium">
              Other
            </th>
          </tr>
        </thead>
        <tbody>
          <Row
            title="Window"
            of={({ window }) => stretchText(window, after.window.toMs)}
            after={after}
            before={before}
          />
          <Row title="Edges" of={({ edges }) => formatCount(edges)} after={after} before={before} />
          <Row title="Passed" of={({ passed }) => formatCount(passed)} after={after} before={before} />
          <Row title="Denied" of={({ denied }) => formatCount(denied)} after={after} before={before} />
          <Row title="Bytes" of={({ bytes }) => formatBytes(bytes)} after={after} before={before} />
        </tbody>
      </table>
      {KINDS.map((kind) => (
        <Kind
          key={kind}
          kind={kind}
          differences={differences.filter((difference) => difference.kind === kind)}
          selected={selected}
          onSelect={onSelect}
        />
      ))}
      <p className="text-[12px] text-(--text-muted)">
        A volume has changed where it is {VOLUME_FACTOR} times as much or half, by at least {VOLUME_UNITS} units or 1
        MiB.
      </p>
    </aside>
  )
}

function Row({
  title,
  of,
  before,
  after,
}: {
  title: string
  of(sums: WindowSums): string
  before: WindowSums
  after: WindowSums
}) {
  return (
    <tr>
      <th scope="row" className="pr-2 text-left align-top font-normal text-(--text-muted)">
        {title}
      </th>
      <td className="pr-2 align-top">{of(after)}</td>
      <td className="align-top">{of(before)}</td>
    </tr>
  )
}

function Unseen({ words, silences, nearMs }: { words: string; silences: readonly SourceSilence[]; nearMs: number }) {
  if (silences.length === 0) return null
  return (
    <div className="rounded-md border border-(--border) p-2 text-[12px]">
      <p>
        <span aria-hidden>▨ </span>
        Not everything of {words} was seen:
      </p>
      <ul className="ml-4 list-disc">
        {silences.slice(0, NAMED).map((silence) => (
          <li key={JSON.stringify(silence)}>
            {silenceWords(silence)} {stretchText(silence, nearMs)}
          </li>
        ))}
        {silences.length > NAMED && <li>{counted(silences.length - NAMED, 'more stretch', 'more stretches')}</li>}
      </ul>
    </div>
  )
}

interface KindProps extends Pick<Props, 'selected' | 'onSelect'> {
  readonly kind: EdgeChange
  readonly differences: readonly EdgeDifference[]
}

function Kind({ kind, differences, selected, onSelect }: KindProps) {
  if (differences.length === 0) return null
  return (
    <section aria-label={CHANGE_WORD[kind]}>
      <h3 className="mb-1 font-medium">
        {CHANGE_WORD[kind]} <span className="text-(--text-muted)">{formatCount(differences.length)}</span>
      </h3>
      <ul className="space-y-1">
        {differences.slice(0, LISTED).map((difference) => {
          const item = `edge:${difference.edgeId}`
          const doubt = uncoveredWords(difference)
          return (
            <li key={difference.edgeId}>
              <button
                type="button"
                aria-pressed={selected === item}
                className={`w-full rounded-md border px-2 py-1 text-left hover:bg-(--surface-2) ${selected === item ? 'border-(--accent)' : 'border-(--border)'}`}
                onClick={() => onSelect(selected === item ? '' : item)}
              >
                <span className="block break-words">
                  {difference.client} → {difference.server}
                  {difference.serverPort > 0 && `, port ${difference.serverPort}`}
                </span>
                <span className="block text-[12px] text-(--text-muted)">{differenceWords(difference)}</span>
                {doubt && <span className="block text-[12px]">{doubt}</span>}
              </button>
            </li>
          )
        })}
      </ul>
      {differences.length > LISTED && (
        <p className="text-(--text-muted)">
          {formatCount(differences.length - LISTED)} more: the table marks them all.
        </p>
      )}
    </section>
  )
}
