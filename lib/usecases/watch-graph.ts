import 'server-only'
import { GraphHub, type LiveEvent } from '@/lib/live/graph-hub'
import type { GraphQuery } from '@/lib/model/graph'
import { processGlobal } from '@/lib/process-global'
import { listenForGraphChanges } from '@/lib/store/listen'
import { queryGraph } from './query-graph'

const hub = (): GraphHub =>
  processGlobal(
    'graph-hub',
    () => new GraphHub({ load: (query) => queryGraph(query, Date.now()), listen: listenForGraphChanges }),
  )

/** A snapshot of the view, then patches as records are committed; call the answer to stop. */
export function watchGraph(query: GraphQuery, listener: (event: LiveEvent) => void): () => void {
  return hub().watch(query, listener)
}
