'use client'
import { useCallback, useMemo } from 'react'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { PartialBanner } from '@/components/coverage/partial-banner'
import { Dock } from '@/components/dock/dock'
import { FilterBar } from '@/components/filter/filter-bar'
import { useFind } from '@/components/filter/use-find'
import { useShortcuts } from '@/components/palette/use-shortcuts'
import { WhyEmpty } from '@/components/sources/why-empty'
import { addChip } from '@/lib/filter/edit-chips'
import { rankProblems } from '@/lib/graph/needs-person'
import { placeOfNode } from '@/lib/graph/place'
import type { FilterChip } from '@/lib/model/filter-chip'
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
import { ScopeBar } from './scope-bar'
import { ServiceGraph } from './service-graph'
import { SidePanel } from './side-panel'
import { useGraphView } from './use-graph-view'
import { useLiveGraph } from './use-live-graph'
import { useNow } from './use-now'

/** The graph page: controls, three headline numbers, coverage, the graph drawn or as a table, and what is selected. */
export function GraphPage() {
  const { view, params, change, step, stepOut } = useGraphView()
  const { graph, live, error } = useLiveGraph(params)
  const nowMs = useNow()
  const { layout, expanded, isOnlyProblems, selected } = view
  const stepInto = useCallback(
    (nodeId: string) => {
      const node = graph?.nodes.find(({ id }) => id === nodeId)
      const inside = node && placeOfNode(node)
      if (inside) step({ inside })
      else if (node?.group) step({ expanded: [...expanded, nodeId] })
    },
    [graph, step, expanded],
  )
  useShortcuts({
    table: () => change({ layout: layout === 'table' ? 'graph' : 'table' }),
    graph: () => change({ layout: 'graph' }),
    problems: () => change({ isOnlyProblems: !isOnlyProblems }),
    'step-out': stepOut,
    'step-in': () => {
      const node = /^node:(.+)$/.exec(focusedItem() ?? selected)?.[1]
      if (node) stepInto(node)
    },
  })
  const problems = useMemo(() => (graph ? rankProblems(graph).length : 0), [graph])
  // A group whose edges are all within it has none to draw.
  const hasEdges = graph !== undefined && graph.nodes.length > 0
  const find = useFind(graph, view)
  const select = (item: string) => change({ selected: item })
  const filter = (chip: FilterChip) => change({ chips: addChip(view.chips, chip) })
  return (
    <>
      <GraphBar view={view} live={live} graph={graph} change={change} />
      <FilterBar view={view} graph={graph} find={find} change={change} />
      <ScopeBar view={view} graph={graph} problems={problems} change={change} step={step} stepOut={stepOut} />
      <div className="flex min-h-0 flex-1">
        <main className="flex min-h-0 min-w-0 flex-1 flex-col">
          {error && !graph && (
            <div className="p-4">
              <p role="alert">The graph could not be loaded. {error}</p>
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
              <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 border-b border-(--border) px-4 py-2">
                <div className="flex flex-wrap items-baseline gap-x-3">
                  <Headline graph={graph} change={change} />
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
              <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
                {hasEdges && isOnlyProblems && <ProblemList graph={graph} selected={selected} onSelect={select} />}
                <div className="min-h-0 min-w-0 flex-1 overflow-auto">
                  {!hasEdges && <EmptyGraph graph={graph} view={view} change={change} />}
                  {hasEdges && layout === 'table' && (
                    <div className="p-4">
                      <GraphTable
                        graph={graph}
                        selected={selected}
                        nowMs={nowMs}
                        found={find.found?.all}
                        onSelect={select}
                        onFilter={filter}
                      />
                    </div>
                  )}
                  {hasEdges && layout === 'graph' && (
                    <ServiceGraph
                      graph={graph}
                      selected={selected}
                      layoutKey={layoutKeyOf(view, graph.level)}
                      {...(find.found && { found: find.found.all })}
                      onSelect={select}
                      onStepInto={stepInto}
                    />
                  )}
                </div>
              </div>
              {hasEdges && <Legend graph={graph} view={view} change={change} />}
              {/* With `timeline` the dock has a part of that name. */}
              <Dock view={view} change={change} />
              <GraphAnnouncer graph={graph} />
            </>
          )}
        </main>
        {graph && selected && (
          <SidePanel
            graph={graph}
            view={view}
            params={params}
            windowWords={windowWords(view, nowMs)}
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

/** What the keyboard stands on in the drawing, as `node:<id>` or `edge:<id>`. */
const focusedItem = (): string | undefined =>
  document.activeElement instanceof HTMLElement ? document.activeElement.dataset.graphItem : undefined
