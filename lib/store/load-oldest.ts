import 'server-only'
import type { LiveTier } from '@/lib/model/dataset'
import { query } from './client'

/** Oldest live row of each tier, in Unix milliseconds; undefined without rows. One look-up each in an index by time. */
export async function loadOldestMs(): Promise<Readonly<Partial<Record<LiveTier['kind'], number>>>> {
  const [row] = await query<Record<'evidence' | 's15' | 'm1' | 'h1', number | null>>(
    `SELECT ${msOf(`SELECT min(start_at) FROM flow_record WHERE dataset = ''`)} AS evidence,
       ${msOf(oldestBucket(15))} AS s15, ${msOf(oldestBucket(60))} AS m1, ${msOf(oldestBucket(3600))} AS h1`,
  )
  return {
    ...(row?.evidence != null && { evidence: row.evidence }),
    ...(row?.s15 != null && { 'buckets-15s': row.s15 }),
    ...(row?.m1 != null && { 'buckets-1m': row.m1 }),
    ...(row?.h1 != null && { 'buckets-1h': row.h1 }),
  }
}

const msOf = (select: string): string => `(extract(epoch FROM (${select})) * 1000)::float8`

const oldestBucket = (grainS: number): string => `SELECT min(bucket_start) FROM edge_bucket WHERE grain_s = ${grainS}`

/** Time of the oldest record of a pinned dataset, to some seconds; undefined without any. */
export async function loadFirstRecordMs(name: string): Promise<number | undefined> {
  const [row] = await query<{ first: number | null }>(
    `SELECT ${msOf(`SELECT least(
       (SELECT min(start_at) FROM flow_record WHERE dataset = $1), (SELECT min(start_at) FROM span WHERE dataset = $1),
       (SELECT min(at) FROM nat_record WHERE dataset = $1), (SELECT min(at) FROM dns_question WHERE dataset = $1),
       (SELECT min(first_at) FROM edge_bucket b JOIN edge_variant v ON v.id = b.variant_id JOIN edge e ON e.id = v.edge_id WHERE e.dataset = $1))`)} AS first`,
    [name],
  )
  return row?.first ?? undefined
}
