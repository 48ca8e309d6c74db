import type { Flow } from '@/lib/model/flow'
import { cleanText } from '../clean-text'
import type { IngestContext, Step } from '../draft'

/**
 * Token, header, record, configuration, in this order; never empty. A record that names another cluster than the request
 * is a conflict: it follows the request, and is counted.
 */
export const putCluster: Step = (draft, state) => {
  const own = draft.flow.cluster
  draft.scope = state.scopes.of(draft.flow)
  if (own && own !== draft.scope.cluster) state.clusterConflicts += 1
  return undefined
}

/** The cluster that a flow (or gap) of a request belongs to. */
export const clusterOf = (record: Pick<Flow, 'cluster'>, context: IngestContext): string =>
  cleanText(context.tokenCluster || context.clusterHeader || record.cluster || context.defaultCluster)
