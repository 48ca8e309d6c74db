'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { LoadProblem } from '@/components/ui/load-problem'
import { layoutKeyOf } from '@/lib/view/layout-key'
import { EmptyGraph } from './empty-graph'
import { GraphTable } from './graph-table'
import { Headline } from './headline'
import { Legend } from './legend'
import { ServiceGraph } from './service-graph'
import { useGraphView } from './use-graph-view'
import { useLiveGraph } from './use-live-graph'
import { useNow } from './use-now'

/**
 * The graph without chrome, for a frame: window and filters from the URL as Grafana writes them (`from`, `to`, `theme`),
 * the headline above and the legend below. What is selected stays in the frame.
 */
export function EmbedGraph() {
  const { view, params, change } = useGraphView()
  const { graph, error } = useLiveGraph(params)
  const client = useQueryClient()
  const [selected, setSelected] = useState('')
  const nowMs = useNow()
  const hasNodes = graph !== undefined && graph.nodes.length > 0
  return (
    <main className="flex h-dvh flex-col">
      <h1 className="sr-only">Service graph</h1>
      {error && !graph && (
        <div className="p-4">
          <LoadProblem
            text={`The graph could not be loaded: ${error}`}
            onRetry={() => void client.refetchQueries({ queryKey: ['graph'], type: 'active' })}
          />
        </div>
      )}
      {!graph && !error && <p className="p-4 text-(--text-muted)">Loading the graph …</p>}
      {graph && (
        <>
          <div className="border-b border-(--border) px-3 py-1.5">
            <Headline graph={graph} />
          </div>
          <div className="min-h-0 flex-1 overflow-auto">
            {!hasNodes && <EmptyGraph graph={graph} view={view} isEmbedded change={change} />}
            {hasNodes && view.layout === 'graph' && (
              <ServiceGraph
                graph={graph}
                selected={selected}
                layoutKey={layoutKeyOf(view, graph.level)}
                isReadOnly
                onSelect={setSelected}
              />
            )}
            {hasNodes && view.layout === 'table' && (
              <GraphTable graph={graph} selected={selected} nowMs={nowMs} onSelect={setSelected} />
            )}
          </div>
          {hasNodes && <Legend graph={graph} view={view} change={change} />}
        </>
      )}
    </main>
  )
}
