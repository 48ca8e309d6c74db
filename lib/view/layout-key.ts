import type { GraphLevel } from '@/lib/model/graph'
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
  return `${key.slice(0, LIMITS.layoutKeyChars - HASH_CHARS)}${hashOf(key)}`
}

const HASH_CHARS = 14

/** FNV-1a twice from different beginnings: two views share a picture once in 2^53. */
function hashOf(text: string): string {
  let [a, b] = [0x811c9dc5, 0xcbf29ce4]
  for (let at = 0; at < text.length; at += 1) {
    a = Math.imul(a ^ text.charCodeAt(at), 0x01000193)
    b = Math.imul(b ^ text.charCodeAt(at), 0x01000193)
  }
  const word = (value: number) => (value >>> 0).toString(36).padStart(HASH_CHARS / 2, '0')
  return word(a) + word(b)
}
