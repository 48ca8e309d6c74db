import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { HOUR_MS, type UnixMillis } from '@/lib/model/units'
import { TIER_1H } from './bucket-tiers'
import { query } from './client'
import { bucketRows } from './load-bucket-sums'

/** Bytes of one variant in one whole hour. */
export interface HourBytes {
  readonly variantId: string
  readonly startMs: UnixMillis
  readonly sent: number
  readonly received: number
}

/**
 * Bytes by variant and hour in whole hours, only where there are any, from the hourly buckets as they stand: an hour that changed lately may
 * lack what came last. By key where there are few: one look-up per variant and hour.
 */
export async function loadHourBytes(
  dataset: string,
  hours: TimeRange,
  variantIds: readonly string[],
): Promise<HourBytes[]> {
  if (variantIds.length === 0 || hours.toMs <= hours.fromMs) return []
  const { sql, values } = bucketRows(
    dataset,
    { hours: [hours], minutes: [], slots: [], directHours: [], directMinutes: [] },
    variantIds,
  )
  return query<HourBytes>(
    `SELECT variant_id::text AS "variantId", (first_ms / ${TIER_1H.grainMs})::float8 * ${HOUR_MS} AS "startMs",
       coalesce(sum(bytes_sent::float8), 0) AS sent, coalesce(sum(bytes_received::float8), 0) AS received
     FROM (${sql}) b WHERE bytes_sent > 0 OR bytes_received > 0 GROUP BY variant_id, first_ms / ${TIER_1H.grainMs} ORDER BY 1, 2`,
    values,
  )
}
