import 'server-only'
import { LIMITS } from '@/lib/model/limits'
import type { FindingHappening, NoticeKind, NotifiedFinding } from '@/lib/model/notification'
import type { UnixMillis } from '@/lib/model/units'
import { REPEAT_MS } from '@/lib/notify/alertmanager-payload'
import { planNotice, type ToldState } from '@/lib/notify/plan-notice'
import type { Queryable } from './client'
import { type LockedChannel, lockChannels } from './notification-channels'
import { storeJson } from './store-json'

const TOLD_KINDS: readonly string[] = [
  'opened',
  'reopened',
  'escalated',
  'resolved',
  'accepted',
  'acceptance-expired',
  'acceptance-ended',
]

interface Told extends ToldState {
  readonly channel: LockedChannel
  readonly finding: NotifiedFinding
}

interface EventRow {
  readonly channelId: string
  readonly findingId: string
  readonly kind: NoticeKind
  readonly key: string
  readonly atMs: UnixMillis
  readonly dueMs: UnixMillis
  readonly before?: string
  finding: NotifiedFinding
}

/**
 * Writes what channels are to be told of what happened to findings, in the caller's transaction: the change and its notice are
 * committed together. Planned from what each channel was told before, so that the same change, said again by any replica, is told
 * once. Where more than `LIMITS.notificationQueue` wait for a channel the oldest go, and are counted.
 */
export async function enqueueNotifications(
  client: Queryable,
  events: readonly FindingHappening[],
  nowMs: UnixMillis = Date.now(),
): Promise<void> {
  const relevant = events.filter(({ kind }) => TOLD_KINDS.includes(kind))
  if (relevant.length === 0) return
  const channels = await lockChannels(client)
  if (channels.length === 0) return
  const told = await loadTold(client, channels, [...new Set(relevant.map(({ finding }) => finding.id))], nowMs)
  const changed = new Map<string, Told>()
  const rows = new Map<string, EventRow>()
  for (const event of relevant)
    for (const channel of channels) {
      const key = `${channel.id} ${event.finding.id}`
      const before = changed.get(key) ?? told.get(key)
      const next = await plan(client, { channel, event, before, rows, nowMs })
      if (next) changed.set(key, next)
    }
  await saveTold(client, [...changed.values()])
  await saveEvents(client, [...rows.values()])
  for (const id of new Set([...rows.values()].map((row) => row.channelId))) await dropOldest(client, id, nowMs)
}

interface Step {
  readonly channel: LockedChannel
  readonly event: FindingHappening
  readonly before: Told | undefined
  /** What is to be written, by channel and key. */
  readonly rows: Map<string, EventRow>
  readonly nowMs: UnixMillis
}

async function plan(client: Queryable, step: Step): Promise<Told | undefined> {
  const { channel, event, before, rows, nowMs } = step
  const finding = notifiedOf(event)
  const planned = planNotice({ kind: channel.kind, filter: channel, finding, event: event.kind, told: before, nowMs })
  if (!planned) return undefined
  const { state, notice } = planned
  // An alert ends by the labels that it was told with.
  const isOver = notice?.kind === 'resolved' || notice?.kind === 'accepted'
  const shown = isOver ? { ...finding, severity: state.severity } : finding
  const heldKey = `${finding.id}:${before?.episode}:open`
  if (planned.dropHeld && !(await dropHeld(client, channel.id, heldKey, rows)))
    // The sender was quicker: it is told as open, so it must be told as over.
    return plan(client, { ...step, before: before && { ...before, isHeld: false } })
  if (planned.renewHeld) await renewHeld(client, channel.id, heldKey, shown, rows)
  if (notice)
    rows.set(`${channel.id} ${notice.key}`, {
      channelId: channel.id,
      findingId: finding.id,
      kind: notice.kind,
      key: notice.key,
      atMs: event.atMs,
      dueMs: notice.dueMs,
      ...(notice.before && { before: notice.before }),
      finding: shown,
    })
  return { ...state, channel, finding: shown }
}

function notifiedOf({ finding }: FindingHappening): NotifiedFinding {
  return {
    id: finding.id,
    detector: finding.detector,
    severity: finding.severity,
    certainty: finding.certainty ?? 'fact',
    status: finding.status,
    isAccepted: finding.accepted !== undefined && finding.accepted !== null,
    dataset: finding.dataset,
    cluster: finding.cluster,
    workload: finding.workload,
    target: finding.target,
    title: finding.title,
    count: finding.count,
    firstSeenMs: finding.firstSeenMs,
    lastSeenMs: finding.lastSeenMs,
  }
}

