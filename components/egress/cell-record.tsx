import { CopyButton } from '@/components/ui/copy-button'
import type { CellEvidence, CellRecord, RawRow } from '@/lib/model/matrix'
import { JOIN_WORD } from '@/lib/view/egress-words'
import { formatCount, formatMoment } from '@/lib/view/format'
import { evidenceTitle } from '@/lib/view/matrix-words'
import { CellMark } from './cell-mark'

interface Props {
  readonly evidence: CellEvidence
  /** The cell has connections of several verdicts: each item says of which it is. */
  readonly isOfMany: boolean
}

/** One kind of evidence: its oldest and its newest record, each opening the raw rows behind it. */
export function CellEvidenceItem({ evidence, isOfMany }: Props) {
  const { oldest, newest, count, kind, state } = evidence
  const isOne = count === 1
  return (
    <li className="rounded-md border border-(--border) p-2">
      {isOfMany && state && (
        <p>
          <CellMark state={state} />
        </p>
      )}
      <p className="font-medium break-words">
        {evidenceTitle(evidence)}{' '}
        <span className="font-normal text-(--text-muted)">
          {formatCount(count)} {kind === 'flow' ? (isOne ? 'record' : 'records') : isOne ? 'connection' : 'connections'}
        </span>
      </p>
      {isOne ? (
        <Record word="The only one" record={newest} />
      ) : (
        <>
          <Record word="Oldest" record={oldest} />
          <Record word="Newest" record={newest} />
        </>
      )}
    </li>
  )
}

function Record({ word, record }: { word: string; record: CellRecord }) {
  const { atMs, connection, ip, join, rows } = record
  return (
    <details className="mt-1">
      <summary className="cursor-pointer break-words">
        <span className="font-medium">{word}</span> {formatMoment(atMs)}
        <span className="text-(--text-muted)">
          {' '}
          · {connection}
          {ip ? ` · seen as ${ip}` : ''}
          {join ? ` · tied to the connection ${JOIN_WORD[join]}` : ''}
        </span>
      </summary>
      <ol className="mt-1 grid gap-1">
        {rows.map((row, at) => (
          // Two hops may have told the same text.
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of a record never change their order
          <Raw key={at} row={row} />
        ))}
      </ol>
    </details>
  )
}

function Raw({ row }: { row: RawRow }) {
  const text = row.raw || '(the source kept no text)'
  return (
    <li>
      <div className="flex items-center justify-between gap-2 text-(--text-muted)">
        <span>
          {row.hop ? `${row.hop}: ` : ''}
          {row.source === 'judgement' ? 'as the judgement keeps it' : row.source}, {formatMoment(row.atMs)}
        </span>
        <CopyButton text={text} />
      </div>
      <pre className="mt-0.5 rounded-md border border-(--border) bg-(--surface-2) p-2 text-[11px] break-all whitespace-pre-wrap">
        {text}
      </pre>
    </li>
  )
}
