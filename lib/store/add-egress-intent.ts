import 'server-only'
import { type EgressIntentFacts, INTENT_KINDS, type IntentObject } from '@/lib/egress/expected-egress'
import { WORKLOAD_KIND } from '@/lib/model/inventory'
import type { Queryable } from './client'

type Fields = Readonly<Record<string, unknown>>

/** The rows of the inventory that say how a connection should leave; made into facts by who judges. */
export interface EgressIntentRows {
  readonly objects: EgressIntentFacts['objects']
  readonly workload?: Fields
  readonly namespace?: Fields
}

interface Connection {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  readonly firstMs: number
  readonly namespace: string
  readonly workload: string
}

const MOST_OBJECTS = 2000

/**
 * Adds to connections what the inventory said of their egress when they were opened; nothing in clusters without egress gateways, which
 * costs one look-up. Indexes: primary key of inventory_object.
 */
export async function addEgressIntent<Row extends Connection>(
  client: Queryable,
  rows: readonly Row[],
): Promise<(Row & { readonly intent?: EgressIntentRows })[]> {
  const clusters = await clustersWithIntent(client, rows)
  const concerned = rows.filter((row) => row.dataset === '' && clusters.has(row.cluster))
  if (concerned.length === 0) return [...rows]
  const objects = await loadObjects(client, concerned)
  const bodies = await loadBodies(client, concerned)
  const ids = new Set(concerned.map((row) => row.id))
  return rows.map((row) => {
    if (!ids.has(row.id)) return row
    const own = objects.filter(
      (object) =>
        object.cluster === row.cluster &&
        object.fromMs <= row.firstMs &&
        (object.toMs === null || object.toMs > row.firstMs),
    )
    const found = bodies.get(row.id)
    return {
      ...row,
      intent: {
        objects: own.map(({ kind, name, body }) => ({ kind, name, ...(body && { body }) })),
        ...(found?.workload && { workload: found.workload }),
        ...(found?.namespace && { namespace: found.namespace }),
      },
    }
  })
}

async function clustersWithIntent(client: Queryable, rows: readonly Connection[]): Promise<ReadonlySet<string>> {
  const clusters = [...new Set(rows.filter((row) => row.dataset === '').map((row) => row.cluster))]
  if (clusters.length === 0) return new Set()
  const result = await client.query<{ cluster: string }>(
    // By key, one row each: most clusters have none, and to find that out all their objects would be read.
    `SELECT DISTINCT u.cluster FROM unnest($1::text[]) AS u(cluster) CROSS JOIN unnest($2::text[]) AS k(kind) CROSS JOIN LATERAL (
       SELECT 1 FROM inventory_object o WHERE o.cluster = u.cluster AND o.kind = k.kind ORDER BY o.namespace LIMIT 1) o`,
    [clusters, ['CiliumEgressGatewayPolicy', 'EgressGateway']],
  )
  return new Set(result.rows.map((row) => row.cluster))
}

type ObjectRow = Omit<IntentObject, 'body'> & {
  readonly cluster: string
  readonly body: Fields | null
  readonly fromMs: number
  readonly toMs: number | null
}

async function loadObjects(client: Queryable, rows: readonly Connection[]): Promise<readonly ObjectRow[]> {
  const times = rows.map((row) => row.firstMs)
  const result = await client.query<ObjectRow>(
    `SELECT cluster, kind, name, body, (extract(epoch FROM valid_from) * 1000)::float8 AS "fromMs", (extract(epoch FROM valid_to) * 1000)::float8 AS "toMs"
     FROM inventory_object WHERE cluster = ANY($1::text[]) AND kind = ANY($2::text[]) AND valid_from <= to_timestamp($4::float8 / 1000)
       AND (valid_to IS NULL OR valid_to > to_timestamp($3::float8 / 1000)) ORDER BY cluster, kind, name, valid_from LIMIT ${MOST_OBJECTS}`,
    [
      [...new Set(rows.map((row) => row.cluster))],
      INTENT_KINDS,
      times.reduce((least, atMs) => Math.min(least, atMs)),
      times.reduce((most, atMs) => Math.max(most, atMs)),
    ],
  )
  return result.rows
}

async function loadBodies(
  client: Queryable,
  rows: readonly Connection[],
): Promise<ReadonlyMap<string, { readonly workload: Fields | null; readonly namespace: Fields | null }>> {
  const asOf = (kind: string, namespace: string, name: string) =>
    `(SELECT o.body FROM inventory_object o WHERE o.cluster = u.cluster AND o.kind = '${kind}' AND o.namespace = ${namespace} AND o.tier = ''
        AND o.name = ${name} AND o.valid_from <= to_timestamp(u.at / 1000.0) AND (o.valid_to IS NULL OR o.valid_to > to_timestamp(u.at / 1000.0)) LIMIT 1)`
  const result = await client.query<{ id: string; workload: Fields | null; namespace: Fields | null }>(
    `SELECT u.id, ${asOf(WORKLOAD_KIND, 'u.namespace', 'u.workload')} AS workload, ${asOf('Namespace', "''", 'u.namespace')} AS namespace
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[]) AS u(id, cluster, namespace, workload, at)`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.cluster),
      rows.map((row) => row.namespace),
      rows.map((row) => row.workload),
      rows.map((row) => row.firstMs),
    ],
  )
  return new Map(result.rows.map(({ id, ...bodies }) => [id, bodies]))
}
