import 'server-only'
import { mergeLayout } from '@/lib/graph/merge-layout'
import { EMPTY_LAYOUT, type GraphLayout, graphLayout, type LayoutChange } from '@/lib/model/graph-layout'
import { changeGraphLayout, loadGraphLayout } from '@/lib/store/graph-layouts'
import { checkDataset } from './check-dataset'

/** A view of a dataset, by the name under which its places are remembered. */
interface PlacedView {
  readonly dataset: string
  readonly key: string
}

/** Where the nodes of a view stand; empty where nobody laid it out yet. Throws `bad_request`, `unavailable`. */
export async function readPlaces({ dataset, key }: PlacedView): Promise<GraphLayout> {
  checkDataset(dataset)
  return layoutOf(await loadGraphLayout(dataset, key)) ?? EMPTY_LAYOUT
}

/**
 * Takes what a browser tells of its drawing (`mergeLayout` says what stays), and answers where what it told of stands now: all of the
 * view after `first`, else the nodes and ways of the change. Nobody's audit: it changes how a picture looks, for all, and a person
 * moves it back. Throws `bad_request`, `not_found` where there is no such dataset, `unavailable`.
 */
export async function changePlaces(
  { dataset, key }: PlacedView,
  change: LayoutChange,
  told: GraphLayout,
): Promise<GraphLayout> {
  checkDataset(dataset)
  const layout = await changeGraphLayout(dataset, key, (stored) => mergeLayout(layoutOf(stored), change, told))
  if (change === 'first') return layout
  const ids = new Set([...told.nodes, ...told.routes].map(([id]) => id))
  return { nodes: layout.nodes.filter(([id]) => ids.has(id)), routes: layout.routes.filter(([id]) => ids.has(id)) }
}

/** What an older or newer version stored in another form counts as nothing: the view is laid out anew. */
function layoutOf(stored: { readonly nodes: unknown; readonly routes: unknown } | undefined): GraphLayout | undefined {
  return graphLayout.safeParse(stored && { nodes: stored.nodes, routes: stored.routes }).data
}
