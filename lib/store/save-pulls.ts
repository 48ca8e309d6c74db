import 'server-only'
import { AppError } from '@/lib/errors'
import type { UnixMillis } from '@/lib/model/units'
import type { Queryable } from './client'
import { byId } from './row-order'
import { storeJson } from './store-json'

/** What a pulling collector has read, as it is written with the records themselves. */
export interface Pull {
  readonly collector: string
  /** In the collector's own terms; JSON. */
  readonly cursor: unknown
  /** Hashes of the records of this batch, with their times. */
  readonly seen: readonly { readonly hash: string; readonly atMs: UnixMillis }[]
  /** Older hashes are forgotten: no overlap reaches back there. */
  readonly forgetBeforeMs: UnixMillis
}

/**
 * Moves the cursors of collectors, last one of each wins, and remembers what was read. The rows of `collector` must exist.
 * Throws `conflict` where another process committed one of the records meanwhile, or a row is missing: nothing is written then.
 */
export async function savePulls(client: Queryable, pulls: readonly Pull[]): Promise<void> {
  if (pulls.length === 0) return
  const last = byId([...pulls].reverse(), (pull) => pull.collector)
  const moved = await client.query(
    `UPDATE collector c SET cursor = u.cursor::jsonb FROM unnest($1::text[], $2::text[]) AS u(name, cursor) WHERE c.name = u.name`,
    [last.map((pull) => pull.collector), last.map((pull) => storeJson(pull.cursor))],
  )
  if (moved.rowCount !== last.length)
    throw new AppError('conflict', 'the collector is not entered in the database, or another replica forgot it')
  const seen = byId(
    pulls.flatMap((pull) => pull.seen.map((record) => ({ ...record, collector: pull.collector }))),
    (record) => `${record.collector}\n${record.hash}`,
  )
  const inserted = await client.query(
    `INSERT INTO seen_record (collector, hash, at)
     SELECT u.collector, u.hash, to_timestamp(u.at / 1000.0) FROM unnest($1::text[], $2::bigint[], $3::float8[]) AS u(collector, hash, at)
     ON CONFLICT DO NOTHING`,
    [seen.map((row) => row.collector), seen.map((row) => row.hash), seen.map((row) => row.atMs)],
  )
  if (inserted.rowCount !== seen.length)
    throw new AppError('conflict', 'another process pulls by the name of this collector')
  await client.query(
    `DELETE FROM seen_record s USING unnest($1::text[], $2::float8[]) AS u(collector, before)
     WHERE s.collector = u.collector AND s.at < to_timestamp(u.before / 1000.0)`,
    [last.map((pull) => pull.collector), last.map((pull) => pull.forgetBeforeMs)],
  )
}
