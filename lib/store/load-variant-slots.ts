import 'server-only'
import type { TimeRange } from '@/lib/model/time-range'
import { HOUR_MS, type UnixMillis } from '@/lib/model/units'
import { COUNTERS } from './bucket-tiers'
import { withSnapshot } from './client'
import { bucketRows, loadBucketState } from './load-bucket-sums'
import type { SlotSum } from './load-slot-sums'
import { planBuckets } from './plan-buckets'

/**
 * Sums per slot of some variants, of a window that is aligned to slots of whole minutes or hours: from minutes where a slot is shorter
 * than an hour, else from hours. What came in as longer records than that stands in the slot in which it began. Cost: one row per
 * variant and bucket.
 */
export async function loadVariantSlots(
  dataset: string,
  window: TimeRange,
  slotMs: number,
  variantIds: readonly string[],
): Promise<SlotSum[]> {
  if (variantIds.length === 0) return []
  return withSnapshot(async (client) => {
    const state = await loadBucketState(client, dataset, window)
    const changedHours = slotMs % HOUR_MS === 0 ? state.changedHours : everyHour(window)
    const { sql, values } = bucketRows(dataset, planBuckets(window, { ...state, changedHours }), variantIds)
    if (sql === '') return []
    const { rows } = await client.query<Row>({
      text: `SELECT variant_id::text AS id, ((first_ms / ${slotMs})::bigint * ${slotMs})::float8 AS "startMs",
               ${COUNTERS.map((name) => `sum(${name}::float8) AS ${name}`).join(', ')},
               min(first_ms)::float8 AS "firstMs", max(last_ms)::float8 AS "lastMs"
             FROM (${sql}) b GROUP BY variant_id, first_ms / ${slotMs}`,
      values,
    })
    return rows.map(sumOf)
  })
}

/** Rows of an hour cannot be told apart by shorter slots: all of them are read from minutes. */
function everyHour({ fromMs, toMs }: TimeRange): ReadonlySet<UnixMillis> {
  const hours = new Set<UnixMillis>()
  for (let hour = Math.floor(fromMs / HOUR_MS) * HOUR_MS; hour < toMs; hour += HOUR_MS) hours.add(hour)
  return hours
}

interface Row {
  readonly id: string
  readonly startMs: number
  readonly firstMs: number
  readonly lastMs: number
  readonly [counter: string]: number | string | null
}

const numberOf = (value: number | string | null | undefined): number => Number(value ?? 0)

const sumOf = (row: Row): SlotSum => ({
  variantId: row.id,
  startMs: row.startMs,
  counters: {
    connections: numberOf(row.connections),
    events: numberOf(row.events),
    requests: numberOf(row.requests),
    requestErrors: numberOf(row.request_errors),
    spans: 0,
    bytesSent: numberOf(row.bytes_sent),
    bytesReceived: numberOf(row.bytes_received),
  },
  firstMs: row.firstMs,
  lastMs: row.lastMs,
})
