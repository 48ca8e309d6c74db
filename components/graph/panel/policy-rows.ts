import { termsOfNode } from '@/lib/filter/chips-of-node'
import type { SeenPolicy } from '@/lib/graph/policies-seen'
import { chipOf } from '@/lib/model/filter-chip'
import { ALL_FLOWS } from '@/lib/model/flow-list'
import type { GraphNode } from '@/lib/model/graph'
import { policyName } from '@/lib/model/policy'
import { putFlowFilter } from '@/lib/view/flow-filter'
import { type GraphView, serializeGraphView, windowOnly } from '@/lib/view/graph-view'

/**
 * Where the rows behind a policy's figures at a node are, in the view's dataset and window and the node's cluster: its flow records, as the
 * node's own side reported them, and the edges in the graph. Both by chips, so that the page says what it shows; the node stands at the end
 * that the direction gives it. Undefined where the policy has no name to look for.
 */
export function policyRows(
  view: GraphView,
  node: GraphNode,
  { policy, direction, outcomes }: SeenPolicy,
): { readonly flows: string; readonly graph: string } | undefined {
  if (policy.name === '') return undefined
  const [self] = termsOfNode(node)
  const chips = [
    ...(self ? [chipOf(direction === 'egress' ? 'source' : 'destination', self.field, self.value)] : []),
    chipOf('either', 'policy', policyName(policy)),
  ]
  const asked: GraphView = { ...windowOnly(view), cluster: node.cluster, scope: 'all', chips }
  const filter = { ...ALL_FLOWS, outcomes, observers: [direction === 'egress' ? 'client' : 'server'] as const }
  return {
    flows: `/flows?${putFlowFilter(serializeGraphView(asked), filter)}`,
    graph: `/graph?${serializeGraphView({ ...asked, selected: `node:${node.id}`, panel: 'policies' })}`,
  }
}
