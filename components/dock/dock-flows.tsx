'use client'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useRef, useState } from 'react'
import type { TableLook } from '@/components/flows/column-prefs'
import { PRESETS } from '@/components/flows/flow-columns'
import { FlowSheet } from '@/components/flows/flow-sheet'
import { FlowTable } from '@/components/flows/flow-table'
import { useFlowRows } from '@/components/flows/use-flow-rows'
import { fetchJson } from '@/components/providers/fetch-json'
import type { FilterChip } from '@/lib/model/filter-chip'
import { ALL_FLOWS, type FlowCount, type FlowListRow } from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import { flowParams } from '@/lib/view/flow-filter'
import { countWords } from '@/lib/view/flow-words'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'
import { DENIES } from './denies'

const PAGE_ROWS = 100
const LOOK: TableLook = { columns: PRESETS.Default, density: 'compact' }

interface Props {
  readonly view: GraphView
  readonly isOnlyDenies: boolean
  /** `of the view`, `of the selected edge`. */
  readonly of: string
  change(part: Partial<GraphView>): void
}

/** The newest records of the view and its selection, or its denials alone, in the small form of the flow table. */
export function DockFlows({ view, isOnlyDenies, of, change }: Props) {
  const params = useMemo(() => flowParams(view, isOnlyDenies ? DENIES : ALL_FLOWS), [view, isOnlyDenies])
  const [open, setOpen] = useState<FlowListRow>()
  const [away, setAway] = useState({ of: '', isAway: false })
  const opener = useRef<HTMLElement | null>(null)
  const isAway = away.isAway && away.of === params
  const isFollowing = view.to === 'now' && !isAway && !open
  const flows = useFlowRows(params, PAGE_ROWS, isFollowing)
  const { data: count } = useQuery({
    queryKey: ['flow-count', params],
    queryFn: () => fetchJson<FlowCount>(`/api/flows/count?${params}`),
    staleTime: 0,
    refetchInterval: isFollowing ? 15_000 : false,
  })
  const addChip = useCallback(
    (chip: FilterChip) => change({ chips: [...view.chips, chip].slice(0, 20) }),
    [change, view.chips],
  )
  const what = isOnlyDenies ? 'Denials' : 'Flow records'
  if (flows.error && flows.rows.length === 0)
    return (
      <p role="alert" className="p-3">
        The records could not be loaded: {flows.error}
      </p>
    )
  if (!flows.page) return <p className="p-3 text-(--text-muted)">Loading the records …</p>
  if (flows.rows.length === 0)
    return (
      <p className="p-3">
        {isOnlyDenies
          ? `No denial ${of} is kept in this window.`
          : `No record ${of} is kept in this window. All traffic counts in the sums; of allowed traffic inside the cluster only examples are kept.`}
      </p>
    )
  return (
    <div className="flex h-full flex-col">
      <p data-testid="dock-count" className="border-b border-(--border) px-3 py-1 text-[12px] text-(--text-muted)">
        {count ? countWords(count, LIMITS.flowCountRows) : 'Counting records …'} {of}
        {view.to === 'now' && ` · ${isFollowing ? '● following' : '○ paused while you read'}`}
      </p>
      <div className="min-h-0 flex-1">
        <FlowTable
          key={params}
          rows={flows.rows}
          look={LOOK}
          label={`${what} ${of}`}
          total={count?.isExact ? count.count : undefined}
          hasMore={flows.hasMore && !flows.mustAsk}
          openId={open?.id ?? ''}
          foot={flows.hasMore ? undefined : 'These are all of them.'}
          loadMore={flows.loadMore}
          onFilter={addChip}
          onScrolled={(isNowAway) => setAway({ of: params, isAway: isNowAway })}
          onOpen={(row) => {
            opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
            setOpen(row)
          }}
        />
      </div>
      {open && (
        <FlowSheet
          row={open}
          dataset={view.dataset}
          edgeHref={`/graph?${serializeGraphView({ ...view, selected: `edge:${open.edgeId}` })}`}
          onOnlyEdge={() => {
            change({ selected: `edge:${open.edgeId}` })
            setOpen(undefined)
          }}
          onClose={() => setOpen(undefined)}
          onGone={() => opener.current?.focus({ preventScroll: true })}
        />
      )}
    </div>
  )
}
