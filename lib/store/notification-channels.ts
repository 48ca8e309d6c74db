import 'server-only'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'
import { LIMITS } from '@/lib/model/limits'
import type { Channel, ChannelFilter, ChannelInput, ChannelKind } from '@/lib/model/notification'
import { appendAudit } from './audit-log'
import { type Queryable, query, withTransaction } from './client'
import { isSealed, openSecret, sealSecret } from './seal-secret'

/** A channel as its sender needs it. */
export interface StoredReceiver {
  readonly id: string
  readonly name: string
  readonly kind: ChannelKind
  readonly isEnabled: boolean
  /** Undefined where it cannot be decrypted: the key is missing, or another. */
  readonly url?: string
  readonly secret?: string
}

interface Row extends Omit<Channel, 'isSealed' | 'droppedMs' | 'repeatProblem'> {
  readonly target: string
  readonly droppedMs: number | null
  readonly repeatProblem: string | null
}

const FILTER = `min_severity AS "minSeverity", detectors, clusters, with_possible AS "withPossible", send_resolved AS "sendResolved"`

/** Places that a secret is bound to. */
const urlPlace = (id: string): string => `${id} url`
const secretPlace = (id: string): string => `${id} secret`

/** Channels by name, without what is secret in them; at most `LIMITS.notificationChannels`. */
export async function listChannels(): Promise<Channel[]> {
  const rows = await query<Row>(
    `SELECT id::text, name, kind, target, shown_url AS "shownUrl", secret IS NOT NULL AS "hasSecret", is_enabled AS "isEnabled", ${FILTER},
       (extract(epoch FROM created_at) * 1000)::float8 AS "createdMs", dropped::float8, repeat_problem AS "repeatProblem",
       (extract(epoch FROM dropped_at) * 1000)::float8 AS "droppedMs",
       (SELECT count(*) FROM notification_event e WHERE e.channel_id = c.id)::float8 AS waiting
     FROM notification_channel c ORDER BY name LIMIT $1`,
    [LIMITS.notificationChannels],
  )
  return rows.map(({ target, droppedMs, repeatProblem, ...row }) => ({
    ...row,
    isSealed: isSealed(target),
    ...(droppedMs !== null && { droppedMs }),
    ...(repeatProblem !== null && { repeatProblem }),
  }))
}

/** Where messages go; of one channel where an id is given. */
export async function loadReceivers(id?: string): Promise<StoredReceiver[]> {
  const rows = await query<Omit<StoredReceiver, 'url' | 'secret'> & { target: string; secret: string | null }>(
    `SELECT id::text, name, kind, is_enabled AS "isEnabled", target, secret FROM notification_channel
     WHERE $1::uuid IS NULL OR id = $1 ORDER BY id LIMIT $2`,
    [id ?? null, LIMITS.notificationChannels],
  )
  const key = env().POSTERN_SECRET_KEY
  return rows.map(({ target, secret, ...row }) => {
    const url = openSecret(target, urlPlace(row.id), key)
    const opened = secret === null ? undefined : openSecret(secret, secretPlace(row.id), key)
    // A message without the signature that it should have must not leave.
    const isWhole = url !== undefined && (secret === null || opened !== undefined)
    return { ...row, ...(isWhole && { url }), ...(opened !== undefined && { secret: opened }) }
  })
}

export interface LockedChannel extends ChannelFilter {
  readonly id: string
  readonly kind: ChannelKind
}

/** Every channel with its filter; none of them goes until the end of the transaction. */
export async function lockChannels(client: Queryable): Promise<LockedChannel[]> {
  const result = await client.query<LockedChannel>(
    `SELECT id::text, kind, ${FILTER} FROM notification_channel ORDER BY id FOR KEY SHARE`,
  )
  return result.rows
}

