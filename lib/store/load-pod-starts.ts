import 'server-only'
import { CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import { type PodStart, SETTLED_WITHIN_MS } from '@/lib/egress/startup-race'
import type { Queryable } from './client'
import { beginningsOf } from './connection-key'
import { LEASE_END } from './lease-ends'

interface Connection {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  readonly clientIp: string | null
  readonly firstMs: number
}

interface Row {
  readonly id: string
  readonly startedMs: number | null
  readonly isSettledLater: boolean
}

/**
 * When the pods of live connections began, where exactly one had the address then, and whether a later connection of it is known to
 * have left rightly; by connection id. Indexes: pod_ip_lease (cluster, ip), (cluster, uid); egress_connection (client ip, first at),
 * in the partitions of an hour behind.
 */
export async function loadPodStarts(
  client: Queryable,
  connections: readonly Connection[],
): Promise<ReadonlyMap<string, PodStart>> {
  const rows = connections.filter((row) => row.dataset === '' && row.clientIp !== null)
  if (rows.length === 0) return new Map()
  const begun = beginningsOf(rows)
  const result = await client.query<Row>(
    `SELECT u.id::text, (extract(epoch FROM s.started) * 1000)::float8 AS "startedMs", s.started IS NOT NULL AND EXISTS (
         SELECT 1 FROM egress_connection o WHERE o.dataset = '' AND o.cluster = u.cluster AND o.client_ip = u.ip COLLATE "C"
           AND o.first_at > to_timestamp(u.first / 1000.0) AND o.first_at <= least(to_timestamp((u.first + ${SETTLED_WITHIN_MS}) / 1000.0), s.ends)
           AND o.first_at BETWEEN to_timestamp($6::float8 / 1000) AND to_timestamp($7::float8 / 1000) AND o.state = 'sanctioned') AS "isSettledLater"
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[]) AS u(id, cluster, ip, first)
     CROSS JOIN LATERAL (
       SELECT CASE WHEN count(DISTINCT l.uid) = 1 AND NOT bool_or(l.host_network)
           THEN (SELECT min(own.valid_from) FROM pod_ip_lease own WHERE own.cluster = u.cluster AND own.uid = min(l.uid)) END AS started,
         max(coalesce(l.ends, 'infinity')) AS ends
       FROM (SELECT l.uid, l.host_network, ${LEASE_END('l')} AS ends FROM pod_ip_lease l WHERE l.cluster = u.cluster AND l.ip = u.ip
         AND l.valid_from <= to_timestamp((u.first + $5::float8) / 1000.0)) l
       WHERE coalesce(l.ends, 'infinity') >= to_timestamp(u.first / 1000.0)) s`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.cluster),
      rows.map((row) => row.clientIp),
      rows.map((row) => row.firstMs),
      CLOCK_SKEW_MS,
      begun.fromMs,
      begun.toMs + SETTLED_WITHIN_MS,
    ],
  )
  return new Map(
    result.rows.map(({ id, startedMs, isSettledLater }) => [
      id,
      { isSettledLater, ...(startedMs !== null && { startedMs }) },
    ]),
  )
}
