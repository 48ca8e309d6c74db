import 'server-only'
import { setTimeout as wait } from 'node:timers/promises'
import { type Retention, recordHorizonMs } from '@/lib/model/retention'
import { logger } from '@/lib/observability/logger'
import { deleteOldRows } from '@/lib/store/delete-old-rows'
import { dropOldPartitions } from '@/lib/store/drop-old-partitions'
import { holdDuty } from '@/lib/store/hold-duty'
import { ensurePartitions, PARTITIONED, partitionedTables } from '@/lib/store/partitions'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'

/** How often what changed is added up. */
const ROLL_UP_MS = 5000
/** How often retention looks for what is past, and the next partitions are made. */
const RETENTION_MS = 10 * 60_000

export interface MaintenanceOptions {
  readonly retention: Retention
  readonly now?: () => number
  readonly rollUpEveryMs?: number
  readonly retentionEveryMs?: number
}

/**
 * Adds up buckets, makes partitions before they are needed, and drops what is past retention, in one process of all replicas
 * at a time. Every step may be repeated and killed at any point. Ends when `signal` aborts.
 */
export async function maintainStorage(options: MaintenanceOptions, signal: AbortSignal): Promise<void> {
  const { rollUpEveryMs = ROLL_UP_MS, retentionEveryMs = RETENTION_MS, now = Date.now } = options
  await holdDuty(
    'storage',
    signal,
    () => undefined,
    async (held) => {
      let retainedMs = Number.NEGATIVE_INFINITY
      while (!held.aborted) {
        await attempt('roll-up', () => rollUpBuckets({ nowMs: now() }))
        if (!held.aborted && now() - retainedMs >= retentionEveryMs) {
          retainedMs = now()
          await attempt('retention', () => retain(options.retention, now()))
        }
        await wait(rollUpEveryMs, undefined, { signal: held }).catch(() => undefined)
      }
    },
  )
}

/** One pass of retention. */
export async function retain(retention: Retention, nowMs: number): Promise<void> {
  for (const table of partitionedTables()) {
    const nextMs = nowMs + PARTITIONED[table].widthMs
    await ensurePartitions(table, [nowMs, nextMs])
  }
  const dropped = await dropOldPartitions(retention, nowMs)
  const deleted = await deleteOldRows(retention, nowMs)
  if (dropped.length > 0 || deleted > 0)
    logger().info(
      { task: 'retention', dropped, deleted, horizonMs: recordHorizonMs(retention) },
      'old records are gone',
    )
}

/** What fails is tried again with the next pass: a database that is away comes back. */
async function attempt(task: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    logger().warn({ task, error }, 'storage maintenance failed and is tried again')
  }
}
