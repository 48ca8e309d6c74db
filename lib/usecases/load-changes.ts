import 'server-only'
import { AppError } from '@/lib/errors'
import { compareEdge, compareNode } from '@/lib/graph/compare-edge'
import type { TimeRange } from '@/lib/model/time-range'
import { DAY_MS } from '@/lib/model/units'
import { COMPARED, type Compared, type PanelChanges } from '@/lib/model/window-comparison'
import { loadEdge } from '@/lib/store/load-edge'
import { loadEndpoint } from '@/lib/store/load-endpoint'
import { hasInventory, loadVersionsBetween } from '@/lib/store/load-inventory'
import { loadTold } from '@/lib/store/load-told'
import { DECIDING_KINDS } from './deciding-kinds'
import { queryEdges, queryNeighbourhood } from './query-graph'

const VERSIONS_SHOWN = 50

interface Request {
  readonly dataset: string
  readonly window: TimeRange
}

/** What changed of an edge against the window before and the day before. Errors: `not_found`, `unavailable`. */
export async function loadEdgeChanges(edgeId: string, { dataset, window }: Request): Promise<PanelChanges> {
  const row = await loadEdge(dataset, edgeId)
  if (!row) throw new AppError('not_found', 'no such edge', { hint: 'The link may name another dataset.' })
  const edgeIn = async (stretch: TimeRange) =>
    (await queryEdges(dataset, stretch, [edgeId])).edges.find(({ id }) => id === edgeId)
  const [now, ends] = await Promise.all([
    edgeIn(window),
    Promise.all([row.clientId, row.serverId].map((id) => loadEndpoint(dataset, id, 0))),
  ])
  return changesOf(
    { dataset, window, cluster: row.cluster, namespaces: ends.flatMap((end) => end?.namespace || []) },
    async (stretch) => ({ edge: compareEdge(await edgeIn(stretch), now) }),
  )
}

/** What changed of a node against the window before and the day before. Errors: `not_found`, `unavailable`. */
export async function loadNodeChanges(nodeId: string, { dataset, window }: Request): Promise<PanelChanges> {
  const endpoint = await loadEndpoint(dataset, nodeId, 0)
  if (!endpoint) throw new AppError('not_found', 'no such node', { hint: 'The link may name another dataset.' })
  const now = await queryNeighbourhood(dataset, window, [nodeId])
  return changesOf(
    { dataset, window, cluster: endpoint.cluster, namespaces: endpoint.namespace ? [endpoint.namespace] : [] },
    async (stretch) => ({ node: compareNode(nodeId, await queryNeighbourhood(dataset, stretch, [nodeId]), now) }),
  )
}

type Comparison = PanelChanges['comparisons'][number]

interface Subject extends Request {
  readonly cluster: string
  readonly namespaces: readonly string[]
}

async function changesOf(
  { dataset, window, cluster, namespaces }: Subject,
  compare: (stretch: TimeRange) => Promise<Pick<Comparison, 'edge' | 'node'>>,
): Promise<PanelChanges> {
  const comparisons = await Promise.all(
    COMPARED.map(async (name): Promise<Comparison> => {
      const stretch = stretchOf(name, window)
      const [told, compared] = await Promise.all([loadTold(dataset, cluster, stretch), compare(stretch)])
      return { with: name, window: stretch, isCovered: told.flows || told.traces, ...compared }
    }),
  )
  const isKnown = dataset === '' && (await hasInventory(cluster))
  const sinceMs = stretchOf('previous', window).fromMs
  const versions = isKnown
    ? await loadVersionsBetween(
        cluster,
        DECIDING_KINDS,
        [...new Set(namespaces)],
        { fromMs: sinceMs, toMs: window.toMs },
        VERSIONS_SHOWN,
      )
    : undefined
  return { cluster, window, comparisons, ...(versions && { policyVersions: versions }) }
}

function stretchOf(name: Compared, { fromMs, toMs }: TimeRange): TimeRange {
  const backMs = name === 'previous' ? toMs - fromMs : DAY_MS
  return { fromMs: fromMs - backMs, toMs: toMs - backMs }
}
