'use client'
import { useQuery } from '@tanstack/react-query'
import { Pause, Play, Rows3, Waypoints } from 'lucide-react'
import { useCallback, useRef, useState } from 'react'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { TrafficShown } from '@/components/frame/traffic-shown'
import { fetchJson } from '@/components/providers/fetch-json'
import { TimePicker } from '@/components/time/time-picker'
import { Button, ButtonLink } from '@/components/ui/button'
import { Choice } from '@/components/ui/choice'
import { chipOf, type FilterChip } from '@/lib/model/filter-chip'
import type { FlowCount, FlowListRow } from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import { shownText } from '@/lib/model/shown-text'
import { countWords, formatExact } from '@/lib/view/flow-words'
import { serializeGraphView } from '@/lib/view/graph-view'
import { windowWords } from '@/lib/view/window-words'
import { ColumnChooser } from './column-chooser'
import { ExportMenu } from './export-menu'
import { FlowFilters } from './flow-filters'
import { FlowBars } from './flow-histogram'
import { FlowSheet } from './flow-sheet'
import { FlowTable } from './flow-table'
import { NoFlows } from './no-flows'
import { useFlowRows } from './use-flow-rows'
import { useFlowsView } from './use-flows-view'
import { useTableLook } from './use-table-look'
import { ViewChips } from './view-chips'

const PAGE_ROWS = 200
const COUNT_AGAIN_MS = 15_000

