import 'server-only'
import type { LiveTier } from '@/lib/model/dataset'
import { TIER_1H, TIER_1M, TIER_15S } from './bucket-tiers'
import { query } from './client'

/** Oldest live row of each tier, in Unix milliseconds; absent without rows. One look-up per partition in an index by time. */
export async function loadOldestMs(): Promise<Readonly<Partial<Record<LiveTier['kind'], number>>>> {
  const [row] = await query<Record<'evidence' | 's15' | 'm1' | 'h1', number | null>>(
    `SELECT ${nanosMs('start_at', 'flow_record', LIVE)} AS evidence, ${bucketMs(TIER_15S.table, LIVE)} AS s15,
       ${bucketMs(TIER_1M.table, LIVE)} AS m1, ${bucketMs(TIER_1H.table, LIVE)} AS h1`,
  )
  return {
    ...(row?.evidence != null && { evidence: row.evidence }),
    ...(row?.s15 != null && { buckets15s: row.s15 }),
    ...(row?.m1 != null && { buckets1m: row.m1 }),
    ...(row?.h1 != null && { buckets1h: row.h1 }),
  }
}

/**
 * Time of the oldest record of a pinned dataset, to a minute or, where its records were longer, an hour; undefined without any. One
 * look-up per table in an index by dataset and time.
 */
export async function loadFirstRecordMs(name: string): Promise<number | undefined> {
  const [row] = await query<{ first: number | null }>(FIRST_RECORD, [name])
  return row?.first ?? undefined
}

const LIVE = `dataset = ''`
/** The conditions of partial indexes, said again so that they serve. */
const PINNED = `dataset = $1 AND dataset <> '' AND length(dataset) > 0`

/** The first of an index, said as PostgreSQL 15 understands it too, which takes `min` of a partition for all of its rows. */
const firstOf = (time: string, table: string, where: string): string =>
  `(SELECT ${time} FROM ${table} WHERE ${where} ORDER BY ${time} LIMIT 1)`

const msOf = (time: string, table: string, where: string): string =>
  `(extract(epoch FROM ${firstOf(time, table, where)}) * 1000)::float8`

const nanosMs = (time: string, table: string, where: string): string => `(${firstOf(time, table, where)} / 1e6)::float8`

const bucketMs = (table: string, where: string): string => `${firstOf('bucket_start', table, where)}::float8`

/** Exported for a test of its plan. */
export const FIRST_RECORD = `SELECT least(${[
  nanosMs('start_at', 'flow_record', PINNED),
  msOf('start_at', 'span', PINNED),
  msOf('at', 'nat_record', PINNED),
  msOf('at', 'dns_question', PINNED),
  ...[TIER_15S, TIER_1M, TIER_1H].map(({ table }) => bucketMs(table, PINNED)),
].join(', ')}) AS first`
