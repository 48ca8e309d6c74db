import 'server-only'
import type { PreparedBridge, PreparedSpan, SpanMeaning } from '@/lib/model/prepared-spans'
import type { Span } from '@/lib/model/span'
import { type Queryable, withTransaction } from './client'
import { contentId } from './content-id'
import { endpointId } from './flow-ids'
import { markConnectionsOfRefusals } from './mark-connections'
import { notifyGraph } from './notify-graph'
import { relinkTraces } from './relink-traces'
import { byId } from './row-order'
import { saveAiEmitters } from './save-ai-emitters'
import { saveBridges } from './save-bridges'
import { saveDatasets } from './save-datasets'
import { type RejectCounts, saveSourceMinutes } from './save-source-minutes'
import { saveSpanRoles, saveSpans } from './save-spans'

export interface SpanBatch {
  readonly dataset: string
  readonly spans: readonly PreparedSpan[]
  /** Links of spans of the body that are not kept. */
  readonly bridges: readonly PreparedBridge[]
  /** Cluster under which rejects are counted. */
  readonly cluster: string
  readonly rejects: RejectCounts
  readonly meaning: SpanMeaning
  readonly nowMs: number
  readonly settleMs: number
}

const keyOf = (span: Span): string => `${span.traceId}:${span.spanId}`

/**
 * Span writers of a dataset take turns, until COMMIT: those with parts of one trace must see each other, and a trace that is
 * relinked must not change meanwhile.
 */
export async function lockSpans(client: Queryable, dataset: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [contentId('spans', dataset)])
}

/**
 * Commits spans in one transaction, relinks the traces that they belong to, and answers after COMMIT how many were new. A
 * span sent again replaces itself, so a body may come twice.
 */
export async function commitSpans(batch: SpanBatch): Promise<{ readonly added: number }> {
  return withTransaction(async (client) => {
    const { dataset } = batch
    await lockSpans(client, dataset)
    await saveDatasets(client, [dataset])
    const { own, relinked } = await relinkTraces(client, { ...batch, due: [] })
    await saveEmitters(client, batch)
    const added = await saveSpans(client, dataset, own)
    await saveSpanRoles(client, dataset, relinked)
    await saveBridges(client, dataset, batch.bridges)
    await saveReceipts(client, batch, added)
    const refusals = own.flatMap(({ span, endpointId: clientId }) =>
      clientId && span.ai?.addressRefused ? [{ clientId, startMs: span.startMs, endMs: span.endMs }] : [],
    )
    const touched = [...batch.spans, ...relinked].flatMap((item) => item.cluster ?? [])
    const clusters = byId([...touched, batch.cluster], (cluster) => cluster)
    const scopes = clusters.map((cluster) => ({ dataset, cluster }))
    const marked = await markConnectionsOfRefusals(client, dataset, clusters, refusals)
    await notifyGraph(
      client,
      scopes.map((scope) => ({ ...scope, egress: marked > 0 })),
    )
    return { added: added.size }
  })
}

/** A server's spans say nothing of its being an AI workload; those with AI facts do. */
function saveEmitters(client: Queryable, { dataset, spans }: SpanBatch): Promise<void> {
  const emitters = spans.filter((item) => item.span.ai)
  return saveAiEmitters(
    client,
    emitters.map((item) => ({ id: endpointId(dataset, item.cluster, item.client), peer: item.client })),
  )
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
