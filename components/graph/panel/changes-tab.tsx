'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { fetchJson } from '@/components/providers/fetch-json'
import { LoadProblem } from '@/components/ui/load-problem'
import { Part } from '@/components/ui/part'
import type { PanelChanges } from '@/lib/model/window-comparison'
import { formatMoment } from '@/lib/view/format'
import { rowsHref } from '@/lib/view/panel-tabs'
import { EdgeChanges, NodeChanges, type RowsOfBoth } from './compared'
import type { PanelContext } from './panel-context'
import { PolicyVersions } from './policy-versions'

const WORDS = { previous: 'Against the window before', yesterday: 'Against the same time a day before' } as const

/** This window against the one before and the day before: verdict, figures, policies and peers that became others. */
export function ChangesTab({ path, context }: { path: string; context: PanelContext }) {
  const { params } = context
  const { data, error, refetch } = useQuery({
    queryKey: ['changes', path, params],
    queryFn: () => fetchJson<PanelChanges>(`${path}/changes?${params}`),
    refetchInterval: 60_000,
  })
  if (error) return <LoadProblem what="The comparison" text={error.message} onRetry={() => void refetch()} />
  if (!data) return <p className="text-(--text-muted)">Comparing with the windows before …</p>
  return (
    <>
      {data.comparisons.map((comparison) => (
        <Part
          key={comparison.with}
          title={WORDS[comparison.with]}
          aside={
            <Link className="text-(--accent) underline" href={windowHref('/graph', context, comparison.window)}>
              Open it
            </Link>
          }
        >
          <p className="text-(--text-muted)">
            {formatMoment(comparison.window.fromMs)} to {formatMoment(comparison.window.toMs)}
          </p>
          {comparison.isCovered ? (
            <>
              {comparison.edge && (
                <EdgeChanges comparison={comparison.edge} rows={rowsOf(context, comparison.window)} />
              )}
              {comparison.node && (
                <NodeChanges
                  comparison={comparison.node}
                  rows={rowsOf(context, comparison.window)}
                  onSelect={context.onSelect}
                />
              )}
            </>
          ) : (
            <p>No flow source and no trace told anything of cluster {data.cluster} then: nothing can be compared.</p>
          )}
        </Part>
      ))}
      <PolicyVersions changes={data} />
    </>
  )
}

const rowsOf = (context: PanelContext, window: PanelChanges['window']): RowsOfBoth => ({
  before: windowHref('/flows', context, window),
  now: rowsHref('/flows', context.params, context.view.selected),
})

function windowHref(
  page: '/flows' | '/graph',
  { params, view }: PanelContext,
  { fromMs, toMs }: PanelChanges['window'],
): string {
  const query = new URLSearchParams(params)
  query.set('from', String(Math.round(fromMs)))
  query.set('to', String(Math.round(toMs)))
  return rowsHref(page, query.toString(), view.selected)
}
