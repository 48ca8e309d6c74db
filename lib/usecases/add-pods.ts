import 'server-only'
import { summariseDoor } from '@/lib/egress/summarise-door'
import { drawPods } from '@/lib/graph/draw-pods'
import { isInside } from '@/lib/graph/place'
import type { GraphEdge, Place, ServiceGraph } from '@/lib/model/graph'
import { loadClientDoors } from '@/lib/store/load-client-doors'
import { loadPodRecords } from '@/lib/store/load-pod-records'

/**
 * The graph with the workloads of a place drawn as the pods that stored flow records of the window name, at most `podRecords` of them,
 * denials first. Errors: `unavailable`.
 */
export async function addPods(graph: ServiceGraph, place: Place): Promise<ServiceGraph> {
  const inPlace = new Set(graph.nodes.filter((node) => isInside(node, place)).map(({ id }) => id))
  const edges = graph.edges.filter(({ client, server }) => inPlace.has(client) || inPlace.has(server))
  const edgeOf = new Map(edges.flatMap((edge) => edge.variants.map(({ id }) => [id, edge.id] as const)))
  const { dataset, window } = graph
  const [{ records, left }, doors] = await Promise.all([
    loadPodRecords(dataset, window, variantsOf(edges), edges.some(isOfCalico)),
    loadClientDoors(
      dataset,
      window,
      edges.filter(({ door }) => door !== undefined).map(({ id }) => id),
    ),
  ])
  return drawPods(graph, place, {
    records: records.map(({ startMs, endMs, ...record }) => ({
      ...record,
      edgeId: edgeOf.get(record.variantId) ?? '',
      firstMs: startMs,
      lastMs: endMs,
    })),
    doors: doors.map(({ judgements, ...door }) => ({ ...door, door: summariseDoor(judgements) })),
    recordsLeft: left,
  })
}

/** Denials first, then what else did not simply pass, each by id. */
function variantsOf(edges: readonly GraphEdge[]): string[] {
  const rank = { denied: 0, dropped: 1, error: 1, allowed: 2, observed: 2, unknown: 2 } as const
  return edges
    .flatMap(({ variants }) => variants)
    .filter(({ source }) => source === 'hubble' || source === 'calico')
    .sort((a, b) => rank[a.outcome] - rank[b.outcome] || (a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
}

const isOfCalico = ({ variants }: GraphEdge): boolean => variants.some(({ source }) => source === 'calico')
