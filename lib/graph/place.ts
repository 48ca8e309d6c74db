import { GRAPH_LEVELS, type GraphLevel, type GraphNode, type GraphQuery, type Place } from '@/lib/model/graph'

/** The level at which a place is one node. */
export const levelOfPlace = (place: Place): Exclude<GraphLevel, 'pod'> =>
  place.workload !== undefined ? 'workload' : place.namespace !== undefined ? 'namespace' : 'cluster'

const rank = (level: GraphLevel): number => GRAPH_LEVELS.indexOf(level)

/**
 * What the inside of a place is drawn as: the level that was asked for where that is finer than the place itself, else the next
 * finer one. Pods only of one namespace or workload: a cluster's are too many to read from records.
 */
export function levelInside(place: Place, asked: GraphLevel | undefined): GraphLevel {
  const own = levelOfPlace(place)
  const next = GRAPH_LEVELS[rank(own) + 1] ?? 'pod'
  const level = asked !== undefined && rank(asked) > rank(own) ? asked : next
  return level === 'pod' && own === 'cluster' ? 'workload' : level
}

/** The place whose pods a view shows; undefined where it shows none. */
export function podPlaceOf({ inside, level }: Pick<GraphQuery, 'inside' | 'level'>): Place | undefined {
  return inside && levelInside(inside, level) === 'pod' ? inside : undefined
}

/** Peers outside the cluster that are no provider: addresses, hosts, network sets. */
export const isOutside = (node: GraphNode): boolean =>
  !node.provider && (node.class === 'external' || node.class === 'internet' || node.class === 'network-set')

/** What a cluster holds: neither peers outside it, nor providers, nor what only calls it. */
const isInCluster = (node: GraphNode): boolean =>
  !node.provider && !isOutside(node) && node.class !== 'provider' && node.class !== 'claimed' && node.class !== 'caller'

/** Whether a node stands in a place. */
export function isInside(node: GraphNode, place: Place): boolean {
  if (!isInCluster(node) || node.cluster !== place.cluster) return false
  if (place.namespace === undefined) return true
  if (node.namespace !== place.namespace) return false
  return place.workload === undefined || (node.name === place.workload && isWorkload(node))
}

const isWorkload = (node: GraphNode): boolean => node.class === 'workload' || node.class === 'local'

/** What stands in a namespace, or in a cluster only; undefined of what stands in neither. */
export function homeOf(node: GraphNode): Place | undefined {
  if (!isInCluster(node)) return undefined
  return node.namespace ? { cluster: node.cluster, namespace: node.namespace } : { cluster: node.cluster }
}

/** The place that a node of a drawing stands for, to step into; undefined where there is nothing in it to show. */
export function placeOfNode(node: GraphNode): Place | undefined {
  const { cluster, namespace, name } = node
  if (node.group?.kind === 'cluster') return { cluster }
  if (node.group?.kind === 'namespace') return { cluster, namespace }
  if (node.group || node.pod !== undefined || node.class !== 'workload' || !namespace) return undefined
  return { cluster, namespace, workload: name }
}
