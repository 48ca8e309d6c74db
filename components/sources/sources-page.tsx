'use client'
import { TopBar } from '@/components/frame/top-bar'
import { useGraphView } from '@/components/graph/use-graph-view'
import { useLiveGraph } from '@/components/graph/use-live-graph'
import { useNow } from '@/components/graph/use-now'
import { ConnectCluster } from './connect-cluster'
import { SourceTable } from './source-table'

/** What each source told, which of them is silent and what that means, and how to connect the next one. */
export function SourcesPage() {
  const { params } = useGraphView()
  const { graph, error } = useLiveGraph(params)
  const nowMs = useNow()
  return (
    <>
      <TopBar title="Sources" />
      <main className="min-h-0 flex-1 space-y-6 overflow-y-auto p-4">
        {error && !graph && <p role="alert">The sources could not be loaded. {error}</p>}
        {graph && <SourceTable coverage={graph.coverage} nowMs={nowMs} />}
        <ConnectCluster />
      </main>
    </>
  )
}
