'use client'
import { useCallback, useEffect, useMemo } from 'react'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { rankProblems } from '@/lib/graph/needs-person'
import { placeOfNode } from '@/lib/graph/place'
import { windowWords } from '@/lib/view/window-words'
import { EmptyGraph } from './empty-graph'
import { GraphBar } from './graph-bar'
import { GraphTable } from './graph-table'
import { Headline } from './headline'
import { layoutKeyOf } from './layout-key'
import { Legend } from './legend'
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
      // In the place the level is one finer than it, whatever it was outside.
      if (inside) step({ inside, level: '' })
      else if (node?.group) step({ expanded: [...expanded, nodeId] })
    },
    [graph, step, expanded],
  )
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === 't') change({ layout: layout === 'table' ? 'graph' : 'table' })
      if (event.key === 'g') change({ layout: 'graph' })
      if (event.key === 'p') change({ isOnlyProblems: !isOnlyProblems })
      if (event.key === ',') stepOut()
      if (event.key === '.') {
        const node = /^node:(.+)$/.exec(focusedItem() ?? selected)?.[1]
        if (node) stepInto(node)
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [change, layout, isOnlyProblems, selected, stepInto, stepOut])
  const problems = useMemo(() => (graph ? rankProblems(graph).length : 0), [graph])
  // A group whose edges are all within it has none to draw.
  const hasEdges = graph !== undefined && graph.nodes.length > 0
  const select = (selected: string) => change({ selected })
  return (
    <>
      <GraphBar view={view} live={live} graph={graph} change={change} />
      <ScopeBar view={view} graph={graph} problems={problems} change={change} step={step} stepOut={stepOut} />
      <div className="flex min-h-0 flex-1">
        <main className="flex min-h-0 min-w-0 flex-1 flex-col">
          {error && !graph && (
            <p role="alert" className="p-4">
              The graph could not be loaded. {error}
            </p>
          )}
          {!graph && !error && <p className="p-4 text-(--text-muted)">Loading the graph …</p>}
          {graph && (
            <>
              <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 border-b border-(--border) px-4 py-2">
                <Headline graph={graph} />
                <CoverageLine coverage={graph.coverage} nowMs={nowMs} />
              </div>
              <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
                {hasEdges && isOnlyProblems && <ProblemList graph={graph} selected={selected} onSelect={select} />}
                <div className="min-h-0 min-w-0 flex-1 overflow-auto">
                  {!hasEdges && <EmptyGraph graph={graph} view={view} change={change} />}
                  {hasEdges && layout === 'table' && (
                    <div className="p-4">
                      <GraphTable graph={graph} selected={view.selected} nowMs={nowMs} onSelect={select} />
                    </div>
                  )}
                  {hasEdges && layout === 'graph' && (
                    <ServiceGraph
                      graph={graph}
                      selected={view.selected}
                      layoutKey={layoutKeyOf(view, graph)}
                      onSelect={select}
                      onStepInto={stepInto}
                    />
                  )}
                </div>
              </div>
              {hasEdges && <Legend graph={graph} view={view} change={change} />}
              <p aria-live="polite" className="sr-only">
                {graph.edges.length} edges shown{isOnlyProblems ? ', only problems' : ''}
              </p>
            </>
          )}
        </main>
        {graph && view.selected && (
          <SidePanel
            graph={graph}
            selected={view.selected}
            params={params}
            windowWords={windowWords(view, nowMs)}
            onSelect={select}
            onStepInto={stepInto}
          />
        )}
      </div>
    </>
  )
}

/** What the keyboard stands on in the drawing, as `node:<id>` or `edge:<id>`. */
const focusedItem = (): string | undefined =>
  document.activeElement instanceof HTMLElement ? document.activeElement.dataset.graphItem : undefined

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable]') !== null
