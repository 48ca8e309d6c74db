import 'server-only'
import type { NatRecord } from '@/lib/model/nat-record'
import { MINUTE_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { lockConnections } from './lock-connections'

interface Scope {
  readonly dataset: string
  readonly cluster: string
}

/** How far clocks of nodes, hops and senders may be apart, generously: marking too many only costs a judgement. */
const SLACK_MS = MINUTE_MS
/** A translation whose end is not known yet lasts at least this long. */
const OPEN_ENDED_MS = 30 * MINUTE_MS
/** Pod → node → gateway → cloud: more hops than that are not chained. */
const MOST_HOPS = 4

/**
 * Marks connections that new NAT records can speak of: those with the record's original address and destination while it
 * lasted; and for a later hop, whose original address is that of an earlier one, those of the earlier hop's record. Answers
 * how many must be judged again. Indexes: nat_record (…, translated ip, translated port, at), egress_connection (…, client
 * ip, server ip, first at).
 */
export async function markConnectionsOfNat(
  client: Queryable,
  scope: Scope,
  records: readonly NatRecord[],
): Promise<number> {
  if (records.length === 0) return 0
  await lockConnections(client, [scope])
  const rows = records.flatMap((record) => [
    { ...record, server: record.destinationIp },
    ...(record.replySourceIp ? [{ ...record, server: record.replySourceIp }] : []),
  ])
  const result = await client.query(
    `WITH RECURSIVE hop(ip, port, server, at, stop, depth) AS (
       SELECT u.ip, u.port, u.server, to_timestamp(u.at / 1000.0), to_timestamp(u.stop / 1000.0), 1
       FROM unnest($3::text[], $4::int[], $5::text[], $6::float8[], $7::float8[]) AS u(ip, port, server, at, stop)
       UNION
       SELECT n.original_ip, n.original_port, n.destination_ip, n.at, h.stop, h.depth + 1
       FROM hop h JOIN nat_record n ON n.dataset = $1 AND n.cluster = $2 AND n.destination_ip = h.server AND n.translated_ip = h.ip
         AND n.translated_port = h.port AND n.at BETWEEN h.at - $8 * interval '1 ms' AND h.at + $8 * interval '1 ms'
       WHERE h.depth < $9)
     UPDATE egress_connection SET dirty = true WHERE id IN (
       SELECT c.id FROM hop h JOIN egress_connection c ON c.dataset = $1 AND c.cluster = $2 AND c.client_ip = h.ip AND c.server_ip = h.server
         AND c.first_at <= h.stop + $8 * interval '1 ms' AND c.last_at >= h.at - $8 * interval '1 ms'
       WHERE NOT c.dirty)`,
    [
      scope.dataset,
      scope.cluster,
      rows.map((row) => row.originalIp),
      rows.map((row) => row.originalPort),
      rows.map((row) => row.server),
      rows.map((row) => row.atMs),
      rows.map((row) => row.endMs ?? row.atMs + OPEN_ENDED_MS),
      SLACK_MS,
      MOST_HOPS,
    ],
  )
  return result.rowCount ?? 0
}

/** Marks connections of edges on which a provider refused the caller's address, around the refusal. */
export async function markConnectionsOfEdges(
  client: Queryable,
  scopes: readonly Scope[],
  refusals: readonly { readonly edgeId: string; readonly startMs: number; readonly endMs: number }[],
): Promise<number> {
  if (refusals.length === 0) return 0
  await lockConnections(client, scopes)
  const result = await client.query(
    `UPDATE egress_connection SET dirty = true WHERE id IN (
       SELECT c.id FROM unnest($1::bigint[], $2::float8[], $3::float8[]) AS u(edge, lo, hi)
       JOIN egress_connection c ON c.edge_id = u.edge AND c.first_at <= to_timestamp(u.hi / 1000.0) AND c.last_at >= to_timestamp(u.lo / 1000.0)
       WHERE NOT c.dirty)`,
    [
      refusals.map((refusal) => refusal.edgeId),
      refusals.map((refusal) => refusal.startMs - OPEN_ENDED_MS),
      refusals.map((refusal) => refusal.endMs + OPEN_ENDED_MS),
    ],
  )
  return result.rowCount ?? 0
}
