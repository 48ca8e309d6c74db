import { type GraphEdge, HIDDEN_CAUSES, type HiddenCause, type HiddenCounts, type HiddenPart } from '@/lib/model/graph'
import { isDenied } from './needs-person'
import { bytesOf, volumeOf } from './volume'

/** Digits of a share: finer ones would change with every record. */
const SHARE_STEPS = 10_000

/**
 * What is hidden, by cause, as shares of all edges of the window: of bytes where every edge that let anything through counts them
 * (most sources do not), else of connections, requests or records.
 */
export function countHidden(
  all: readonly GraphEdge[],
  hidden: ReadonlyMap<HiddenCause, readonly GraphEdge[]>,
  hiddenNodes: number,
): HiddenCounts {
  const hasBytes =
    all.some((edge) => bytesOf(edge) > 0) &&
    all.every((edge) => bytesOf(edge) > 0 || edge.passed + edge.counters.spans === 0)
  const weigh = hasBytes ? bytesOf : volumeOf
  const total = all.reduce((sum, edge) => sum + weigh(edge), 0)
  const part = (edges: readonly GraphEdge[]): HiddenPart => {
    const weight = edges.reduce((sum, edge) => sum + weigh(edge), 0)
    return {
      edges: edges.length,
      denied: edges.filter(isDenied).length,
      share: total > 0 ? Math.round((weight / total) * SHARE_STEPS) / SHARE_STEPS : 0,
    }
  }
  const parts = HIDDEN_CAUSES.flatMap((cause): [HiddenCause, HiddenPart][] => {
    const edges = hidden.get(cause) ?? []
    return edges.length > 0 ? [[cause, part(edges)]] : []
  })
  return {
    edges: parts.reduce((sum, [, { edges }]) => sum + edges, 0),
    nodes: hiddenNodes,
    by: Object.fromEntries(parts),
    measure: hasBytes ? 'bytes' : 'connections',
  }
}
