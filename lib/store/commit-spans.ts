import 'server-only'
import type { LinkSpans, PreparedSpan } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import { type Queryable, withTransaction } from './client'
import { contentId } from './content-id'
import { endpointId } from './flow-ids'
import { loadTraceSpans, type StoredSpan } from './load-trace-spans'
import { markConnectionsOfEdges } from './mark-connections'
import { notifyGraph } from './notify-graph'
import { placeSpans } from './place-spans'
import { byId } from './row-order'
import { saveAiEmitters } from './save-ai-emitters'
import { saveDatasets } from './save-datasets'
import { saveEdges, saveEndpoints } from './save-dictionaries'
import { type RejectCounts, saveSourceMinutes } from './save-source-minutes'
import { type PlacedSpan, saveSpans } from './save-spans'

export interface SpanBatch {
  readonly dataset: string
  readonly spans: readonly PreparedSpan[]
  /** Cluster under which rejects are counted. */
  readonly cluster: string
  readonly rejects: RejectCounts
  readonly link: LinkSpans
}

const keyOf = (span: Span): string => `${span.traceId}:${span.spanId}`

/**
 * Commits spans in one transaction, relinks the traces that they belong to, and answers after COMMIT how many were new. A
 * span sent again replaces itself, so a body may come twice. Batches with spans of one trace must see each other: span
 * writers of a dataset take turns.
 */
export async function commitSpans(batch: SpanBatch): Promise<{ readonly added: number }> {
  return withTransaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [contentId('spans', batch.dataset)])
    const { own, relinked } = await place(client, batch)
    const added = await saveSpans(client, batch.dataset, own)
    await saveSpans(client, batch.dataset, relinked)
    await saveReceipts(client, batch, added)
    const refusals = own.flatMap(({ span, edgeId }) =>
      edgeId && span.ai?.addressRefused ? [{ edgeId, startMs: span.startMs, endMs: span.endMs }] : [],
    )
    const clusters = byId([...batch.spans.map((item) => item.cluster), batch.cluster], (cluster) => cluster)
    const scopes = clusters.map((cluster) => ({ dataset: batch.dataset, cluster }))
    const marked = await markConnectionsOfEdges(client, scopes, refusals)
    await notifyGraph(
      client,
      scopes.map((scope) => ({ ...scope, egress: marked > 0 })),
    )
    return { added: added.size }
  })
}

interface Placed {
  readonly own: readonly PlacedSpan[]
  /** Spans of earlier batches that count otherwise, now that more of their trace is known. */
  readonly relinked: readonly PlacedSpan[]
}

/** Writes endpoints and edges; answers the spans of the traces with what they count and the edge they are drawn on. */
async function place(client: Queryable, batch: SpanBatch): Promise<Placed> {
  const { dataset, spans } = batch
  const ownEdges = await saveSpanEdges(client, batch)
  const traceIds = byId(spans, (item) => item.span.traceId).map((item) => item.span.traceId)
  const sent = new Map(spans.map((item) => [keyOf(item.span), item.span]))
  const stored = (await loadTraceSpans(client, dataset, traceIds)).filter((item) => !sent.has(keyOf(item.span)))
  const edges = new Map(
    stored.flatMap((item) => (item.edgeId && item.span.peer ? [[keyOf(item.span), item.edgeId]] : [])),
  )
  for (const [key, edgeId] of ownEdges) edges.set(key, edgeId)
  const roles = batch.link([...stored.map((item) => item.span), ...sent.values()])
  const placedOf = (span: Span): PlacedSpan => {
    const role = roles.get(keyOf(span)) ?? { countsCall: false, countsAiCall: false, countsTokens: false }
    const edgeId = role.edgeSpan ? edges.get(role.edgeSpan) : undefined
    return { span, role, ...(edgeId && { edgeId }) }
  }
  const relinked = stored.flatMap((item) => {
    const placed = placedOf(item.span)
    return isSame(item, placed) ? [] : [placed]
  })
  return { own: [...sent.values()].map(placedOf), relinked }
}

const isSame = (stored: StoredSpan, { span, role, edgeId }: PlacedSpan): boolean =>
  stored.edgeId === edgeId &&
  stored.countsCall === role.countsCall &&
  stored.countsAiCall === role.countsAiCall &&
  stored.hasTokens === (role.countsTokens && (span.ai?.inputTokens ?? span.ai?.outputTokens) !== undefined)

/** Endpoints and edges that the spans name themselves; answers the edge of each span, by `traceId:spanId`. */
async function saveSpanEdges(client: Queryable, { dataset, spans }: SpanBatch): Promise<ReadonlyMap<string, string>> {
  await saveDatasets(client, [dataset])
  const edges = await placeSpans(client, dataset, spans)
  const placed = [...edges.values()]
  await saveEndpoints(
    client,
    placed.flatMap((item) => item.ends),
  )
  await saveEdges(
    client,
    placed.map((item) => item.edge),
  )
  const emitters = spans.filter((item) => item.span.ai)
  await saveAiEmitters(
    client,
    emitters.map((item) => ({ id: endpointId(dataset, item.cluster, item.client), peer: item.client })),
  )
  return new Map([...edges].map(([item, { edge }]) => [keyOf(item.span), edge.edgeId]))
}

async function saveReceipts(client: Queryable, batch: SpanBatch, added: ReadonlySet<string>): Promise<void> {
  const base = { dataset: batch.dataset, source: 'otlp', hop: '', duplicates: 0 }
  await saveSourceMinutes(client, [
    ...byId(batch.spans, (item) => keyOf(item.span)).map(({ cluster, span }) => {
      const isNew = added.has(keyOf(span))
      return { ...base, cluster, accepted: isNew ? 1 : 0, duplicates: isNew ? 0 : 1, newestMs: span.endMs }
    }),
    ...(Object.keys(batch.rejects).length > 0 || batch.spans.length === 0
      ? [{ ...base, cluster: batch.cluster, accepted: 0, rejects: batch.rejects }]
      : []),
  ])
}
