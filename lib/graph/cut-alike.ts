import type { SourceSilence } from '@/lib/model/comparison'
import type { GraphQuery, ServiceGraph } from '@/lib/model/graph'
import type { SourceName } from '@/lib/model/source-name'
import { READABLE } from './choose-level'
import { keepWithin } from './limit-drawing'
import { isNeverHidden } from './needs-person'
import { viewGraph } from './view-graph'
import { volumeOf } from './volume'

/**
 * The part of two windows that a view shows of either, without its caps: an edge that the view shows in one window only, for its
 * state or a name, is taken from the other as well, where it is. So what only one of both has was only seen in that one.
 */
export function cutAlike(
  before: ServiceGraph,
  after: ServiceGraph,
  query: GraphQuery,
): { readonly before: ServiceGraph; readonly after: ServiceGraph } {
  const level = query.level ?? viewGraph(after, query).level
  const uncapped: GraphQuery = { ...query, isUncapped: true, ...(level && { level }) }
  const [first, second] = [viewGraph(before, uncapped), viewGraph(after, uncapped)]
  return { before: completed(first, before, second), after: completed(second, after, first) }
}

function completed(shown: ServiceGraph, whole: ServiceGraph, other: ServiceGraph): ServiceGraph {
  const has = new Set(shown.edges.map((edge) => edge.id))
  const wanted = new Set(other.edges.flatMap((edge) => (has.has(edge.id) ? [] : [edge.id])))
  const edges = [...shown.edges, ...whole.edges.filter((edge) => wanted.has(edge.id))]
  const ends = new Set(edges.flatMap((edge) => [edge.client, edge.server]))
  const nodes = new Map(
    [...whole.nodes, ...shown.nodes].filter((node) => ends.has(node.id)).map((node) => [node.id, node]),
  )
  return { ...shown, nodes: [...nodes.values()], edges }
}

/**
 * The drawing of a comparison within its limit: what changed is never cut, nor denied, flagged or AI edges; of the rest the busiest stay,
 * and `hidden` counts.
 */
export function capComparison(graph: ServiceGraph, changed: ReadonlySet<string>, isUncapped: boolean): ServiceGraph {
  if (isUncapped || (graph.edges.length <= READABLE.edges && graph.nodes.length <= READABLE.nodes)) return graph
  const candidates = graph.edges.map((edge) => ({
    id: edge.id,
    ends: [edge.client, edge.server] as const,
    isLine: true,
    isNeeded: changed.has(edge.id) || isNeverHidden(edge),
    volume: volumeOf(edge),
    edge,
  }))
  const kept = keepWithin(candidates, READABLE)
  const edges = candidates.flatMap((candidate) => (kept.has(candidate) ? candidate.edge : []))
  const ends = new Set(edges.flatMap((edge) => [edge.client, edge.server]))
  const nodes = graph.nodes.filter((node) => ends.has(node.id))
  return {
    ...graph,
    nodes,
    edges,
    hidden: {
      edges: graph.hidden.edges + graph.edges.length - edges.length,
      nodes: graph.hidden.nodes + graph.nodes.length - nodes.length,
    },
  }
}

/**
 * Sources without a record in a window of a pinned dataset that the other window has records of: when a file was uploaded says nothing
 * about what it covers, its records do.
 */
export function unheardSources(window: ServiceGraph, other: ServiceGraph): SourceSilence[] {
  const heard = new Set(sourcesOf(window).keys())
  return [...sourcesOf(other)].flatMap(([key, { source, cluster }]) =>
    heard.has(key) ? [] : [{ source, cluster, kind: 'unheard' as const, ...window.window }],
  )
}

/**
 * What sources had not been heard of in a window, as its records tell: who was connected within it may have told of the time before, as a
 * first import does, so that for the sources of flows it ends with their first record of the cluster. The timeline says it by the same rule.
 */
export function untilFirstRecords(silences: readonly SourceSilence[], graph: ServiceGraph): SourceSilence[] {
  const first = new Map<string, number>()
  for (const { variants, cluster } of graph.edges)
    for (const { source, firstMs } of variants) {
      const key = `${source}\n${cluster}`
      first.set(key, Math.min(first.get(key) ?? firstMs, firstMs))
    }
  return silences.flatMap((silence) => {
    if (silence.kind !== 'unheard') return [silence]
    const toMs = Math.min(silence.toMs, first.get(`${silence.source}\n${silence.cluster}`) ?? silence.toMs)
    return toMs <= silence.fromMs ? [] : [{ ...silence, toMs }]
  })
}

function sourcesOf(graph: ServiceGraph): Map<string, { readonly source: SourceName; readonly cluster: string }> {
  const sources = new Map<string, { source: SourceName; cluster: string }>()
  const add = (source: SourceName, cluster: string) => sources.set(`${source}\n${cluster}`, { source, cluster })
  for (const { variants, cluster, counters } of graph.edges) {
    for (const { source } of variants) add(source, cluster)
    if (counters.spans > 0) add('otlp', cluster)
  }
  return sources
}
