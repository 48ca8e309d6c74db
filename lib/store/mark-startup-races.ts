import 'server-only'
import { SETTLED_WITHIN_MS } from '@/lib/egress/startup-race'
import type { Queryable } from './client'
import { beginningsOf } from './connection-key'

/** A connection of live data that is sanctioned now and was not, or the other way round. */
export interface Settled {
  readonly cluster: string
  readonly clientIp: string
  readonly firstMs: number
}

/**
 * Marks violations of the same pods shortly before, which an egress gateway should have covered: whether they are a startup race
 * rests on what became of later connections. The caller holds the lock of the connections. Index egress_connection (client ip, first
 * at), in the partitions of an hour before.
 */
export async function markStartupRaces(client: Queryable, settled: readonly Settled[]): Promise<void> {
  if (settled.length === 0) return
  const begun = beginningsOf(settled)
  await client.query(
    `UPDATE egress_connection c SET dirty = true FROM unnest($1::text[], $2::text[], $3::float8[]) AS u(cluster, ip, first)
     WHERE c.dataset = '' AND c.cluster = u.cluster AND c.client_ip = u.ip COLLATE "C" AND NOT c.dirty AND c.state = 'violation'
       AND c.first_at >= to_timestamp((u.first - ${SETTLED_WITHIN_MS}) / 1000.0) AND c.first_at < to_timestamp(u.first / 1000.0)
       AND c.first_at BETWEEN to_timestamp($4::float8 / 1000) AND to_timestamp($5::float8 / 1000)
       AND c.judgement @> '{"observations":[{"kind":"cegp-intent","covers":true}]}'`,
    [
      settled.map((row) => row.cluster),
      settled.map((row) => row.clientIp),
      settled.map((row) => row.firstMs),
      begun.fromMs - SETTLED_WITHIN_MS,
      begun.toMs,
    ],
  )
}
