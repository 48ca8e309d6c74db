'use client'
import { useEffect } from 'react'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { layoutKeyOf } from '@/lib/view/layout-key'
import { windowWords } from '@/lib/view/window-words'
import { EmptyGraph } from './empty-graph'
import { GraphAnnouncer } from './graph-announcer'
import { GraphBar } from './graph-bar'
import { GraphTable } from './graph-table'
import { Headline } from './headline'
import { Legend } from './legend'
import { ServiceGraph } from './service-graph'
import { SidePanel } from './side-panel'
import { useGraphView } from './use-graph-view'
import { useLiveGraph } from './use-live-graph'
import { useNow } from './use-now'

/** The graph page: controls, three headline numbers, coverage, the graph drawn or as a table, and what is selected. */
export function GraphPage() {
  const { view, params, change } = useGraphView()
  const { graph, live, error } = useLiveGraph(params)
  const nowMs = useNow()
  const { layout } = view
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === 't') change({ layout: layout === 'table' ? 'graph' : 'table' })
      if (event.key === 'g') change({ layout: 'graph' })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [change, layout])
  const hasEdges = graph !== undefined && graph.edges.length > 0
  const select = (selected: string) => change({ selected })
  return (
    <>
      <GraphBar view={view} live={live} graph={graph} change={change} />
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
              <div className="min-h-0 flex-1 overflow-auto">
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
                    layoutKey={layoutKeyOf(view, graph.level)}
                    onSelect={select}
                  />
                )}
              </div>
              {hasEdges && <Legend graph={graph} view={view} change={change} />}
              <GraphAnnouncer graph={graph} />
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
          />
        )}
      </div>
    </>
  )
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable]') !== null
