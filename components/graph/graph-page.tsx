'use client'
import { CoverageLine } from '@/components/coverage/coverage-line'
import { EmptyGraph } from './empty-graph'
import { GraphBar } from './graph-bar'
import { GraphTable } from './graph-table'
import { Headline } from './headline'
import { Legend } from './legend'
import { useGraphView } from './use-graph-view'
import { useLiveGraph } from './use-live-graph'
import { useNow } from './use-now'

/** The graph page: controls, three headline numbers, coverage, legend, and the edges. */
export function GraphPage() {
  const { view, params, change } = useGraphView()
  const { graph, live, error } = useLiveGraph(params)
  const nowMs = useNow()
  return (
    <div className="grid min-h-screen grid-rows-[auto_1fr]">
      <GraphBar view={view} live={live} change={change} />
      <main className="grid content-start gap-3 p-4">
        <h1 className="sr-only">Service graph</h1>
        {error && !graph && <p role="alert">The graph could not be loaded. {error}</p>}
        {!graph && !error && <p className="text-(--text-muted)">Loading the graph …</p>}
        {graph && (
          <>
            <div className="flex flex-wrap items-baseline justify-between gap-3">
              <Headline graph={graph} />
              <CoverageLine coverage={graph.coverage} nowMs={nowMs} />
            </div>
            {graph.edges.length > 0 && <Legend graph={graph} view={view} change={change} />}
            {graph.edges.length > 0 ? (
              <GraphTable
                graph={graph}
                selected={view.selected}
                nowMs={nowMs}
                params={params}
                onSelect={(selected) => change({ selected })}
              />
            ) : (
              <EmptyGraph graph={graph} view={view} change={change} />
            )}
            {graph.edges.length > 0 && graph.hidden.edges > 0 && (
              <p className="text-(--text-muted)">
                {graph.hidden.edges} more edges do not match this view.{' '}
                <button
                  type="button"
                  className="text-(--accent) underline"
                  onClick={() => change({ scope: 'all', states: [], namespaces: [], text: '' })}
                >
                  Show all traffic
                </button>
              </p>
            )}
            <p aria-live="polite" className="sr-only">
              {graph.edges.length} edges shown
            </p>
          </>
        )}
      </main>
    </div>
  )
}
