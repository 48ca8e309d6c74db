import 'server-only'
import type { FindingEvent, FindingEventRow } from '@/lib/model/finding'
import { type Queryable, query } from './client'
import { enqueueNotifications } from './notification-outbox'
import { storeJson } from './store-json'

/** Appends what happened to findings, and what channels are to be told of it, in the transaction of the change itself. */
export async function appendFindingEvents(client: Queryable, events: readonly FindingEvent[]): Promise<void> {
  if (events.length === 0) return
  const rows = events.map(({ kind, atMs, actor, finding, detail }, position) => ({
    dataset: finding.dataset,
    finding_id: finding.id,
    kind,
    ms: atMs,
    position: position % 32_768,
    actor,
    detail,
  }))
  await client.query(
    `INSERT INTO finding_event (dataset, finding_id, kind, at, position, actor, detail)
     SELECT dataset, finding_id, kind, to_timestamp(ms / 1000), position, actor, detail
     FROM jsonb_to_recordset($1::jsonb) AS e(dataset text, finding_id uuid, kind text, ms float8, position int, actor text, detail jsonb)`,
    [storeJson(rows)],
  )
  await enqueueNotifications(client, events)
}

/** What happened to findings, the newest first, at most `limit`. Index: (finding, time). */
export async function loadFindingEvents(findingIds: readonly string[], limit: number): Promise<FindingEventRow[]> {
  return query<FindingEventRow>(
    `SELECT id::text, finding_id::text AS "findingId", kind, (extract(epoch FROM at) * 1000)::float8 AS "atMs", actor, detail
     FROM finding_event WHERE finding_id = ANY($1::uuid[]) ORDER BY at DESC, position DESC, id LIMIT $2`,
    [findingIds, limit],
  )
}
