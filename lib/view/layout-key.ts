import type { GraphLevel } from '@/lib/model/graph'
import { hash64 } from '@/lib/model/hash64'
import { LIMITS } from '@/lib/model/limits'
import type { GraphView } from './graph-view'

/**
 * Names what a view draws, for its places: cluster, lens, level, and the place that was stepped into. Filters, time and what is
 * opened do not count: what they leave stands where it stood. `level` is what is drawn, where the view left that to the server.
 * At most `layoutKeyChars` characters; of longer names a hash stands for the end. Pure.
 */
export function layoutKeyOf(
  view: Pick<GraphView, 'cluster' | 'scope' | 'level' | 'inside'>,
  level: GraphLevel | undefined,
): string {
  const { cluster, scope, inside } = view
  const place = inside ? [inside.cluster, inside.namespace ?? '', inside.workload ?? ''] : []
  const key = [scope, level ?? view.level, cluster, ...place].map(encodeURIComponent).join('/')
  if (key.length <= LIMITS.layoutKeyChars) return key
  const hash = hash64(key)
  return `${key.slice(0, LIMITS.layoutKeyChars - hash.length)}${hash}`
}
