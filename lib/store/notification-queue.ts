import 'server-only'
import { LIMITS } from '@/lib/model/limits'
import type { Delivery, DeliveryState, Notice, NotifiedFinding } from '@/lib/model/notification'
import type { UnixMillis } from '@/lib/model/units'
import { noticeLine } from '@/lib/notify/message'
import { type Queryable, query, withTransaction } from './client'

/** Messages of one channel that its log keeps. */
const LOGGED = 50

/** A message that is to be tried now. */
export interface DueDelivery {
  readonly id: string
  readonly createdMs: UnixMillis
  readonly attempts: number
  readonly notices: readonly Notice[]
}

interface NoticeRow extends Omit<Notice, 'before'> {
  readonly id: string
  readonly before: Notice['before'] | null
}

const NOTICE = `kind, (extract(epoch FROM at) * 1000)::float8 AS "atMs", dedupe_key AS key, before, finding`

const noticeOf = ({ kind, atMs, key, before, finding }: NoticeRow): Notice => ({
  kind,
  atMs,
  key,
  ...(before !== null && { before }),
  finding,
})

/**
 * Puts what is due for a channel into one message, the oldest first, at most `LIMITS.notificationEvents`; what a message that is still
 * being tried tells of waits for it. False where nothing is due, or too many messages are being tried.
 */
export async function makeDelivery(channelId: string, nowMs: UnixMillis): Promise<boolean> {
  return withTransaction(async (client) => {
    const { rows } = await client.query<NoticeRow>(
      `SELECT id::text, ${NOTICE} FROM notification_event e
       WHERE channel_id = $1::uuid AND delivery_id IS NULL AND due_at <= to_timestamp($2::float8 / 1000)
         AND NOT EXISTS (SELECT FROM notification_event b WHERE b.channel_id = e.channel_id AND b.delivery_id IS NOT NULL AND b.finding_id = e.finding_id)
         AND (SELECT count(*) FROM (SELECT FROM notification_delivery d WHERE d.channel_id = $1::uuid AND d.next_at IS NOT NULL LIMIT $4) trying) < $4
       ORDER BY e.id LIMIT $3 FOR UPDATE`,
      [channelId, nowMs, LIMITS.notificationEvents, LIMITS.notificationMessages],
    )
    if (rows.length === 0) return false
    const made = await client.query<{ id: string }>(
      `INSERT INTO notification_delivery (channel_id, state, what, created_at, next_at)
       VALUES ($1::uuid, 'waiting', $2::text[], to_timestamp($3::float8 / 1000), to_timestamp($3::float8 / 1000)) RETURNING id::text`,
      [channelId, rows.map((row) => noticeLine(noticeOf(row))), nowMs],
    )
    await client.query('UPDATE notification_event SET delivery_id = $1::uuid WHERE id = ANY($2::bigint[])', [
      made.rows[0]?.id,
      rows.map(({ id }) => id),
    ])
    return true
  })
}

/** The message of a channel that has been due for the longest; undefined for none. */
export async function nextDelivery(channelId: string, nowMs: UnixMillis): Promise<DueDelivery | undefined> {
  const [row] = await query<Omit<DueDelivery, 'notices'>>(
    `SELECT id::text, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs", attempts FROM notification_delivery
     WHERE channel_id = $1::uuid AND next_at <= to_timestamp($2::float8 / 1000) ORDER BY next_at, id LIMIT 1`,
    [channelId, nowMs],
  )
  if (!row) return undefined
  const notices = await query<NoticeRow>(
    `SELECT id::text, ${NOTICE} FROM notification_event e WHERE delivery_id = $1::uuid ORDER BY e.id`,
    [row.id],
  )
  return { ...row, notices: notices.map(noticeOf) }
}

/** How an attempt ended. */
export interface Settled {
  readonly state: DeliveryState
  /** When it is tried again, of one that waits. */
  readonly nextMs?: UnixMillis
  readonly status?: number
  readonly tookMs: number
  readonly answer: string
}

/** Writes down an attempt. A message that is done lets go of its events, and stays in the log of its channel. */
export async function settleDelivery(id: string, settled: Settled, nowMs: UnixMillis): Promise<void> {
  const isDone = settled.state !== 'waiting'
  await withTransaction(async (client) => {
    const { rows } = await client.query<{ channelId: string }>(
      `UPDATE notification_delivery SET state = $2, attempts = attempts + 1, last_status = $3, last_ms = $4, last_answer = $5,
         next_at = to_timestamp($6::float8 / 1000), done_at = to_timestamp($7::float8 / 1000)
       WHERE id = $1::uuid AND state = 'waiting' RETURNING channel_id::text AS "channelId"`,
      [
        id,
        settled.state,
        settled.status ?? null,
        Math.round(settled.tookMs),
        settled.answer,
        isDone ? null : (settled.nextMs ?? nowMs),
        isDone ? nowMs : null,
      ],
    )
    const channelId = rows[0]?.channelId
    if (channelId === undefined || !isDone) return
    await client.query('DELETE FROM notification_event WHERE delivery_id = $1::uuid', [id])
    await prune(client, channelId)
  })
}

