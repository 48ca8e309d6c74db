import 'server-only'
import type { EdgeRow, GraphInput, NewInWindow } from '@/lib/model/graph-input'
import { DAY_MS } from '@/lib/model/units'
import { loadFirstSeenOfEndpoints, loadLearningSince, loadSeenSince } from '@/lib/store/edge-first-seen'
import { loadBucketSums } from '@/lib/store/load-bucket-sums'
import { loadSpanFacts } from '@/lib/store/load-span-facts'
import { loadVariants } from '@/lib/store/load-variants'

/** How far before its window a pinned dataset is looked at. */
export const PINNED_LOOK_BACK_MS = DAY_MS

type Window = Pick<GraphInput, 'dataset' | 'window' | 'edges'>

/**
 * What was first seen in a window. Live edges are remembered from when they are noted, within half a minute, for as long as sums by the
 * hour are kept; of a cluster that is not remembered from before the window nothing is known. Of a pinned dataset its records of the
 * day before say what is not new. Errors: `unavailable`.
 */
export const newInWindow = (input: Window): Promise<NewInWindow> =>
  input.dataset === '' ? newInLive(input) : newInPinned(input)

async function newInLive({ window, edges }: Window): Promise<NewInWindow> {
  const clusters = clustersOf(edges)
  const since = await loadLearningSince(clusters)
  const isKnown = (cluster: string) => (since.get(cluster) ?? Number.POSITIVE_INFINITY) <= window.fromMs
  const known = edges.filter(({ cluster }) => isKnown(cluster))
  const ids = new Set(
    await loadSeenSince(
      known.map(({ id }) => id),
      window.fromMs,
    ),
  )
  const first = await loadFirstSeenOfEndpoints(endsOfOnly(edges, ids))
  return {
    edges: ids,
    endpoints: new Set([...first].flatMap(([id, firstMs]) => (firstMs >= window.fromMs ? [id] : []))),
    unknownIn: clusters.filter((cluster) => !isKnown(cluster)),
  }
}

async function newInPinned({ dataset, window, edges }: Window): Promise<NewInWindow> {
  const before = { fromMs: window.fromMs - PINNED_LOOK_BACK_MS, toMs: window.fromMs }
  const [sums, spans] = await Promise.all([loadBucketSums(dataset, before), loadSpanFacts(dataset, before)])
  // A bucket reaches over the window's edge: what is in it may have come after.
  const variants = await loadVariants(
    sums.filter(({ firstMs }) => firstMs < window.fromMs).map(({ variantId }) => variantId),
  )
  const seen = [...variants.flatMap((variant) => variant?.edge ?? []), ...spans.edges]
  const seenIds = new Set(seen.map(({ id }) => id))
  const isKnown = new Set(seen.map(({ cluster }) => cluster))
  const ids = new Set(edges.flatMap(({ id, cluster }) => (isKnown.has(cluster) && !seenIds.has(id) ? [id] : [])))
  const seenEnds = new Set(seen.flatMap(({ clientId, serverId }) => [clientId, serverId]))
  return {
    edges: ids,
    endpoints: new Set(endsOfOnly(edges, ids).filter((id) => !seenEnds.has(id))),
    unknownIn: clustersOf(edges).filter((cluster) => !isKnown.has(cluster)),
  }
}

const clustersOf = (edges: readonly EdgeRow[]): string[] => [...new Set(edges.map(({ cluster }) => cluster))].sort()

/** Endpoints all of whose edges are among these: few, and no resolver that everybody asks. */
function endsOfOnly(edges: readonly EdgeRow[], ids: ReadonlySet<string>): string[] {
  const isNew = new Map<string, boolean>()
  for (const { id, clientId, serverId } of edges)
    for (const end of [clientId, serverId]) isNew.set(end, (isNew.get(end) ?? true) && ids.has(id))
  return [...isNew].flatMap(([end, isOnlyNew]) => (isOnlyNew ? [end] : []))
}
