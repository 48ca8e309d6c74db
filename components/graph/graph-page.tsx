'use client'
import { useEffect } from 'react'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { CompareList } from '@/components/time/compare-list'
import { ReplayBar } from '@/components/time/replay-bar'
import { Timeline } from '@/components/time/timeline'
import { usePast } from '@/components/time/use-past'
import type { TimeRange } from '@/lib/model/time-range'
import { serializeGraphView } from '@/lib/view/graph-view'
import { windowWords } from '@/lib/view/window-words'
import { EmptyGraph } from './empty-graph'
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
  const { view, params, change, show } = useGraphView()
  const past = usePast(view, params, show)
  const now = useLiveGraph(params, past.kind === 'none')
  const { graph, error } = past.kind === 'none' ? now : past
  const replay = past.kind === 'replay' ? past.replay : undefined
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
  // A frame without a record keeps its nodes: the drawing stands still.
  const hasEdges = graph !== undefined && (graph.edges.length > 0 || (replay !== undefined && graph.nodes.length > 0))
  const comparison = past.kind === 'compare' ? past.comparison : undefined
  const changes = past.kind === 'compare' ? past.changes : undefined
  // Of an edge that only the other window has, its evidence is there.
  const elsewhere =
    comparison && changes?.get(view.selected.slice('edge:'.length)) === 'removed'
      ? endsOf(comparison.before.window)
      : undefined
  const select = (selected: string) => change({ selected })
  return (
    <>
      <GraphBar view={view} live={now.live} graph={graph} change={change} />
      <div className={`flex min-h-0 flex-1 ${comparison ? 'flex-col lg:flex-row' : ''}`}>
        {comparison && (
          <CompareList
            comparison={comparison}
            selected={view.selected}
            onSelect={select}
            onStop={() => change({ against: '' })}
          />
        )}
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
                    <GraphTable
                      graph={graph}
                      selected={view.selected}
                      nowMs={nowMs}
                      {...(changes && { changes })}
                      onSelect={select}
                    />
                  </div>
                )}
                {hasEdges && layout === 'graph' && (
                  <ServiceGraph
                    graph={graph}
                    selected={view.selected}
                    layoutKey={`${view.dataset}/${view.cluster}/${view.scope}`}
                    {...(changes && { changes })}
                    onSelect={select}
                  />
                )}
              </div>
              {past.kind === 'replay' && replay && (
                <ReplayBar
                  replay={replay}
                  frame={past.frame}
                  onFrame={past.onFrame}
                  onStop={() => change({ at: '' })}
                />
              )}
              <Timeline
                view={view}
                {...(past.kind === 'replay' &&
                  replay && { replay: { answer: replay, frame: past.frame, onFrame: past.onFrame } })}
                change={change}
              />
              {/* As high in a frame without a record as in any: the drawing above must not move. */}
              <div className={replay ? 'min-h-10' : ''}>
                {hasEdges && <Legend graph={graph} view={view} change={change} />}
              </div>
              <p aria-live="polite" className="sr-only">
                {graph.edges.length} edges shown
              </p>
            </>
          )}
        </main>
        {graph && view.selected && (
          <SidePanel
            graph={graph}
            selected={view.selected}
            params={elsewhere ? serializeGraphView({ ...view, ...elsewhere, at: '', against: '' }).toString() : params}
            windowWords={elsewhere ? 'the other window' : windowWords(view, nowMs)}
            onSelect={select}
          />
        )}
      </div>
    </>
  )
}

const endsOf = ({ fromMs, toMs }: TimeRange) => ({ from: String(fromMs), to: String(toMs) })

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable]') !== null
