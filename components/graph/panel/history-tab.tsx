'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { LoadProblem } from '@/components/ui/load-problem'
import { HISTORY_SPANS, type HistorySpan, type PanelHistory } from '@/lib/model/panel-history'
import { formatAgo, formatMoment } from '@/lib/view/format'
import { DoorChanges } from './door-changes'
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
      {error && <LoadProblem what="The history" text={error.message} onRetry={() => void refetch()} />}
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
