'use client'
import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import Link from 'next/link'
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { CommandBlock } from '@/components/ui/command-block'
import { CopyButton } from '@/components/ui/copy-button'
import { LoadProblem } from '@/components/ui/load-problem'
import type { MatrixCell, MatrixCellDetail, UpgradeStep } from '@/lib/model/matrix'
import { reasonWord } from '@/lib/view/door-sentence'
import { PROOF_WORD } from '@/lib/view/egress-words'
import { formatCount, formatMoment } from '@/lib/view/format'
import type { CellKey } from '@/lib/view/matrix-view'
import { changeWords, doorCounts, leanWords, shareCounts } from '@/lib/view/matrix-words'
import { CellMark } from './cell-mark'
import { CellEvidenceItem } from './cell-record'

interface Props {
  readonly cell: CellKey
  /** What of the cell in the grid, when it changes, makes its evidence worth loading again. */
  readonly fingerprint: string
  /** Window and dataset, as the matrix is asked with. */
  readonly params: string
  onClose(): void
}

/** The evidence of a cell. Takes the focus when it opens, gives it back when it closes; Esc closes. */
export function MatrixPanel({ cell, fingerprint, params, onClose }: Props) {
  const panel = useRef<HTMLElement>(null)
  const key = `${cell.row}~${cell.column}`
  // Of another cell it is another panel: the focus goes with it.
  useEffect(() => {
    if (key === '') return
    const before = document.activeElement
    panel.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [key])
  const query = new URLSearchParams(params)
  query.set('cell', key)
  const { data, error, refetch } = useQuery({
    queryKey: ['egress-cell', query.toString(), fingerprint],
    queryFn: () => fetchJson<MatrixCellDetail>(`/api/egress/matrix/cell?${query}`),
    placeholderData: (before) => (before?.row.id === cell.row && before.column.id === cell.column ? before : undefined),
  })
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label="Evidence of the cell"
      className="fixed inset-y-0 right-0 z-40 w-full max-w-[440px] overflow-y-auto border-l border-(--border) bg-(--surface) p-4 outline-none! lg:static lg:w-[440px] lg:flex-none"
      onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && onClose()}
    >
      <Button size="icon" variant="ghost" aria-label="Close the panel" className="float-right" onClick={onClose}>
        <X aria-hidden size={16} />
      </Button>
      {error ? (
        <LoadProblem text={error.message} onRetry={() => void refetch()} />
      ) : data ? (
        <Detail detail={data} params={params} />
      ) : (
        <p className="text-(--text-muted)">Loading the evidence …</p>
      )}
    </aside>
  )
}

function Detail({ detail, params }: { detail: MatrixCellDetail; params: string }) {
  const { cell, row, column } = detail
  const isOfMany = new Set(detail.evidence.flatMap(({ state }) => state ?? [])).size > 1
  return (
    <div className="grid grid-cols-1 gap-4">
      <header>
        <h2 className="mb-1 text-[15px] font-semibold break-words">
          {row.label} → {column.name}
        </h2>
        <p className="mb-2 flex flex-wrap items-center gap-x-3 text-(--text-muted)">
          <span className="text-(--text)">
            <CellMark state={cell.state} />
          </span>
          {cell.confidence && <span>{cell.confidence}</span>}
          <span>cluster {row.cluster}</span>
        </p>
        <p className="break-words">{detail.sentence}</p>
        {detail.isPartial && <p>This workload has more edges than are looked at: a part is missing here.</p>}
        <div className="mt-2 flex flex-wrap gap-2">
          <CopyButton text={detail.sentence} label="Copy the sentence" />
        </div>
      </header>
      <Doors cell={cell} />
      {detail.upgrade.length > 0 && (
        <Part title="What would upgrade this">
          {!detail.hasEvidenceSource && (
            <p className="mb-1">No NAT evidence of cluster {row.cluster} has come in this window.</p>
          )}
          <ol className="grid list-none grid-cols-1 gap-3">
            {detail.upgrade.map((step) => (
              <Step key={`${step.text} ${step.snippet?.command}`} step={step} />
            ))}
          </ol>
        </Part>
      )}
      <Part title="Evidence">
        {detail.evidence.length === 0 ? (
          <p className="text-(--text-muted)">No record is kept of these connections.</p>
        ) : (
          <ul className="grid grid-cols-1 gap-1.5">
            {detail.evidence.map((evidence) => (
              <CellEvidenceItem
                key={`${evidence.kind} ${evidence.hop} ${evidence.state}`}
                evidence={evidence}
                isOfMany={isOfMany}
              />
            ))}
          </ul>
        )}
        {detail.examined < detail.total && (
          <p className="mt-1 text-(--text-muted)">
            Looked at the oldest and the newest {formatCount(detail.examined / 2)} of {formatCount(detail.total)}{' '}
            connections.
          </p>
        )}
      </Part>
      <Rule detail={detail} />
      {detail.changes.length > 0 && (
        <Part title="How the verdict changed">
          <ol className="grid gap-1">
            {detail.changes.map((change) => (
              <li key={`${change.atMs} ${changeWords(change)}`} className="break-words">
                <span className="text-(--text-muted)">{formatMoment(change.atMs)}</span> {changeWords(change)}
              </li>
            ))}
          </ol>
        </Part>
      )}
      <EdgeLinks detail={detail} params={params} />
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 font-semibold">{title}</h3>
      {children}
    </section>
  )
}