/** Writes a test message down, which is sent by whoever asked for it. */
export async function logTest(channelId: string, what: string, settled: Settled, nowMs: UnixMillis): Promise<void> {
  await withTransaction(async (client) => {
    await client.query(
      `INSERT INTO notification_delivery (channel_id, is_test, state, what, created_at, done_at, attempts, last_status, last_ms, last_answer)
       SELECT id, true, $2, ARRAY[$3], to_timestamp($4::float8 / 1000), to_timestamp($4::float8 / 1000), 1, $5, $6, $7
       FROM notification_channel WHERE id = $1::uuid`,
      [channelId, settled.state, what, nowMs, settled.status ?? null, Math.round(settled.tookMs), settled.answer],
    )
    await prune(client, channelId)
  })
}

/** The log keeps what waits, and the last of what is done. */
const prune = (client: Queryable, channelId: string) =>
  client.query(
    `DELETE FROM notification_delivery WHERE channel_id = $1::uuid AND next_at IS NULL AND id IN (
       SELECT id FROM notification_delivery WHERE channel_id = $1::uuid AND next_at IS NULL ORDER BY created_at DESC, id OFFSET $2)`,
    [channelId, LOGGED],
  )

interface DeliveryRow extends Pick<Delivery, 'id' | 'isTest' | 'state' | 'what' | 'createdMs' | 'attempts'> {
  readonly doneMs: number | null
  readonly nextMs: number | null
  readonly lastStatus: number | null
  readonly lastMs: number | null
  readonly lastAnswer: string | null
}

/** The last messages of a channel, newest first. */
export async function listDeliveries(channelId: string): Promise<Delivery[]> {
  const rows = await query<DeliveryRow>(
    `SELECT id::text, is_test AS "isTest", state, what, (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs", attempts,
       (extract(epoch FROM done_at) * 1000)::float8 AS "doneMs", (extract(epoch FROM next_at) * 1000)::float8 AS "nextMs",
       last_status AS "lastStatus", last_ms AS "lastMs", last_answer AS "lastAnswer"
     FROM notification_delivery WHERE channel_id = $1::uuid ORDER BY created_at DESC, id LIMIT $2`,
    [channelId, LOGGED],
  )
  return rows.map(({ doneMs, nextMs, lastStatus, lastMs, lastAnswer, ...row }) => ({
    ...row,
    ...(doneMs !== null && { doneMs }),
    ...(nextMs !== null && { nextMs }),
    ...(lastStatus !== null && { lastStatus }),
    ...(lastMs !== null && { lastMs }),
    ...(lastAnswer !== null && { lastAnswer }),
  }))
}

export interface Repeat {
  readonly finding: NotifiedFinding
  /** The finding itself is gone, with what it was made of. */
  readonly isGone: boolean
}

/** Open alerts of a channel whose repeat is due, at most `limit`; each is due again at `nextMs`. One that is gone is not told again. */
export async function takeRepeats(
  channelId: string,
  { nowMs, nextMs, limit }: { readonly nowMs: UnixMillis; readonly nextMs: UnixMillis; readonly limit: number },
): Promise<Repeat[]> {
  return query<Repeat>(
    `WITH due AS (
       SELECT finding_id, NOT EXISTS (SELECT FROM finding f WHERE f.id = t.finding_id) AS gone FROM notification_told t
       WHERE channel_id = $1::uuid AND repeat_at <= to_timestamp($2::float8 / 1000) ORDER BY repeat_at LIMIT $4 FOR UPDATE SKIP LOCKED)
     UPDATE notification_told t SET is_firing = NOT due.gone,
       repeat_at = CASE WHEN due.gone THEN NULL ELSE to_timestamp($3::float8 / 1000) END
     FROM due WHERE t.channel_id = $1::uuid AND t.finding_id = due.finding_id
     RETURNING t.finding || jsonb_build_object('severity', t.severity) AS finding, due.gone AS "isGone"`,
    [channelId, nowMs, nextMs, limit],
  )
}
