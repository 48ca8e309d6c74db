import 'server-only'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { NS_PER_MS, nanoseconds } from './flow-form'

/** End of an interval in rows of `flow_record r`; NULL for an instant, which has none of its own. */
export const END_MS = `coalesce((nullif(r.rest, '')::jsonb ->> 'endMs')::float8, (nullif(r.rest, '')::jsonb -> 'flow' ->> 'endMs')::float8)`

/**
 * Stored records of a window as SELECTs for a LATERAL of `unnest($2::bigint[]) AS v(id)`: of each variant by the index of (variant, start),
 * in the partitions of the window; with `hasIntervals` (Calico) also in those of the longest interval before it, of which what
 * reaches into the window is meant. `values` are $1 to $5.
 */
export function windowRecords(
  dataset: string,
  variantIds: readonly string[],
  { fromMs, toMs }: TimeRange,
  hasIntervals: boolean,
): { readonly values: unknown[]; rowsOf(columns: string, tail: string): string } {
  return {
    values: [
      dataset,
      variantIds,
      nanoseconds(fromMs - (hasIntervals ? LIMITS.flowIntervalMs : 0)).toString(),
      nanoseconds(toMs).toString(),
      nanoseconds(fromMs).toString(),
    ],
    // The rest is read only of rows that began before the window.
    rowsOf: (columns, tail) => `SELECT ${columns} FROM flow_record r
      WHERE r.dataset = $1 AND r.variant_id = v.id AND r.start_at >= $3::bigint AND r.start_at < $4::bigint
        AND (r.start_at >= $5::bigint OR ${END_MS} * ${NS_PER_MS} >= $5::bigint) ${tail}`,
  }
}
