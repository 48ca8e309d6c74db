import 'server-only'
import type { LiveTier } from '@/lib/model/dataset'
import { TIER_1H, TIER_1M, TIER_15S } from './bucket-tiers'
import { query } from './client'

/** Oldest live row of each tier, in Unix milliseconds; absent without rows. One look-up per partition in an index by time. */
export async function loadOldestMs(): Promise<Readonly<Partial<Record<LiveTier['kind'], number>>>> {
  const [row] = await query<Record<'evidence' | 's15' | 'm1' | 'h1', number | null>>(
    `SELECT ${msOf('start_at', 'flow_record')} AS evidence, ${bucketMs(TIER_15S.table)} AS s15, ${bucketMs(TIER_1M.table)} AS m1,
       ${bucketMs(TIER_1H.table)} AS h1`,
    [''],
  )
  return {
    ...(row?.evidence != null && { evidence: row.evidence }),
    ...(row?.s15 != null && { buckets15s: row.s15 }),
    ...(row?.m1 != null && { buckets1m: row.m1 }),
    ...(row?.h1 != null && { buckets1h: row.h1 }),
  }
}

/** Time of the oldest record of a pinned dataset, to a minute or, where its records were longer, an hour; undefined without any. */
export async function loadFirstRecordMs(name: string): Promise<number | undefined> {
  const [row] = await query<{ first: number | null }>(
    `SELECT least(${msOf('start_at', 'flow_record')}, ${msOf('start_at', 'span')}, ${msOf('at', 'nat_record')}, ${msOf('at', 'dns_question')},
       ${bucketMs(TIER_15S.table)}, ${bucketMs(TIER_1M.table)}, ${bucketMs(TIER_1H.table)}) AS first`,
    [name],
  )
  return row?.first ?? undefined
}

const msOf = (time: string, table: string): string =>
  `(SELECT (extract(epoch FROM min(${time})) * 1000)::float8 FROM ${table} WHERE dataset = $1)`

const bucketMs = (table: string): string => `(SELECT min(bucket_start)::float8 FROM ${table} WHERE dataset = $1)`