/** Every way out with its counts, and what no way is known of, by reason. */
function Doors({ cell }: { cell: MatrixCell }) {
  const { doors, doorsTotal, unverified, counts } = cell
  const beside = [
    ['blocked', 'stopped by a policy'],
    ['broken', 'lost at an egress gateway without node or address'],
    ['not_applicable', 'to a private address, where no NAT is on the way'],
    ['no_rule', 'covered by no rule'],
  ] as const
  return (
    <Part title="By which doors">
      <ul className="grid gap-1">
        {doors.map((door) => (
          <li key={door.door} className="break-words">
            <strong>{door.door}</strong>
            {door.isPoint ? ` (${door.addresses.join(', ')})` : ' (belongs to no egress point)'}: {doorCounts(door)}
          </li>
        ))}
        {doorsTotal > doors.length && (
          <li className="text-(--text-muted)">and {doorsTotal - doors.length} more doors</li>
        )}
        {unverified.map(({ reason, lean, connections }) => (
          <li key={`${reason} ${lean}`} className="break-words">
            {formatCount(connections)} unverified: {reasonWord(reason)}; {leanWords(lean)}
          </li>
        ))}
        {beside.map(
          ([state, words]) =>
            counts[state] > 0 && (
              <li key={state}>
                {formatCount(counts[state])} {words}
              </li>
            ),
        )}
      </ul>
      <p className="mt-1 text-(--text-muted)">
        {shareCounts({
          proven: counts.sanctioned + counts.violation,
          left: counts.sanctioned + counts.violation + counts.unverified + counts.no_rule,
        })}{' '}
        connections that left are proven.
      </p>
    </Part>
  )
}

function Step({ step }: { step: UpgradeStep }) {
  return (
    <li>
      <p className="break-words">{step.text}</p>
      {step.snippet && (
        <details className="mt-1">
          <summary className="cursor-pointer text-(--text-muted)">{step.snippet.title}</summary>
          <div className="mt-1">
            <CommandBlock text={step.snippet.command} />
          </div>
        </details>
      )}
    </li>
  )
}

function Rule({ detail: { rule } }: { detail: MatrixCellDetail }) {
  if (!rule)
    return (
      <Part title="Rule">
        <p>No egress rule decides here.</p>
      </Part>
    )
  const { name, expected, now } = rule
  return (
    <Part title="Rule">
      <p className="break-words">
        <strong>{name}</strong>
        {now?.mode === 'observe' ? ' (observed only)' : ''} allows {expected.join(', ') || 'no address'}
        {now ? `; decided by the records of ${PROOF_WORD[now.requireEvidence]}.` : '. It is no longer in force.'}
      </p>
    </Part>
  )
}

const LINKS_SHOWN = 6

function EdgeLinks({ detail: { edges, edgesTotal }, params }: { detail: MatrixCellDetail; params: string }) {
  const link = (edge: string) => {
    const query = new URLSearchParams(params)
    for (const key of ['door', 'provider', 'row', 'q', 'ns', 'cluster']) query.delete(key)
    query.set('sel', `edge:${edge}`)
    return `/graph?${query}`
  }
  const shown = edges.slice(0, LINKS_SHOWN)
  return (
    <p className="flex flex-wrap gap-x-3">
      {shown.map((edge, at) => (
        <Link key={edge} href={link(edge)} className="text-(--accent) underline">
          {edges.length === 1 ? 'Open the edge in the graph' : `Edge ${at + 1} in the graph`}
        </Link>
      ))}
      {edgesTotal > shown.length && <span className="text-(--text-muted)">of {edgesTotal} edges</span>}
    </p>
  )
}
