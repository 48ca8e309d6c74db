import 'server-only'
import type { AddressLease } from '@/lib/egress/address-claims'
import { type AskedName, askedWindow, MOST_ASKED_NAMES } from '@/lib/egress/names-from-questions'
import type { Queryable } from './client'
import { beginningsOf } from './connection-key'
import { LEASE_END } from './lease-ends'

/** A connection whose names are looked for. */
export interface AskingConnection {
  readonly id: string
  readonly dataset: string
  readonly cluster: string
  readonly clientIp: string | null
  readonly serverIp: string | null
  readonly firstMs: number
}

/** What a connection's client asked before it began, and who claims the client's address. */
export interface Asked {
  readonly asked: readonly AskedName[]
  /** Leases that touch a minute around it; at most 200. */
  readonly leases: readonly AddressLease[]
}

const WINDOW = askedWindow(0)
const AROUND_MS = 60_000

/** LATERAL part that answers the leases of `cluster`, `ip` around a time as one JSON array. */
export const LEASES_AROUND = (cluster: string, ip: string, fromMs: string, toMs: string): string =>
  `(SELECT coalesce(json_agg(json_build_object('namespace', l.namespace, 'pod', l.pod, 'uid', l.uid, 'workload', l.workload,
      'workloadKind', l.workload_kind, 'hostNetwork', l.host_network, 'fromMs', (extract(epoch FROM l.valid_from) * 1000)::float8,
      'toMs', (extract(epoch FROM l.ends) * 1000)::float8) ORDER BY l.valid_from, l.uid), '[]')
    FROM (SELECT l.*, e.ends FROM pod_ip_lease l CROSS JOIN LATERAL (SELECT ${LEASE_END('l')} AS ends) e WHERE l.cluster = ${cluster} AND l.ip = ${ip}
      AND l.valid_from <= to_timestamp((${toMs} + ${AROUND_MS}) / 1000.0)
      AND coalesce(e.ends, 'infinity') >= to_timestamp((${fromMs} - ${AROUND_MS}) / 1000.0) ORDER BY l.valid_from DESC LIMIT 200) l)`

/**
 * What the clients of live connections asked in the window before each, by connection id; connections whose client asked
 * nothing, and those without addresses, are missing. Keys: dns_question (client ip, at), pod_ip_lease (cluster, ip).
 */
export async function loadAsked(
  client: Queryable,
  connections: readonly AskingConnection[],
): Promise<ReadonlyMap<string, Asked>> {
  const rows = connections.filter((row) => row.dataset === '' && row.clientIp !== null && row.serverIp !== null)
  if (rows.length === 0) return new Map()
  const begun = beginningsOf(rows)
  const result = await client.query<Asked & { readonly id: string }>(
    `SELECT u.id::text, q.asked, ${LEASES_AROUND('u.cluster', 'u.ip', 'u.first', 'u.first')} AS leases
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[], $7::int[]) AS u(id, cluster, ip, first, family)
     CROSS JOIN LATERAL (
       SELECT json_agg(json_build_object('name', n.name, 'family', n.family, 'lastMs', n.last)) AS asked FROM (
         SELECT name, family, (extract(epoch FROM max(at)) * 1000)::float8 AS last FROM dns_question
         WHERE dataset = '' AND cluster = u.cluster AND client_ip = u.ip AND family = u.family
           AND at BETWEEN to_timestamp((u.first + $5::float8) / 1000.0) AND to_timestamp((u.first + $6::float8) / 1000.0)
           AND at BETWEEN to_timestamp($8::float8 / 1000) AND to_timestamp($9::float8 / 1000)
         GROUP BY name, family ORDER BY max(at) DESC, name LIMIT ${MOST_ASKED_NAMES}) n) q
     WHERE q.asked IS NOT NULL`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.cluster),
      rows.map((row) => row.clientIp),
      rows.map((row) => row.firstMs),
      WINDOW.fromMs,
      WINDOW.toMs,
      rows.map((row) => (row.serverIp?.includes(':') ? 6 : 4)),
      begun.fromMs + WINDOW.fromMs,
      begun.toMs + WINDOW.toMs,
    ],
  )
  return new Map(result.rows.map(({ id, asked, leases }) => [id, { asked, leases }]))
}
