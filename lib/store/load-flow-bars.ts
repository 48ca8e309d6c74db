import 'server-only'
import type { FlowBar } from '@/lib/model/flow-list'
import type { TimeRange } from '@/lib/model/time-range'
import { withSnapshot } from './client'
import { bucketRows, loadBucketState } from './load-bucket-sums'
import { notCoarserThan, planBuckets } from './plan-buckets'

/** A way of reporting, as far as bars tell ways apart. */
export interface BarVariant {
  readonly id: string
  readonly edgeId: string
  /** Reports of one side are added, of both sides the larger counts. */
  readonly side: string
  readonly kind: 'allowed' | 'denied' | 'other'
}

/**
 * Connections and requests of these ways per bar of `stepMs`, a multiple of 15 s, from buckets no coarser than a bar: a coarser one, where
 * the finer are gone or the records were longer, counts in the bar where its first record is. A bucket that overlaps the window counts whole.
 */
export async function loadFlowBars(
  dataset: string,
  window: TimeRange,
  stepMs: number,
  variants: readonly BarVariant[],
): Promise<FlowBar[]> {
  if (variants.length === 0) return []
  return withSnapshot(async (client) => {
    const state = await loadBucketState(client, dataset, window)
    const plan = planBuckets(window, notCoarserThan(stepMs, window, state))
    const { sql, values } = bucketRows(
      dataset,
      plan,
      variants.map(({ id }) => id),
    )
    if (sql === '') return []
    const at = values.length
    const { rows } = await client.query<FlowBar>(
      `SELECT (bar * ${stepMs})::float8 AS "startMs", sum(allowed)::float8 AS allowed, sum(denied)::float8 AS denied, sum(other)::float8 AS other
       FROM (SELECT bar, edge, max(allowed) AS allowed, max(denied) AS denied, max(other) AS other
         FROM (SELECT b.first_ms / ${stepMs} AS bar, w.edge, w.side,
             coalesce(sum(coalesce(connections, 0)::float8 + coalesce(requests, 0)) FILTER (WHERE w.kind = 'allowed'), 0) AS allowed,
             coalesce(sum(coalesce(connections, 0)::float8 + coalesce(requests, 0)) FILTER (WHERE w.kind = 'denied'), 0) AS denied,
             coalesce(sum(coalesce(connections, 0)::float8 + coalesce(requests, 0)) FILTER (WHERE w.kind = 'other'), 0) AS other
           FROM (${sql}) b JOIN unnest($2::bigint[], $${at + 1}::bigint[], $${at + 2}::text[], $${at + 3}::text[]) AS w(id, edge, side, kind) ON w.id = b.variant_id
           GROUP BY 1, 2, 3) s
         GROUP BY bar, edge) e
       GROUP BY bar HAVING sum(allowed) + sum(denied) + sum(other) > 0 ORDER BY bar`,
      [
        ...values,
        variants.map(({ edgeId }) => edgeId),
        variants.map(({ side }) => side),
        variants.map(({ kind }) => kind),
      ],
    )
    return rows
  })
}
