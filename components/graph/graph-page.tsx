'use client'
import dynamic from 'next/dynamic'
import { useCallback, useMemo } from 'react'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { PartialBanner } from '@/components/coverage/partial-banner'
import { Dock } from '@/components/dock/dock'
import { FilterBar } from '@/components/filter/filter-bar'
import { useFind } from '@/components/filter/use-find'
import { useShortcuts } from '@/components/palette/use-shortcuts'
import { WhyEmpty } from '@/components/sources/why-empty'
import { Timeline } from '@/components/time/timeline'
import { usePast } from '@/components/time/use-past'
import { addChip } from '@/lib/filter/edit-chips'
import { rankProblems } from '@/lib/graph/needs-person'
import { placeOfNode } from '@/lib/graph/place'
import type { FilterChip } from '@/lib/model/filter-chip'
import type { TimeRange } from '@/lib/model/time-range'
import { filterWords } from '@/lib/view/filter-words'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'
import { layoutKeyOf } from '@/lib/view/layout-key'
import { windowWords } from '@/lib/view/window-words'
import { EmptyGraph } from './empty-graph'
import { GraphAnnouncer } from './graph-announcer'
import { GraphBar } from './graph-bar'
import { GraphTable } from './graph-table'
import { Headline } from './headline'
import { Legend } from './legend'
import { MismatchButton } from './mismatch-list'
import { ProblemList } from './problem-list'
import { LensBar, ScopeBar } from './scope-bar'
import { ServiceGraph } from './service-graph'
import { useGraphView } from './use-graph-view'
import { useLiveGraph } from './use-live-graph'
import { useNow } from './use-now'

// What a first visit does not show comes when it is asked for (e2e/bundle.spec.ts watches the first load).
const SidePanel = dynamic(() => import('./side-panel').then((module) => module.SidePanel))
const CompareList = dynamic(() => import('@/components/time/compare-list').then((module) => module.CompareList))
const ReplayBar = dynamic(() => import('@/components/time/replay-bar').then((module) => module.ReplayBar))

/**
 * The graph page: controls, three headline numbers, coverage, the graph drawn or as a table, what is selected, and what happened over time.
 * The graph is live, or a frame of a replay, or two windows as one.
 */
