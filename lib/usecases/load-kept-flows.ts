import 'server-only'
import type { FlowList } from '@/lib/model/edge-detail'
import type { TimeRange } from '@/lib/model/time-range'
import type { Outcome } from '@/lib/model/verdict'
import { loadEdgeFlows as load } from '@/lib/store/load-edge-flows'
import { loadEdgesOf } from '@/lib/store/load-edges-of'

const ROWS_SHOWN = 50

interface Request {
  readonly dataset: string
  readonly window: TimeRange
  /** undefined = any. */
  readonly outcome: Outcome | undefined
}

/** Kept flow records of an edge in a window, newest first, at most 50, with their total. Errors: `unavailable`. */
export const loadEdgeFlows = (edgeId: string, request: Request): Promise<FlowList> => flowsOf([edgeId], request)

/** The same of all edges that begin or end at a node. Errors: `unavailable`. */
export const loadNodeFlows = async (nodeId: string, request: Request): Promise<FlowList> =>
  flowsOf(await loadEdgesOf(request.dataset, [nodeId]), request)

const flowsOf = (edgeIds: readonly string[], { dataset, window, outcome }: Request): Promise<FlowList> =>
  load(dataset, edgeIds, window, { limit: ROWS_SHOWN, ...(outcome && { outcomes: [outcome] }) })
