import 'server-only'
import type { PreparedBridge } from '@/lib/model/prepared-spans'
import { DAY_MS } from '@/lib/model/units'
import { type Queryable, withTransaction } from './client'
import { endpointId } from './flow-ids'
import { byId } from './row-order'
import { storeText } from './store-json'

/** Parts of a trace come hours apart at most; later than this nothing asks for the links any more. */
const KEPT_MS = DAY_MS
/** Rows deleted in one transaction. */
const MOST_AT_ONCE = 20_000

/** Keeps the links of dropped spans; the same ones again change nothing. */
export async function saveBridges(
  client: Queryable,
  dataset: string,
  bridges: readonly PreparedBridge[],
): Promise<void> {
  if (bridges.length === 0) return
  const rows = byId(bridges, ({ bridge }) => `${bridge.traceId}:${bridge.spanId}`)
  await client.query(
    `INSERT INTO span_bridge (dataset, trace_id, span_id, parent_span_id, kind, emitter, cluster, endpoint_id)
     SELECT $1, u.* FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[]) AS u
     ON CONFLICT DO NOTHING`,
    [
      dataset,
      rows.map(({ bridge }) => bridge.traceId),
      rows.map(({ bridge }) => bridge.spanId),
      rows.map(({ bridge }) => bridge.parentSpanId ?? null),
      rows.map(({ bridge }) => bridge.kind),
      rows.map(({ bridge }) => storeText(bridge.emitter)),
      rows.map((row) => row.cluster),
      rows.map((row) => endpointId(dataset, row.cluster, row.client)),
    ],
  )
}

/** Deletes links older than a day, at most 20 000. Answers how many. Index: received_at. */
export async function deleteOldBridges(nowMs: number): Promise<number> {
  return withTransaction(async (client) => {
    const result = await client.query(
      `DELETE FROM span_bridge b USING (
         SELECT dataset, trace_id, span_id FROM span_bridge WHERE received_at < to_timestamp($1::float8 / 1000)
         ORDER BY received_at LIMIT ${MOST_AT_ONCE} FOR UPDATE SKIP LOCKED) old
       WHERE b.dataset = old.dataset AND b.trace_id = old.trace_id AND b.span_id = old.span_id`,
      [nowMs - KEPT_MS],
    )
    return result.rowCount ?? 0
  })
}