/** Stores a new channel and answers its id. Errors: `conflict` where the name is taken or there are too many. */
export async function insertChannel(
  input: ChannelInput & { readonly url: string; readonly shownUrl: string },
  actor: string,
): Promise<string> {
  return withTransaction(async (client) => {
    // Two that come at once must not both be the last.
    await client.query('LOCK TABLE notification_channel IN SHARE ROW EXCLUSIVE MODE')
    const { rows } = await client.query<{ count: number; isTaken: boolean; id: string }>(
      'SELECT count(*)::int AS count, coalesce(bool_or(name = $1), false) AS "isTaken", gen_random_uuid()::text AS id FROM notification_channel',
      [input.name],
    )
    const { count = 0, isTaken = false, id = '' } = rows[0] ?? {}
    if (isTaken) throw nameTaken(input.name)
    if (count >= LIMITS.notificationChannels)
      throw new AppError('conflict', `there are ${count} channels (limit notificationChannels)`)
    const key = env().POSTERN_SECRET_KEY
    await client.query(
      `INSERT INTO notification_channel (id, name, kind, target, secret, shown_url, is_enabled, min_severity, detectors, clusters, with_possible, send_resolved)
       VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [
        id,
        input.name,
        input.kind,
        sealSecret(input.url, urlPlace(id), key),
        input.secret ? sealSecret(input.secret, secretPlace(id), key) : null,
        input.shownUrl,
        ...settingsOf(input),
      ],
    )
    await appendAudit(client, { actor, action: 'channel.create', subject: subjectOf(id), detail: toldOf(input) })
    return id
  })
}

/** Changes a channel; address and secret only where they are given. Errors: `not_found`, `conflict`. */
export async function updateChannel(
  id: string,
  input: ChannelInput & { readonly shownUrl?: string },
  actor: string,
): Promise<void> {
  await withTransaction(async (client) => {
    const { rows } = await client.query<ChannelInput & { shownUrl: string; hasSecret: boolean }>(
      `SELECT name, kind, is_enabled AS "isEnabled", shown_url AS "shownUrl", secret IS NOT NULL AS "hasSecret", ${FILTER}
       FROM notification_channel WHERE id = $1::uuid FOR NO KEY UPDATE`,
      [id],
    )
    const before = rows[0]
    if (!before) throw noSuchChannel()
    if (before.kind !== input.kind) throw new AppError('bad_request', 'kind: a channel keeps its kind')
    const others = await client.query('SELECT FROM notification_channel WHERE name = $1 AND id <> $2::uuid', [
      input.name,
      id,
    ])
    if (others.rowCount) throw nameTaken(input.name)
    const key = env().POSTERN_SECRET_KEY
    await client.query(
      `UPDATE notification_channel SET name = $2, target = coalesce($3, target), shown_url = coalesce($4, shown_url),
         secret = CASE WHEN $5 THEN $6 ELSE secret END, is_enabled = $7, min_severity = $8, detectors = $9, clusters = $10, with_possible = $11,
         send_resolved = $12 WHERE id = $1::uuid`,
      [
        id,
        input.name,
        input.url === undefined ? null : sealSecret(input.url, urlPlace(id), key),
        input.shownUrl ?? null,
        input.secret !== undefined,
        input.secret ? sealSecret(input.secret, secretPlace(id), key) : null,
        ...settingsOf(input),
      ],
    )
    const after = { ...toldOf(input), shownUrl: input.shownUrl ?? before.shownUrl }
    const { hasSecret: _hasSecret, ...old } = before
    const detail = {
      before: old,
      after,
      ...(input.secret !== undefined && { secret: input.secret ? 'changed' : 'taken away' }),
    }
    await appendAudit(client, { actor, action: 'channel.update', subject: subjectOf(id), detail })
  })
}

/** Takes a channel away, with what waits for it and its log. Throws `not_found`. */
export async function deleteChannel(id: string, actor: string): Promise<void> {
  await withTransaction(async (client) => {
    const { rows } = await client.query<{ name: string; kind: string; shownUrl: string }>(
      'DELETE FROM notification_channel WHERE id = $1::uuid RETURNING name, kind, shown_url AS "shownUrl"',
      [id],
    )
    if (!rows[0]) throw noSuchChannel()
    await appendAudit(client, { actor, action: 'channel.delete', subject: subjectOf(id), detail: rows[0] })
  })
}

/** Why the last repeat of open alerts went wrong; undefined = it went well. */
export async function noteRepeatProblem(id: string, problem: string | undefined): Promise<void> {
  await query(
    'UPDATE notification_channel SET repeat_problem = $2 WHERE id = $1::uuid AND repeat_problem IS DISTINCT FROM $2',
    [id, problem ?? null],
  )
}

const settingsOf = (input: ChannelInput): readonly unknown[] => [
  input.isEnabled,
  input.minSeverity,
  input.detectors,
  input.clusters,
  input.withPossible,
  input.sendResolved,
]

/** What the audit log tells: nothing secret. */
function toldOf(input: ChannelInput & { readonly shownUrl?: string }): Record<string, unknown> {
  const { url: _url, secret: _secret, ...told } = input
  return told
}

export const subjectOf = (id: string): string => `channel/${id}`

export const noSuchChannel = (): AppError => new AppError('not_found', 'no such channel')
const nameTaken = (name: string): AppError => new AppError('conflict', `there is a channel named ${name}`)
