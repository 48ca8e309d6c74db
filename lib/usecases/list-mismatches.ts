import 'server-only'
import { comparableClusters, findMismatches } from '@/lib/graph/mismatches'
import type { GraphQuery } from '@/lib/model/graph'
import type { MismatchList } from '@/lib/model/mismatch'
import { queryWholeGraph } from './query-graph'

const SHOWN = 200

/** Mismatches in the window of a view, at a moment, whatever the view hides. Errors: `unavailable`. */
export async function listMismatches(query: GraphQuery, nowMs: number): Promise<MismatchList> {
  const graph = await queryWholeGraph(query, nowMs)
  const clusters = comparableClusters(graph)
  const mismatches = findMismatches(graph, clusters)
  return { mismatches: mismatches.slice(0, SHOWN), total: mismatches.length, clusters: [...clusters].sort() }
}
