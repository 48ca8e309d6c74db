'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect, useRef } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { LoadProblem } from '@/components/ui/load-problem'
import { Part } from '@/components/ui/part'
import type { FlowList } from '@/lib/model/edge-detail'
import type { Outcome } from '@/lib/model/verdict'
import { rowsHref } from '@/lib/view/panel-tabs'
import { RecentFlows } from '../recent-flows'
import type { PanelContext } from './panel-context'

const CHOICES: readonly (readonly [Outcome | '', string])[] = [
  ['', 'All'],
  ['denied', 'Denied'],
  ['dropped', 'Dropped'],
  ['error', 'Failed'],
  ['allowed', 'Allowed'],
  ['observed', 'No verdict'],
]

interface Props {
  readonly path: string
  readonly selected: string
  readonly context: PanelContext
  readonly outcome: Outcome | ''
  onOutcome(outcome: Outcome | ''): void
  /** What is loaded already of one outcome. */
  readonly loaded: { readonly outcome: Outcome | ''; readonly list: FlowList }
}

/** Kept flow records of what is selected, of one outcome or of all, and the way to the page that has every one. */
export function FlowRecords({ path, selected, context, outcome, onOutcome, loaded }: Props) {
  const { params } = context
  const isLoaded = outcome === loaded.outcome
  const { data, error, refetch } = useQuery({
    queryKey: ['flows-of', path, params, outcome, context.graph.revision],
    queryFn: () => fetchJson<FlowList>(`${path}?${params}${params && '&'}outcome=${outcome}`),
    enabled: !isLoaded,
    placeholderData: (before, query) =>
      query?.queryKey[1] === path && query.queryKey[3] === outcome ? before : undefined,
  })
  const shown = isLoaded ? loaded.list : data
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (outcome !== '') list.current?.scrollIntoView({ block: 'nearest' })
  }, [outcome])
  return (
    <div ref={list}>
      <Part
        title="Flow records"
        aside={
          <Link className="text-(--accent) underline" href={rowsHref('/flows', params, selected)}>
            All in the flow table
          </Link>
        }
      >
        <fieldset className="mb-1.5 flex flex-wrap gap-1">
          <legend className="sr-only">Records by outcome</legend>
          {CHOICES.map(([value, word]) => (
            <button
              key={value}
              type="button"
              aria-pressed={outcome === value}
              className={`rounded-md border px-1.5 text-[12px] hover:bg-(--surface-2) ${outcome === value ? 'border-(--accent) font-medium' : 'border-(--border)'}`}
              onClick={() => onOutcome(value)}
            >
              {word}
            </button>
          ))}
        </fieldset>
        {!isLoaded && error && <LoadProblem what="The records" text={error.message} onRetry={() => void refetch()} />}
        {!shown && !error && <p className="text-(--text-muted)">Loading the records …</p>}
        {shown && <RecentFlows flows={shown.flows} total={shown.total} isFiltered={outcome !== ''} />}
      </Part>
    </div>
  )
}