async function loadTold(
  client: Queryable,
  channels: readonly LockedChannel[],
  findingIds: readonly string[],
  nowMs: UnixMillis,
): Promise<Map<string, Told>> {
  const { rows } = await client.query<ToldState & { channelId: string; findingId: string; finding: NotifiedFinding }>(
    `SELECT channel_id::text AS "channelId", finding_id::text AS "findingId", is_firing AS "isFiring", severity, episode, finding,
       (extract(epoch FROM opened_at) * 1000)::float8 AS "openedMs",
       is_firing AND opened_at > to_timestamp($3::float8 / 1000) AND EXISTS (
         SELECT FROM notification_event e WHERE e.channel_id = t.channel_id AND e.delivery_id IS NULL
           AND e.dedupe_key = t.finding_id::text || ':' || t.episode || ':open') AS "isHeld"
     FROM notification_told t WHERE channel_id = ANY($1::uuid[]) AND finding_id = ANY($2::uuid[])
     ORDER BY channel_id, finding_id FOR UPDATE`,
    [channels.map(({ id }) => id), findingIds, nowMs],
  )
  const byId = new Map(channels.map((channel) => [channel.id, channel]))
  return new Map(
    rows.flatMap(({ channelId, findingId, ...row }) => {
      const channel = byId.get(channelId)
      return channel ? [[`${channelId} ${findingId}`, { ...row, channel }] as const] : []
    }),
  )
}

/** Takes a held notice back; false where it is being sent already. */
async function dropHeld(client: Queryable, channelId: string, key: string, rows: Step['rows']): Promise<boolean> {
  if (rows.delete(`${channelId} ${key}`)) return true
  const result = await client.query(
    'DELETE FROM notification_event WHERE channel_id = $1::uuid AND dedupe_key = $2 AND delivery_id IS NULL',
    [channelId, key],
  )
  return result.rowCount === 1
}

async function renewHeld(
  client: Queryable,
  channelId: string,
  key: string,
  finding: NotifiedFinding,
  rows: Step['rows'],
): Promise<void> {
  const row = rows.get(`${channelId} ${key}`)
  if (row) row.finding = finding
  else
    await client.query(
      'UPDATE notification_event SET finding = $3::jsonb WHERE channel_id = $1::uuid AND dedupe_key = $2 AND delivery_id IS NULL',
      [channelId, key, storeJson(finding)],
    )
}

async function saveTold(client: Queryable, told: readonly Told[]): Promise<void> {
  if (told.length === 0) return
  const rows = told.map(({ channel, finding, isFiring, severity, episode, openedMs }) => ({
    channel_id: channel.id,
    finding_id: finding.id,
    is_firing: isFiring,
    severity,
    episode,
    opened_ms: openedMs,
    repeat_ms: isFiring && channel.kind === 'alertmanager' ? openedMs + REPEAT_MS : null,
    finding,
  }))
  await client.query(
    `INSERT INTO notification_told (channel_id, finding_id, is_firing, severity, episode, opened_at, repeat_at, finding)
     SELECT channel_id, finding_id, is_firing, severity, episode, to_timestamp(opened_ms / 1000), to_timestamp(repeat_ms / 1000), finding
     FROM jsonb_to_recordset($1::jsonb) AS u(channel_id uuid, finding_id uuid, is_firing bool, severity text, episode int, opened_ms float8,
       repeat_ms float8, finding jsonb) ORDER BY channel_id, finding_id
     ON CONFLICT (channel_id, finding_id) DO UPDATE SET is_firing = EXCLUDED.is_firing, severity = EXCLUDED.severity,
       episode = EXCLUDED.episode, opened_at = EXCLUDED.opened_at, repeat_at = EXCLUDED.repeat_at, finding = EXCLUDED.finding, changed_at = now()`,
    [storeJson(rows)],
  )
}

/** In the order in which they happened, which is that of their ids. */
async function saveEvents(client: Queryable, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `INSERT INTO notification_event (channel_id, finding_id, kind, dedupe_key, at, due_at, before, finding)
     SELECT "channelId", "findingId", kind, key, to_timestamp("atMs" / 1000), to_timestamp("dueMs" / 1000), before, finding
     FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS ("channelId" uuid, "findingId" uuid, kind text, key text, "atMs" float8, "dueMs" float8,
       before text, finding jsonb)) WITH ORDINALITY AS u("channelId", "findingId", kind, key, "atMs", "dueMs", before, finding, nr) ORDER BY nr
     ON CONFLICT (channel_id, dedupe_key) DO NOTHING`,
    [storeJson(rows)],
  )
}

async function dropOldest(client: Queryable, channelId: string, nowMs: UnixMillis): Promise<void> {
  const { rowCount } = await client.query(
    `DELETE FROM notification_event WHERE channel_id = $1::uuid AND id IN (
       SELECT id FROM notification_event WHERE channel_id = $1::uuid AND delivery_id IS NULL ORDER BY id DESC OFFSET $2)`,
    [channelId, LIMITS.notificationQueue],
  )
  if (!rowCount) return
  await client.query(
    `UPDATE notification_channel SET dropped = dropped + $2, dropped_at = to_timestamp($3::float8 / 1000) WHERE id = $1::uuid`,
    [channelId, rowCount, nowMs],
  )
}
