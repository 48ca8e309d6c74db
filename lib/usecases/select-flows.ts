import 'server-only'
import { edgesOfView } from '@/lib/graph/edges-of-view'
import { podPlaceOf } from '@/lib/graph/place'
import type { FlowFilter } from '@/lib/model/flow-list'
import type { EdgeVariant, GraphEdge, GraphNode, GraphQuery } from '@/lib/model/graph'
import type { TimeRange } from '@/lib/model/time-range'
import { processGlobal } from '@/lib/process-global'
import type { FlowScope } from '@/lib/store/flow-slices'
import { queryWholeGraph } from './query-graph'

/** What is asked for: a view of the graph, what is selected in it, and what records must be like. */
export interface FlowRequest {
  readonly query: GraphQuery
  /** `edge:<id>` or `node:<id>`; '' = nothing. */
  readonly selected: string
  readonly filter: FlowFilter
}

/** Which records a request means, and what the graph knows of their ends. */
export interface FlowSelection {
  readonly window: TimeRange
  readonly edges: readonly GraphEdge[]
  readonly nodes: ReadonlyMap<string, GraphNode>
  /** By id. */
  readonly variants: ReadonlyMap<string, SelectedVariant>
  readonly scope: FlowScope
  /** Of the request, or of a selected pod: records must be read to know. */
  readonly pods: readonly { readonly text: string; readonly isWhole: boolean }[]
}

export interface SelectedVariant
  extends Pick<EdgeVariant, 'id' | 'source' | 'observer' | 'outcome' | 'enforced' | 'repeats'> {
  readonly edge: GraphEdge
}

interface Drawn {
  readonly atMs: number
  readonly edges: readonly GraphEdge[]
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly pod?: string
}

/** Windows whose ends were told relative to now are alike for so long: the finest grain of what is stored. */
const GRAIN_MS = 15_000
/** A first page looks at a graph no older than this. */
const FRESH_MS = 10_000
/** Pages that follow go on with the edges of the first, while this process remembers them. */
const KEPT_MS = 5 * 60_000
const MOST_KEPT = 16

/** The window of a view at a moment: one that moves ends at the next multiple of 15 s, so that requests of one page agree. */
export function flowWindow({ fromMs, toMs, windowMs }: GraphQuery, nowMs: number): TimeRange {
  const endMs = toMs ?? Math.ceil(nowMs / GRAIN_MS) * GRAIN_MS
  return { fromMs: Math.max(0, fromMs ?? endMs - windowMs), toMs: endMs }
}

/**
 * The ways of reporting that a request means in a window: of the edges that the view keeps between workloads, of what is selected. `isNext`
 * where a page or a stretch before was answered by the same edges. Errors: `unavailable`.
 */
export async function selectFlows(
  { query, selected, filter }: FlowRequest,
  window: TimeRange,
  nowMs: number,
  isNext = false,
): Promise<FlowSelection> {
  const { edges, nodes, pod } = await drawnEdges(query, selected, window, nowMs, isNext)
  const isMeant = (edge: GraphEdge, variant: EdgeVariant) =>
    (filter.ports.length === 0 || filter.ports.includes(edge.serverPort)) &&
    (filter.outcomes.length === 0 || filter.outcomes.includes(variant.outcome)) &&
    (filter.pending.length === 0 || filter.pending.includes(variant.pending)) &&
    (filter.observers.length === 0 || filter.observers.includes(variant.observer)) &&
    (filter.reasons.length === 0 || filter.reasons.includes(variant.dropReason ?? ''))
  const variants = new Map<string, SelectedVariant>()
  for (const edge of edges)
    for (const variant of edge.variants)
      if (isMeant(edge, variant)) {
        const { id, source, observer, outcome, enforced, repeats } = variant
        variants.set(id, {
          id,
          source,
          observer,
          outcome,
          edge,
          ...(enforced && { enforced }),
          ...(repeats && { repeats }),
        })
      }
  const intervals = [...variants.values()].filter(({ source }) => source === 'calico')
  return {
    window,
    edges,
    nodes,
    variants,
    scope: {
      dataset: query.dataset,
      window,
      variantIds: [...variants.keys()],
      intervalIds: intervals.map(({ id }) => id),
    },
    pods: [
      ...(filter.pod ? [{ text: filter.pod.toLowerCase(), isWhole: false }] : []),
      ...(pod === undefined ? [] : [{ text: pod.toLowerCase(), isWhole: true }]),
    ],
  }
}

async function drawnEdges(
  query: GraphQuery,
  selected: string,
  window: TimeRange,
  nowMs: number,
  isNext: boolean,
): Promise<Drawn> {
  const kept = processGlobal('flow-selections', () => new Map<string, Drawn>())
  const fixed = { ...query, ...window }
  const key = JSON.stringify([fixed, selected])
  const known = kept.get(key)
  if (known && nowMs - known.atMs <= (isNext ? KEPT_MS : FRESH_MS)) return known
  const graph = await queryWholeGraph(fixed, nowMs)
  const pods = /^(edge|node):p/.test(selected) ? podPlaceOf(query) : undefined
  const withPods = pods && (await queryWholeGraph({ ...fixed, pods }, nowMs))
  const drawn = {
    ...edgesOfView(graph, fixed, selected, withPods),
    atMs: nowMs,
    nodes: new Map(graph.nodes.map((node) => [node.id, node])),
  }
  kept.delete(key)
  kept.set(key, drawn)
  for (const [old] of kept) {
    if (kept.size <= MOST_KEPT) break
    kept.delete(old)
  }
  return drawn
}
