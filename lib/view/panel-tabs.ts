import type { GraphEdge } from '@/lib/model/graph'
import type { Outcome, Pending } from '@/lib/model/verdict'
import type { PanelTab } from './graph-view'

/** Tabs of the side panel, as they are called. */
export const TAB_WORD: Readonly<Record<PanelTab, string>> = {
  flows: 'Flows',
  policies: 'Policies',
  traces: 'Traces',
  history: 'History',
  egress: 'Egress',
  changes: 'What changed',
}

/**
 * The tab that opens where a link names none: the one that says why the edge looks as it does. Doors of which something is wrong or
 * unknown first, then what a policy refuses or would, then what only traces tell.
 */
export function firstTab(edge: Pick<GraphEdge, 'state' | 'door' | 'variants'>): PanelTab {
  const door = edge.door?.state
  if (door === 'violation' || door === 'unverified' || door === 'broken') return 'egress'
  if (edge.state.startsWith('denied') || edge.state === 'mixed' || edge.state === 'would_be_denied') return 'policies'
  return edge.variants.length === 0 ? 'traces' : 'flows'
}

/** A page of rows for what a view shows of an edge or a node: the same window and filters, what is selected, and of which outcome or staged effect ('' = any). */
export function rowsHref(
  page: '/flows' | '/graph',
  params: string,
  selected: string,
  of: { readonly outcome?: Outcome | ''; readonly pending?: Pending } = {},
): string {
  const query = new URLSearchParams(params)
  query.set('sel', selected)
  if (of.outcome) query.set('outcome', of.outcome)
  if (of.pending) query.set('pending', of.pending)
  return `${page}?${query}`
}
