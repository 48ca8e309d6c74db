import 'server-only'
import type { InventoryKey, InventoryKind } from '@/lib/model/inventory'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'

/** The newest version of an object that was in force within a window. */
export interface StoredObject extends InventoryKey {
  readonly cluster: string
  readonly createdMs?: UnixMillis
  /** Since when this version is in force; until when, where it ended. */
  readonly validFromMs: UnixMillis
  readonly validToMs?: UnixMillis
  /** It followed another version of the same object. */
  readonly isChanged: boolean
  readonly existsNow: boolean
  /** What it selects and in which directions it has rules: each list of rules holds one empty rule, or none. */
  readonly body?: Readonly<Record<string, unknown>>
}

type Row = Omit<StoredObject, 'createdMs' | 'validToMs' | 'body'> & {
  readonly createdMs: number | null
  readonly validToMs: number | null
  readonly body: Readonly<Record<string, unknown>> | null
}

/** Rules are most of a policy's text, and what it selects does not depend on them. */
const WITHOUT_RULES = ['ingress', 'egress', 'ingressDeny', 'egressDeny'].reduce(
  (body, list) =>
    `CASE WHEN jsonb_typeof(o.body#>'{spec,${list}}') = 'array' AND o.body#>'{spec,${list}}' <> '[]' THEN jsonb_set(${body}, '{spec,${list}}', '[{}]') ELSE ${body} END`,
  'o.body',
)
/** A text that is larger without its rules is not read: then it is not known what it selects. */
const MOST_BYTES = 32_768

/**
 * Objects of kinds that were in force at some time of a window, in the order of their names, at most `limit`. Index: primary key, by
 * cluster and kind.
 */
export async function loadObjectsOfWindow(
  clusters: readonly string[],
  kinds: readonly InventoryKind[],
  { fromMs, toMs }: TimeRange,
  limit: number,
): Promise<StoredObject[]> {
  if (clusters.length === 0) return []
  const rows = await query<Row>(
    `WITH newest AS MATERIALIZED (
       SELECT DISTINCT ON (cluster, kind, namespace, tier, name) cluster, kind, namespace, tier, name, valid_from FROM inventory_object
       WHERE cluster = ANY($1::text[]) AND kind = ANY($2::text[]) AND valid_from < to_timestamp($4::float8 / 1000)
         AND (valid_to IS NULL OR valid_to > to_timestamp($3::float8 / 1000))
       ORDER BY cluster, kind, namespace, tier, name, valid_from DESC LIMIT $5)
     SELECT o.cluster, o.kind, o.namespace, o.tier, o.name, (extract(epoch FROM o.created_at) * 1000)::float8 AS "createdMs",
       (extract(epoch FROM o.valid_from) * 1000)::float8 AS "validFromMs", (extract(epoch FROM o.valid_to) * 1000)::float8 AS "validToMs",
       CASE WHEN pg_column_size(o.body) <= ${MOST_BYTES} THEN ${WITHOUT_RULES} END AS body,
       EXISTS (SELECT FROM inventory_object b WHERE b.cluster = o.cluster AND b.kind = o.kind AND b.namespace = o.namespace AND b.tier = o.tier
         AND b.name = o.name AND b.valid_from < o.valid_from AND b.valid_to = o.valid_from) AS "isChanged",
       EXISTS (SELECT FROM inventory_object b WHERE b.cluster = o.cluster AND b.kind = o.kind AND b.namespace = o.namespace AND b.tier = o.tier
         AND b.name = o.name AND b.valid_from >= o.valid_from AND b.valid_to IS NULL) AS "existsNow"
     FROM newest n CROSS JOIN LATERAL (SELECT * FROM inventory_object o WHERE o.cluster = n.cluster AND o.kind = n.kind AND o.namespace = n.namespace
       AND o.tier = n.tier AND o.name = n.name AND o.valid_from = n.valid_from LIMIT 1) o
     ORDER BY o.cluster, o.kind, o.namespace, o.tier, o.name`,
    [clusters, kinds, fromMs, toMs, limit],
  )
  return rows.map(({ createdMs, validToMs, body, ...row }) => ({
    ...row,
    ...(createdMs !== null && { createdMs }),
    ...(validToMs !== null && { validToMs }),
    ...(body && { body }),
  }))
}

/** Versions of one object, newest first, at most `limit`. A tier of '' matches any that is asked for. Index: primary key. */
export async function loadVersionsOf(
  cluster: string,
  { kind, namespace, tier, name }: InventoryKey,
  limit: number,
): Promise<{ readonly fromMs: UnixMillis; readonly toMs?: UnixMillis }[]> {
  const rows = await query<{ fromMs: number; toMs: number | null }>(
    `SELECT (extract(epoch FROM valid_from) * 1000)::float8 AS "fromMs", (extract(epoch FROM valid_to) * 1000)::float8 AS "toMs"
     FROM inventory_object WHERE cluster = $1 AND kind = $2 AND namespace = $3 AND tier IN ('', $4) AND name = $5
     ORDER BY valid_from DESC LIMIT $6`,
    [cluster, kind, namespace, tier, name, limit],
  )
  return rows.map(({ fromMs, toMs }) => ({ fromMs, ...(toMs !== null && { toMs }) }))
}

/** Clusters of which an inventory was ever read. */
export async function loadInventoryClusters(): Promise<string[]> {
  const rows = await query<{ cluster: string }>('SELECT DISTINCT cluster FROM inventory_sync ORDER BY cluster')
  return rows.map(({ cluster }) => cluster)
}
