'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { Part } from '@/components/ui/part'
import { HISTORY_SPANS, type HistorySpan, type PanelHistory } from '@/lib/model/panel-history'
import { DOOR_WORD, reasonWord } from '@/lib/view/door-sentence'
import { formatAgo, formatMoment } from '@/lib/view/format'
import { PanelProblem } from '../panel-problem'
import { HistoryChart } from './history-chart'
import { HistoryRows } from './history-rows'
import type { PanelContext } from './panel-context'

interface Props {
  /** Of the edge or node below the API. */
  readonly path: string
  readonly context: PanelContext
}

const SPANS: readonly HistorySpan[] = ['24h', '7d']

/** What was seen over a day or a week: a bar per slot, since when and until when, and judgements that became others. */
export function HistoryTab({ path, context }: Props) {
  const [span, setSpan] = useState<HistorySpan>('24h')
  const { params, nowMs } = context
  const { data, error, refetch } = useQuery({
    queryKey: ['history', path, params, span],
    queryFn: () => fetchJson<PanelHistory>(`${path}/history?${params}${params && '&'}span=${span}`),
    refetchInterval: 60_000,
  })
  return (
    <>
      <fieldset className="flex gap-1">
        <legend className="sr-only">How far back</legend>
        {SPANS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={span === one}
            className={`rounded-md border px-1.5 text-[12px] hover:bg-(--surface-2) ${span === one ? 'border-(--accent) font-medium' : 'border-(--border)'}`}
            onClick={() => setSpan(one)}
          >
            {HISTORY_SPANS[one].words}
          </button>
        ))}
      </fieldset>
      {error && <PanelProblem text={error.message} onRetry={() => void refetch()} />}
      {!data && !error && <p className="text-(--text-muted)">Loading the history …</p>}
      {data && (
        <>
          <HistoryChart history={data} />
          <dl className="grid grid-cols-[auto_1fr] gap-x-4">
            <dt className="text-(--text-muted)">First seen</dt>
            <dd className="text-right">{seen(data.firstMs, nowMs)}</dd>
            <dt className="text-(--text-muted)">Last seen</dt>
            <dd className="text-right">{seen(data.lastMs, nowMs)}</dd>
          </dl>
          <HistoryRows history={data} context={context} />
          <DoorChanges history={data} words={HISTORY_SPANS[span].words} />
        </>
      )}
    </>
  )
}

const seen = (ms: number | undefined, nowMs: number): string =>
  ms === undefined ? 'not in this stretch' : `${formatMoment(ms)} (${formatAgo(nowMs - ms)})`

function DoorChanges({ history, words }: { history: PanelHistory; words: string }) {
  const { doorChanges, doorChangesTotal } = history
  return (
    <Part title="Judgements that became others">
      {doorChanges.length === 0 ? (
        <p className="text-(--text-muted)">No connection of these {words} was judged otherwise than at first.</p>
      ) : (
        <>
          <p className="text-(--text-muted)">
            Newest {doorChanges.length} of {doorChangesTotal}, of the newest 2,000 connections of each edge. A judgement
            is never overwritten.
          </p>
          <ol className="mt-1 grid gap-1">
            {doorChanges.map((change) => (
              <li key={`${change.atMs} ${change.connection} ${change.edgeId}`} className="break-words">
                {formatMoment(change.atMs)}: {DOOR_WORD[change.from]} → <strong>{DOOR_WORD[change.to]}</strong>
                {change.to === 'unverified' && change.reason ? ` (${reasonWord(change.reason)})` : ''}
                {change.observedIp ? `, left by ${change.observedIp}` : ''}
                <span className="block font-mono text-[11px] text-(--text-muted)">{change.connection}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </Part>
  )
}
