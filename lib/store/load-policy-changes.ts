import 'server-only'
import type { InventoryKey, InventoryKind } from '@/lib/model/inventory'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'

export interface PolicyVersionChange extends InventoryKey {
  readonly cluster: string
  readonly atMs: UnixMillis
  /** `known`: the inventory met it then; it may have been so for long. */
  readonly change: 'created' | 'changed' | 'deleted' | 'known'
}

/** An object's first version begins when it was created, where it never changed since; clocks are not that exact. */
const CREATED_WITHIN = '10 seconds'

/** Of the object of `touched t`, by its key. */
const SAME =
  'o.cluster = t.cluster AND o.kind = t.kind AND o.namespace = t.namespace AND o.tier = t.tier AND o.name = t.name'

/**
 * Versions of live objects of kinds that began or ended in `[fromMs, toMs)`, of one cluster or, with '', of all, the newest `limit` in time
 * order, without their text. Indexes: by start, by end.
 */
export async function loadPolicyChanges(
  cluster: string,
  kinds: readonly InventoryKind[],
  { fromMs, toMs }: TimeRange,
  limit: number,
): Promise<PolicyVersionChange[]> {
  const rows = await query<PolicyVersionChange>(
    // Time first, by its index: kinds and clusters are few, and would have all of their versions read.
    `WITH begun AS MATERIALIZED (
       SELECT cluster, kind, namespace, tier, name, created_at, valid_from AS at, true AS begins FROM inventory_object
       WHERE valid_from >= to_timestamp($3::float8 / 1000) AND valid_from < to_timestamp($4::float8 / 1000)),
     ended AS MATERIALIZED (
       SELECT cluster, kind, namespace, tier, name, created_at, valid_to AS at, false AS begins FROM inventory_object
       WHERE valid_to >= to_timestamp($3::float8 / 1000) AND valid_to < to_timestamp($4::float8 / 1000)),
     touched AS (SELECT * FROM begun UNION ALL SELECT * FROM ended),
     told AS (
       SELECT t.*, (SELECT true FROM inventory_object o WHERE ${SAME} AND o.valid_from < t.at AND o.valid_to = t.at LIMIT 1) AS goes_on,
         (SELECT true FROM inventory_object o WHERE ${SAME} AND o.valid_from = t.at LIMIT 1) AS begins_again
       FROM touched t WHERE kind = ANY($2::text[]) AND ($1 = '' OR cluster = $1))
     SELECT cluster, kind, namespace, tier, name, (extract(epoch FROM at) * 1000)::float8 AS "atMs",
       CASE WHEN NOT begins THEN 'deleted' WHEN goes_on THEN 'changed'
         WHEN created_at >= at - interval '${CREATED_WITHIN}' THEN 'created' ELSE 'known' END AS change
     FROM told WHERE begins OR begins_again IS NULL
     ORDER BY at DESC, cluster, kind, namespace, tier, name LIMIT $5`,
    [cluster, kinds, fromMs, toMs, limit],
  )
  return rows.reverse()
}