export function GraphPage() {
  const { view, params, selectedNow, change, show, step, stepOut } = useGraphView()
  const { layout, expanded, isOnlyProblems, selected } = view
  const past = usePast(view, params, show)
  const now = useLiveGraph(params, past.kind === 'none')
  const { graph, error } = past.kind === 'none' ? now : past
  const nowMs = useNow()
  const replay = past.kind === 'replay' ? past.replay : undefined
  const stepInto = useCallback(
    (nodeId: string) => {
      const node = graph?.nodes.find(({ id }) => id === nodeId)
      const inside = node && placeOfNode(node)
      // In the place the level is one finer than it, whatever it was outside.
      if (inside) step({ inside, level: '' })
      else if (node?.group) step({ expanded: [...expanded, nodeId] })
    },
    [graph, step, expanded],
  )
  useShortcuts({
    table: () => change({ layout: layout === 'table' ? 'graph' : 'table' }),
    graph: () => change({ layout: 'graph' }),
    problems: () => change({ isOnlyProblems: !isOnlyProblems }),
    'step-out': stepOut,
    // Of the page, not of the panel, and by the address: a panel still on its way is not to open after all.
    close: () => {
      if (selectedNow()) change({ selected: '' })
    },
    'step-in': () => {
      const node = /^node:(.+)$/.exec(focusedItem() ?? selected)?.[1]
      if (node) stepInto(node)
    },
  })
  const problems = useMemo(() => (graph ? rankProblems(graph).length : undefined), [graph])
  // Nodes, not edges: a group whose edges are all within it has none to draw, nor has a frame without a record.
  const hasNodes = graph !== undefined && graph.nodes.length > 0
  const find = useFind(graph, view)
  const select = (item: string) => change({ selected: item })
  const filter = (chip: FilterChip) => change({ chips: addChip(view.chips, chip) })
  const comparison = past.kind === 'compare' ? past.comparison : undefined
  const changes = past.kind === 'compare' ? past.changes : undefined
  // Of an edge that only the other window has, its evidence is there.
  const elsewhere =
    comparison && changes?.get(selected.slice('edge:'.length)) === 'removed'
      ? endsOf(comparison.before.window)
      : undefined
  const isStripInDock = view.dock !== '' && (replay === undefined || view.dock === 'timeline')
  const timelineOf = (isDocked: boolean) => (
    <Timeline
      view={view}
      isDocked={isDocked}
      {...(past.kind === 'replay' &&
        replay && { replay: { answer: replay, frame: past.frame, onFrame: past.onFrame } })}
      change={change}
    />
  )
  return (
    <>
      <GraphBar view={view} live={now.live} graph={graph} change={change} />
      <FilterBar view={view} graph={graph} find={find} change={change}>
        <LensBar view={view} problems={problems} change={change} />
      </FilterBar>
      {/* Narrow windows scroll the page: the drawing keeps a height of its own, whatever stands above it. */}
      <div className={`flex flex-1 lg:min-h-0 ${comparison ? 'flex-col lg:flex-row' : ''}`}>
        {comparison && (
          <CompareList
            comparison={comparison}
            selected={selected}
            onSelect={select}
            onStop={() => change({ against: '' })}
          />
        )}
        <main className="flex min-w-0 flex-1 flex-col lg:min-h-0 lg:overflow-y-auto">
          {error && !graph && (
            <div className="p-4">
              <p role="alert">The graph could not be loaded: {error}</p>
              <WhyEmpty view={view} />
            </div>
          )}
          {!graph && !error && <p className="p-4 text-(--text-muted)">Loading the graph …</p>}
          {graph && (
            <>
              <PartialBanner
                coverage={graph.coverage}
                cluster={view.cluster}
                windowEndMs={view.to === 'now' ? nowMs : graph.window.toMs}
                nowMs={nowMs}
              />
              <div className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-(--border) px-4 py-1.5">
                <ScopeBar view={view} graph={graph} change={change} step={step} stepOut={stepOut} />
                <div className="mr-auto flex flex-wrap items-baseline gap-x-3">
                  <Headline graph={graph} of={countedOf(view)} change={change} />
                  {graph.headline.mismatches !== undefined && (
                    <MismatchButton
                      count={graph.headline.mismatches}
                      params={params}
                      onOpen={(edgeId) => change({ selected: `edge:${edgeId}`, panel: 'traces' })}
                    />
                  )}
                </div>
                <CoverageLine coverage={graph.coverage} nowMs={nowMs} />
              </div>
              <div className="flex flex-1 flex-col lg:min-h-44 lg:flex-row">
                {hasNodes && isOnlyProblems && <ProblemList graph={graph} selected={selected} onSelect={select} />}
                <div
                  className={`min-w-0 flex-1 overflow-auto lg:min-h-0 ${hasNodes && layout === 'graph' ? 'max-lg:h-[60dvh] max-lg:min-h-72 max-lg:flex-none' : ''}`}
                >
                  {!hasNodes && <EmptyGraph graph={graph} view={view} change={change} />}
                  {hasNodes && layout === 'table' && (
                    <div className="p-4">
                      <GraphTable
                        graph={graph}
                        selected={selected}
                        nowMs={nowMs}
                        found={find.found?.all}
                        {...(changes && { changes })}
                        onSelect={select}
                        onFilter={filter}
                      />
                    </div>
                  )}
                  {hasNodes && layout === 'graph' && (
                    <ServiceGraph
                      graph={graph}
                      selected={selected}
                      layoutKey={layoutKeyOf(view, graph.level)}
                      {...(find.found && { found: find.found.all })}
                      {...(changes && { changes })}
                      onSelect={select}
                      onStepInto={stepInto}
                    />
                  )}
                </div>
              </div>
              {past.kind === 'replay' && replay && (
                <ReplayBar
                  replay={replay}
                  frame={past.frame}
                  onFrame={past.onFrame}
                  onStop={() => change({ at: '' })}
                />
              )}
              {/* Above an open dock the drawing needs its height: the strip is a part of the dock. A replay has it as its slider. */}
              <div className={isStripInDock ? 'lg:hidden' : ''}>{timelineOf(false)}</div>
              {/* As high in a frame without a record as in any: the drawing above must not move. */}
              <div className={replay ? 'min-h-16 bg-(--surface)' : ''}>
                {hasNodes && <Legend graph={graph} view={view} change={change} />}
              </div>
              <Dock view={view} timeline={timelineOf(true)} change={change} />
              <GraphAnnouncer graph={graph} />
            </>
          )}
        </main>
        {graph && selected && (
          <SidePanel
            graph={graph}
            view={view}
            params={elsewhere ? serializeGraphView({ ...view, ...elsewhere, at: '', against: '' }).toString() : params}
            windowWords={elsewhere ? 'the other window' : windowWords(view, nowMs)}
            nowMs={nowMs}
            change={change}
            onSelect={select}
            onStepInto={stepInto}
            onFilter={filter}
          />
        )}
      </div>
    </>
  )
}

/** What the headline counts: all of what it is of, whatever else the view takes away. */
function countedOf(view: GraphView): 'view' | 'cluster' | 'window' {
  if (filterWords({ ...view, scope: 'all', cluster: '' }).length === 0) return 'view'
  return view.cluster ? 'cluster' : 'window'
}

/** What the keyboard stands on in the drawing, as `node:<id>` or `edge:<id>`. */
const focusedItem = (): string | undefined =>
  document.activeElement instanceof HTMLElement ? document.activeElement.dataset.graphItem : undefined

const endsOf = ({ fromMs, toMs }: TimeRange) => ({ from: String(fromMs), to: String(toMs) })