/** The flow table: every kept record of the view that the graph page shares, with the sums over time, a filter of records, and files of all. */
export function FlowsPage() {
  const { view, filter, params, change, setFilter } = useFlowsView()
  const [look, setLook] = useTableLook()
  const [open, setOpen] = useState<FlowListRow>()
  const [away, setAway] = useState({ of: '', isAway: false })
  const [isStopped, setIsStopped] = useState(false)
  const opener = useRef<HTMLElement | null>(null)
  const area = useRef<HTMLDivElement>(null)
  // Another question begins at the top of its list.
  const isAway = away.isAway && away.of === params
  const canFollow = view.to === 'now'
  const isFollowing = canFollow && !isStopped && !isAway && !open
  const flows = useFlowRows(params, PAGE_ROWS, isFollowing)
  const { data: count } = useQuery({
    queryKey: ['flow-count', params],
    queryFn: () => fetchJson<FlowCount>(`/api/flows/count?${params}`),
    staleTime: 0,
    refetchInterval: isFollowing ? COUNT_AGAIN_MS : false,
  })
  const addChip = useCallback(
    (chip: FilterChip) => change({ chips: [...view.chips, chip].slice(0, 20) }),
    [change, view.chips],
  )
  const toTop = () => area.current?.querySelector('section')?.scrollTo({ top: 0 })
  const graphHref = (selected: string) => `/graph?${serializeGraphView({ ...view, selected, layout: 'graph' })}`
  const words = windowWords(view, flows.page?.window.toMs ?? 0)
  return (
    <>
      <TopBar title="Flows">
        <DatasetChip name={view.dataset} />
        <Choice
          label="Cluster"
          all="All clusters"
          wordOf={shownText}
          value={view.cluster}
          options={flows.rows.map(({ cluster }) => cluster)}
          onChoose={(cluster) => change({ cluster })}
        />
        <TrafficShown view={view} change={change} />
        <input
          aria-label="Find a workload or host"
          placeholder="Name contains …"
          className="h-7 w-40 rounded-md border border-(--border) bg-(--bg) px-2"
          onKeyDown={(event) => {
            const text = event.currentTarget.value.trim()
            if (event.key !== 'Enter' || text === '') return
            event.currentTarget.value = ''
            addChip(chipOf('either', 'text', text.slice(0, 253)))
          }}
        />
        <ButtonLink href={graphHref(view.selected)}>
          <Waypoints aria-hidden size={14} />
          Graph
        </ButtonLink>
        <div className="ml-auto">
          <TimePicker from={view.from} to={view.to} zone={view.zone} onChange={change} />
        </div>
      </TopBar>
      <main className="flex min-h-0 flex-1 flex-col">
        <div className="grid gap-2 border-b border-(--border) px-4 py-2">
          <FlowFilters filter={filter} onChange={setFilter} />
          <ViewChips view={view} change={change} />
          <FlowBars
            params={params}
            isLive={isFollowing}
            onZoom={({ fromMs, toMs }) => change({ from: String(fromMs), to: String(toMs) })}
          />
        </div>
        <div className="flex flex-wrap items-center gap-2 border-b border-(--border) px-4 py-1.5">
          <p data-testid="flow-count">
            <strong className="font-semibold">
              {count
                ? countWords(count, LIMITS.flowCountRows)
                : flows.error
                  ? 'Records not counted'
                  : 'Counting records …'}
            </strong>{' '}
            <span className="text-(--text-muted)">
              of {words}, {view.dataset === '' ? 'live data' : `dataset ${view.dataset}`}
              {flows.page ? `, of ${formatExact(flows.page.edges)} ${flows.page.edges === 1 ? 'edge' : 'edges'}` : ''}
            </span>
          </p>
          <div className="ml-auto flex flex-wrap items-center gap-2">
            {canFollow && (
              <>
                <span role="status" className="text-(--text-muted)">
                  {flows.error ? '' : followWords(isStopped, isAway, open !== undefined)}
                </span>
                <Button
                  onClick={() => {
                    if (isFollowing) setIsStopped(true)
                    else {
                      setIsStopped(false)
                      toTop()
                    }
                  }}
                >
                  {isFollowing ? <Pause aria-hidden size={14} /> : <Play aria-hidden size={14} />}
                  {isFollowing ? 'Pause' : 'Follow'}
                </Button>
              </>
            )}
            <Button
              aria-pressed={look.density === 'compact'}
              className={look.density === 'compact' ? 'border-(--accent)' : ''}
              onClick={() => setLook({ ...look, density: look.density === 'compact' ? 'normal' : 'compact' })}
            >
              <Rows3 aria-hidden size={14} />
              Compact
            </Button>
            <ColumnChooser look={look} onChange={setLook} />
            <ExportMenu params={params} count={count} />
          </div>
        </div>
        <div ref={area} className="min-h-0 flex-1">
          {flows.error && flows.rows.length === 0 && (
            <div role="alert" className="p-4">
              <p>The records could not be loaded: {flows.error}</p>
              <Button className="mt-2" onClick={flows.retry}>
                Try again
              </Button>
            </div>
          )}
          {flows.isLoading && <p className="p-4 text-(--text-muted)">Loading the records …</p>}
          {flows.page && flows.rows.length === 0 && !flows.hasMore && (
            <NoFlows view={view} filter={filter} edges={flows.page.edges} change={change} setFilter={setFilter} />
          )}
          {flows.page && (flows.rows.length > 0 || flows.hasMore) && (
            <FlowTable
              // Another question begins at its top.
              key={params}
              rows={flows.rows}
              look={look}
              label="Flow records"
              total={count?.isExact ? count.count : undefined}
              hasMore={flows.hasMore && !flows.mustAsk}
              openId={open?.id ?? ''}
              foot={<Foot flows={flows} />}
              loadMore={flows.loadMore}
              onFilter={addChip}
              onScrolled={(isNowAway) => setAway({ of: params, isAway: isNowAway })}
              onOpen={(row) => {
                opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
                setOpen(row)
              }}
            />
          )}
        </div>
      </main>
      {open && (
        <FlowSheet
          row={open}
          dataset={view.dataset}
          edgeHref={graphHref(`edge:${open.edgeId}`)}
          onOnlyEdge={() => {
            change({ selected: `edge:${open.edgeId}` })
            setOpen(undefined)
          }}
          onClose={() => setOpen(undefined)}
          onGone={() => opener.current?.focus({ preventScroll: true })}
        />
      )}
    </>
  )
}

function followWords(isStopped: boolean, isAway: boolean, isOpen: boolean): string {
  if (isStopped) return '○ Paused'
  if (isOpen) return '○ Paused: a record is open'
  return isAway ? '○ Paused: you scrolled away from the newest' : '● Following, newest first'
}

/** What is below the last row: more that comes, more that can be looked for, or the end. */
function Foot({ flows }: { flows: ReturnType<typeof useFlowRows> }) {
  if (flows.isLoadingMore) return <p>Loading older records …</p>
  if (flows.error)
    return (
      <p role="alert">
        Older records could not be loaded: {flows.error}{' '}
        <Button size="small" onClick={flows.loadMore}>
          Try again
        </Button>
      </p>
    )
  if (!flows.hasMore) return <p>These are all of them.</p>
  if (flows.looked === undefined || !flows.mustAsk) return null
  return (
    <p>
      {formatExact(flows.looked)} records were read for this filter, {formatExact(flows.rows.length)} of them fit.{' '}
      <Button size="small" onClick={flows.loadMore}>
        Look further back
      </Button>
    </p>
  )
}
