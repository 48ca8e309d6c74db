import 'server-only'
import type { SpanMeaning } from '@/lib/model/prepared-spans'
import { query, withTransaction } from './client'
import { lockSpans } from './commit-spans'
import { notifyGraph } from './notify-graph'
import { relinkTraces } from './relink-traces'
import { byId } from './row-order'
import { saveSpanRoles } from './save-spans'

/** Spans settled in one transaction: span writers wait for it. */
const MOST_AT_ONCE = 500

interface Due {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly startMs: number
}

/**
 * Datasets in which something waits no longer, those that are being deleted left out. Index: settle_at, where there is one, of each
 * partition there is: few rows are in it.
 */
export async function datasetsToSettle(nowMs: number): Promise<string[]> {
  const rows = await query<{ dataset: string }>(
    `SELECT DISTINCT dataset FROM span s WHERE settle_at IS NOT NULL AND settle_at <= to_timestamp($1::float8 / 1000)
       AND NOT EXISTS (SELECT FROM dataset d WHERE d.name = s.dataset AND d.deleting_at IS NOT NULL) ORDER BY dataset`,
    [nowMs],
  )
  return rows.map((row) => row.dataset)
}

/**
 * Settles up to 500 spans of a dataset whose waiting is over, oldest first, in one transaction under the dataset's span lock;
 * answers how many. Idempotent: what another replica settled meanwhile waits no more. Index: settle_at of each partition.
 */
export async function settleTraces(
  dataset: string,
  meaning: SpanMeaning,
  time: { readonly nowMs: number; readonly settleMs: number },
): Promise<number> {
  return withTransaction(async (client) => {
    await lockSpans(client, dataset)
    const { rows } = await client.query<Due>(
      `SELECT trace_id AS "traceId", span_id AS "spanId", parent_span_id AS "parentSpanId",
         (extract(epoch FROM start_at) * 1000)::float8 AS "startMs" FROM span
       WHERE dataset = $1 AND settle_at IS NOT NULL AND settle_at <= to_timestamp($2::float8 / 1000) ORDER BY settle_at LIMIT ${MOST_AT_ONCE}`,
      [dataset, time.nowMs],
    )
    if (rows.length === 0) return 0
    const due = rows.map(({ parentSpanId, ...row }) => ({ ...row, ...(parentSpanId !== null && { parentSpanId }) }))
    const { relinked } = await relinkTraces(client, { dataset, spans: [], bridges: [], due, meaning, ...time })
    await saveSpanRoles(client, dataset, relinked)
    // A span may be due by an earlier, shorter setting and still wait by the present one: it was written again with its new time.
    const clusters = byId(
      relinked.flatMap((row) => row.cluster ?? []),
      (cluster) => cluster,
    )
    await notifyGraph(
      client,
      clusters.map((cluster) => ({ dataset, cluster, egress: false })),
    )
    return rows.length
  })
}
