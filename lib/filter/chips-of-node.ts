import type { ChipField } from '@/lib/model/filter-chip'
import type { GraphEdge, GraphNode } from '@/lib/model/graph'

/** A field and its value: what a cell or a node offers to filter by. */
export interface FilterTerm {
  readonly field: ChipField
  readonly value: string
}

/** What a person can filter by where this node stands, the most particular first. Never empty. */
export function termsOfNode(node: GraphNode): readonly FilterTerm[] {
  const terms: readonly (FilterTerm | '' | undefined)[] = [
    node.pod !== undefined && node.pod !== '' ? { field: 'pod', value: node.pod } : '',
    node.group ? '' : ownTerm(node),
    node.provider && { field: 'provider', value: node.provider.id },
    node.namespace && { field: 'namespace', value: node.namespace },
    node.aiRole && { field: 'role', value: node.aiRole },
    node.cluster && { field: 'cluster', value: node.cluster },
  ]
  const found = terms.flatMap((term) => term || [])
  return found.length > 0 ? found : [{ field: 'class', value: node.class }]
}

/** What a person can filter by where this edge's port stands. */
export const termsOfPort = (edge: GraphEdge): readonly FilterTerm[] => [
  ...(edge.serverPort ? [{ field: 'port' as const, value: String(edge.serverPort) }] : []),
  { field: 'protocol', value: edge.protocol },
]

function ownTerm(node: GraphNode): FilterTerm | undefined {
  if (node.class === 'external' || node.class === 'provider')
    return { field: 'host', value: node.dnsName?.name ?? node.name }
  if (node.name === '') return { field: 'class', value: node.class }
  // A workload's name alone is not unique.
  return { field: 'workload', value: node.namespace ? `${node.namespace}/${node.name}` : node.name }
}
