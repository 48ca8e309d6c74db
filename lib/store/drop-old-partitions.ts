import 'server-only'
import { RETENTION_SLACK_MS, type Retention } from '@/lib/model/retention'
import type { UnixMillis } from '@/lib/model/units'
import { forgetBucketFloors } from './bucket-floors'
import { TIER_1M, TIER_15S } from './bucket-tiers'
import { query } from './client'
import {
  dropPartition,
  finishDrops,
  keptMs,
  type LivePartition,
  listPartitions,
  type PartitionedTable,
  partitionedTables,
} from './partitions'
import { rollUpBuckets } from './roll-up-buckets'

/** Grain that is added up from rows of this table. */
const ADDED_UP: Readonly<Partial<Record<PartitionedTable, number>>> = {
  [TIER_15S.table]: 60,
  [TIER_1M.table]: 3600,
}

/**
 * Drops the partitions of live data that are past retention, oldest first, after everything in them was added up into the
 * coarser grain. Writers never wait for it. Answers the names of what was dropped. Safe to repeat after a crash.
 */
export async function dropOldPartitions(retention: Retention, nowMs: UnixMillis): Promise<string[]> {
  await finishDrops()
  const dropped: string[] = []
  for (const table of partitionedTables()) {
    const beforeMs = nowMs - keptMs(table, retention) - RETENTION_SLACK_MS
    for (const partition of await listPartitions(table)) {
      if (partition.toMs > beforeMs) break
      if (!(await isAddedUp(partition, nowMs))) break
      await dropPartition(partition)
      dropped.push(partition.name)
    }
  }
  return dropped
}

/**
 * Adds up what is to be dropped, and says from when on there are rows: from then on queries read the coarser grain for what
 * was before. False where something in it changed meanwhile; the next pass tries again.
 */
async function isAddedUp({ table, fromMs, toMs }: LivePartition, nowMs: UnixMillis): Promise<boolean> {
  const coarserS = ADDED_UP[table]
  if (coarserS === undefined) return true
  await rollUpBuckets({ nowMs, hurry: { fromMs, toMs } })
  const rows = await query(
    `INSERT INTO storage_floor AS f (table_name, floor_ms)
     SELECT $1, $3::bigint WHERE NOT EXISTS (SELECT FROM bucket_change WHERE grain_s = $4 AND dataset = '' AND bucket_start >= $2 AND bucket_start < $3)
     ON CONFLICT (table_name) DO UPDATE SET floor_ms = greatest(f.floor_ms, EXCLUDED.floor_ms) RETURNING table_name`,
    [table, fromMs, toMs, coarserS],
  )
  forgetBucketFloors()
  return rows.length > 0
}
