import 'server-only'
import type { InventoryKey, InventoryKind, InventoryVersion } from '@/lib/model/inventory'
import type { TimeRange } from '@/lib/model/time-range'
import type { UnixMillis } from '@/lib/model/units'
import { query } from './client'

const VERSION = `o.kind, o.namespace, o.tier, o.name, o.uid, o.body, (extract(epoch FROM o.valid_from) * 1000)::float8 AS "validFromMs",
  (extract(epoch FROM o.valid_to) * 1000)::float8 AS "validToMs"`

type Row = Omit<InventoryVersion, 'validToMs' | 'body' | 'isExact'> & {
  readonly validToMs: number | null
  readonly body: Readonly<Record<string, unknown>> | null
}

function versionOf({ validToMs, body, ...row }: Row, isExact: boolean): InventoryVersion {
  return { ...row, isExact, ...(validToMs !== null && { validToMs }), ...(body && { body }) }
}

/**
 * The version of an object that was in force at a time; where the object existed already and only later versions are known, the
 * oldest of them, marked. undefined where the inventory has none. A tier of '' in the inventory matches any that is
 * asked for: flow sources name tiers for policies that have none of their own. Index: primary key.
 */
export async function loadInventoryVersion(
  cluster: string,
  { kind, namespace, tier, name }: InventoryKey,
  atMs: UnixMillis,
): Promise<InventoryVersion | undefined> {
  const rows = await query<Row & { isAtTime: boolean }>(
    `SELECT ${VERSION}, o.valid_from <= to_timestamp($6::float8 / 1000) AS "isAtTime" FROM inventory_object o
     WHERE o.cluster = $1 AND o.kind = $2 AND o.namespace = $3 AND o.tier IN ('', $4) AND o.name = $5
       AND (o.valid_to IS NULL OR o.valid_to > to_timestamp($6::float8 / 1000))
       AND (o.valid_from <= to_timestamp($6::float8 / 1000) OR o.created_at <= to_timestamp($6::float8 / 1000))
     ORDER BY o.valid_from LIMIT 1`,
    [cluster, kind, namespace, tier, name, atMs],
  )
  const [row] = rows
  if (!row) return undefined
  const { isAtTime, ...version } = row
  return versionOf(version, isAtTime)
}

const MOST_OBJECTS = 5000

/**
 * Objects of kinds that were in force at a time, of one namespace and of the whole cluster, in the order of their names, at most
 * 5000. Index: primary key, by kind and namespace.
 */
export async function loadInForce(
  cluster: string,
  kinds: readonly InventoryKind[],
  namespace: string,
  atMs: UnixMillis,
): Promise<InventoryVersion[]> {
  const rows = await query<Row>(
    `SELECT ${VERSION} FROM inventory_object o
     WHERE o.cluster = $1 AND o.kind = ANY($2::text[]) AND o.namespace IN ('', $3) AND o.valid_from <= to_timestamp($4::float8 / 1000)
       AND (o.valid_to IS NULL OR o.valid_to > to_timestamp($4::float8 / 1000))
     ORDER BY o.kind, o.namespace, o.tier, o.name LIMIT ${MOST_OBJECTS}`,
    [cluster, kinds, namespace, atMs],
  )
  return rows.map((row) => versionOf(row, true))
}

/**
 * Versions of kinds, of some namespaces and of the whole cluster, that began or ended in `[fromMs, toMs)`, oldest first, at most `limit`:
 * without their text. Index: primary key, by kind and namespace.
 */
export async function loadVersionsBetween(
  cluster: string,
  kinds: readonly InventoryKind[],
  namespaces: readonly string[],
  { fromMs, toMs }: TimeRange,
  limit: number,
): Promise<(InventoryKey & { readonly atMs: UnixMillis; readonly change: 'added' | 'changed' | 'removed' })[]> {
  return query(
    `WITH own AS (
       SELECT kind, namespace, tier, name, valid_from, valid_to,
         lag(valid_to) OVER same AS before_to, lead(valid_from) OVER same AS next_from
       FROM inventory_object WHERE cluster = $1 AND kind = ANY($2::text[]) AND namespace = ANY($3::text[])
       WINDOW same AS (PARTITION BY kind, namespace, tier, name ORDER BY valid_from)),
     change AS (
       SELECT kind, namespace, tier, name, valid_from AS at,
         CASE WHEN before_to IS NOT DISTINCT FROM valid_from THEN 'changed' ELSE 'added' END AS change FROM own
       UNION ALL
       SELECT kind, namespace, tier, name, valid_to, 'removed' FROM own
       WHERE valid_to IS NOT NULL AND next_from IS DISTINCT FROM valid_to)
     SELECT kind, namespace, tier, name, (extract(epoch FROM at) * 1000)::float8 AS "atMs", change FROM change
     WHERE at >= to_timestamp($4::float8 / 1000) AND at < to_timestamp($5::float8 / 1000) ORDER BY at, kind, namespace, name LIMIT $6`,
    [cluster, kinds, ['', ...namespaces], fromMs, toMs, limit],
  )
}

/** True where some inventory of the cluster was ever read. */
export async function hasInventory(cluster: string): Promise<boolean> {
  const rows = await query('SELECT 1 FROM inventory_sync WHERE cluster = $1 LIMIT 1', [cluster])
  return rows.length > 0
}
