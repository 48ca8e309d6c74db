import 'server-only'
import { CANARY_TTL_S, CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import type { CanaryProbe } from '@/lib/model/canary'
import { DAY_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { LEASE_END } from './lease-ends'

interface Connection {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  readonly namespace: string
  readonly clientIp: string | null
  readonly firstMs: number
  readonly lastMs: number
}

/** Probes around one connection, and the node of its pod. */
export interface Probed {
  readonly node: string | null
  readonly probes: readonly CanaryProbe[]
}

/** Probes of a namespace that are looked at for one connection: a few minutes of many nodes. */
const MOST = 64
/** An older probe is not even worth being called stale. */
const LOOK_BACK_MS = DAY_MS

const FIELDS = 'p.node, p.address, p.basis, p.at'
const WITHIN = `p.cluster = u.cluster AND p.namespace = u.namespace AND p.at <= to_timestamp((u.last + ${CLOCK_SKEW_MS}) / 1000.0)`

/**
 * Probes of the namespaces of live connections before these ended, and the node that each connection's pod was on, where one pod
 * alone had its address; by connection id, those without probes are missing. The newest of its node, and the newest of all. Indexes: canary_probe (cluster,
 * namespace, at), (cluster, namespace, node, at); pod_ip_lease (cluster, ip).
 */
export async function loadProbes(
  client: Queryable,
  connections: readonly Connection[],
): Promise<ReadonlyMap<string, Probed>> {
  const rows = connections.filter((row) => row.dataset === '')
  if (rows.length === 0) return new Map()
  const result = await client.query<Probed & { readonly id: string }>(
    `SELECT u.id::text, n.node, f.probes FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[])
       AS u(id, cluster, namespace, ip, first, last)
     CROSS JOIN LATERAL (SELECT CASE WHEN count(DISTINCT l.uid) = 1 THEN min(l.node) END AS node FROM pod_ip_lease l
       WHERE l.cluster = u.cluster AND l.ip = u.ip AND l.valid_from <= to_timestamp((u.first + ${CLOCK_SKEW_MS}) / 1000.0)
         AND coalesce(${LEASE_END('l')}, 'infinity') >= to_timestamp(u.first / 1000.0)) n
     CROSS JOIN LATERAL (SELECT json_agg(json_build_object('node', p.node, 'address', p.address, 'basis', p.basis,
         'atMs', (extract(epoch FROM p.at) * 1000)::float8)) AS probes FROM (
       (SELECT ${FIELDS} FROM canary_probe p WHERE ${WITHIN} AND p.at >= to_timestamp((u.first - ${LOOK_BACK_MS}) / 1000.0)
         ORDER BY p.at DESC LIMIT ${MOST})
       UNION (SELECT ${FIELDS} FROM canary_probe p WHERE ${WITHIN} AND p.node = n.node
         AND p.at >= to_timestamp((u.first - ${CANARY_TTL_S * 1000}) / 1000.0) ORDER BY p.at DESC LIMIT ${MOST})) p) f
     WHERE f.probes IS NOT NULL`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.cluster),
      rows.map((row) => row.namespace),
      rows.map((row) => row.clientIp),
      rows.map((row) => row.firstMs),
      rows.map((row) => row.lastMs),
    ],
  )
  return new Map(result.rows.map(({ id, node, probes }) => [id, { node, probes }]))
}
