import 'server-only'
import { CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import type { ConnectionFacts } from '@/lib/model/connection-facts'
import { type BucketTierS, bucketStartMs, type TimeRange } from '@/lib/model/time-range'
import { HOUR_MS } from '@/lib/model/units'
import { TIER_15S } from './bucket-tiers'
import type { Queryable } from './client'
import { beginningsOf, hullOf, isKeyOf } from './connection-key'
import type { Connection } from './group-connections'
import { OPEN_MS } from './group-connections'
import { byId } from './row-order'
import { type FlowLife, isSameConnection, type NatLife } from './same-connection'
import { takeConnections } from './save-buckets'

/** The grain of the buckets that connections made of NAT records are counted in. */
export const NAT_GRAIN_S: BucketTierS = 15

/** A connection that only NAT records tell of, as stored. */
export interface NatConnection extends NatLife {
  readonly id: string
  readonly edgeId: string
}

/** The tuple of one live connection. */
export interface Tuple {
  readonly cluster: string
  readonly protocol: string
  readonly clientIp: string
  readonly clientPort: number
  readonly serverIp: string
  readonly serverPort: number
  readonly atMs: number
}

export const tupleKey = (tuple: Omit<Tuple, 'atMs'>): string =>
  [tuple.cluster, tuple.protocol, tuple.clientIp, tuple.clientPort, tuple.serverIp, tuple.serverPort].join('\n')

type StoredConnection = Tuple & { readonly id: string; readonly fromNat: boolean; readonly lastMs: number } & {
  readonly edgeId: string
  readonly openedMs: number | null
  readonly openedToMs: number | null
}

/** What is stored of tuples: by flow records (those without a port stand under every port), and by NAT records. */
export interface KnownConnections {
  readonly flows: ReadonlyMap<string, readonly FlowLife[]>
  readonly nats: ReadonlyMap<string, readonly NatConnection[]>
}

/** Connections read per tuple: those of an hour with one client port are few. */
const MOST_OF_TUPLE = 200

/**
 * Live connections, begun within the bounds of all that is looked for: these partitions are read and no others. The bounds of each
 * tuple stand beside it in a form that no index knows, so that the tuple decides which index is taken.
 */
const begunWithin = (from: number, to: number): string =>
  `c.dataset = '' AND c.first_at BETWEEN to_timestamp($${from}::float8 / 1000) AND to_timestamp($${to}::float8 / 1000)`

/**
 * Connections of these tuples around their times. The caller holds the lock of their clusters. Index (client ip, server ip,
 * client port, first at).
 */
export async function loadKnownConnections(client: Queryable, tuples: readonly Tuple[]): Promise<KnownConnections> {
  const all = hullOf(tuples.map(({ atMs }) => ({ fromMs: atMs, toMs: atMs })))
  const result = await client.query<StoredConnection>(
    `SELECT DISTINCT u.cluster, u.protocol, u.ip AS "clientIp", u.port AS "clientPort", u.server AS "serverIp", u.sport AS "serverPort", c.id::text,
       c.edge_id::text AS "edgeId", c.from_nat AS "fromNat", (extract(epoch FROM c.first_at) * 1000)::float8 AS "atMs",
       (extract(epoch FROM c.last_at) * 1000)::float8 AS "lastMs", (c.facts->>'openedMs')::float8 AS "openedMs",
       (c.facts->>'openedToMs')::float8 AS "openedToMs"
     FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::int[], $7::float8[]) AS u(cluster, protocol, ip, port, server, sport, at)
     CROSS JOIN LATERAL (
       (SELECT * FROM egress_connection c WHERE ${begunWithin(10, 11)} AND c.cluster = u.cluster AND c.client_ip = u.ip AND c.server_ip = u.server
          AND c.client_port = u.port AND extract(epoch FROM c.first_at) BETWEEN (u.at - $8) / 1000.0 AND (u.at + $9) / 1000.0
        LIMIT ${MOST_OF_TUPLE})
       UNION ALL
       (SELECT * FROM egress_connection c WHERE ${begunWithin(10, 11)} AND c.cluster = u.cluster AND c.client_ip = u.ip AND c.server_ip = u.server
          AND c.client_port IS NULL AND extract(epoch FROM c.first_at) BETWEEN (u.at - $8) / 1000.0 AND (u.at + $9) / 1000.0
        LIMIT ${MOST_OF_TUPLE})) c
     WHERE c.server_port = u.sport AND c.protocol = u.protocol AND NOT c.blocked`,
    [
      tuples.map((tuple) => tuple.cluster),
      tuples.map((tuple) => tuple.protocol),
      tuples.map((tuple) => tuple.clientIp),
      tuples.map((tuple) => tuple.clientPort),
      tuples.map((tuple) => tuple.serverIp),
      tuples.map((tuple) => tuple.serverPort),
      tuples.map((tuple) => tuple.atMs),
      HOUR_MS,
      OPEN_MS + CLOCK_SKEW_MS,
      all.fromMs - HOUR_MS,
      all.toMs + OPEN_MS + CLOCK_SKEW_MS,
    ],
  )
  const flows = new Map<string, FlowLife[]>()
  const nats = new Map<string, NatConnection[]>()
  for (const row of result.rows) {
    const key = tupleKey(row)
    const life = { firstMs: row.atMs, lastMs: row.lastMs }
    if (row.fromNat) nats.set(key, [...(nats.get(key) ?? []), { ...life, id: row.id, edgeId: row.edgeId }])
    else {
      const opened = { openedMs: row.openedMs ?? undefined, openedToMs: row.openedToMs ?? undefined }
      flows.set(key, [...(flows.get(key) ?? []), { ...life, ...opened }])
    }
  }
  return { flows, nats }
}

/**
 * Takes away what NAT records told of connections that flow records now tell of themselves: such a connection counts once,
 * on the edge of the flow record. The caller holds the lock of the connections. Index (client ip, first at, where from_nat).
 */
export async function absorbNatConnections(client: Queryable, changed: readonly Connection[]): Promise<void> {
  const flows = changed.filter((row) => row.dataset === '' && row.clientIp && row.serverIp && !row.blocked)
  if (flows.length === 0) return
  const begun = flows.map(natBeginningsOf)
  const result = await client.query<NatConnection & { readonly flow: number }>(
    `SELECT u.n::int AS flow, c.id::text, c.edge_id::text AS "edgeId", (extract(epoch FROM c.first_at) * 1000)::float8 AS "firstMs",
       (extract(epoch FROM c.last_at) * 1000)::float8 AS "lastMs"
     FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::int[], $7::float8[], $8::float8[]) WITH ORDINALITY
       AS u(cluster, protocol, ip, port, server, sport, lo, hi, n)
     CROSS JOIN LATERAL (SELECT * FROM egress_connection c WHERE c.from_nat AND ${begunWithin(9, 10)} AND c.cluster = u.cluster AND c.client_ip = u.ip COLLATE "C"
       AND (u.port IS NULL OR c.client_port = u.port) AND c.first_at BETWEEN to_timestamp(u.lo / 1000.0) AND to_timestamp(u.hi / 1000.0) LIMIT 10000) c
     WHERE c.server_ip = u.server AND c.server_port = u.sport AND c.protocol = u.protocol`,
    [
      flows.map((row) => row.cluster),
      flows.map((row) => row.protocol),
      flows.map((row) => row.clientIp),
      flows.map((row) => row.clientPort ?? null),
      flows.map((row) => row.serverIp),
      flows.map((row) => row.serverPort),
      begun.map(({ fromMs }) => fromMs),
      begun.map(({ toMs }) => toMs),
      hullOf(begun).fromMs,
      hullOf(begun).toMs,
    ],
  )
  const same = result.rows.filter((row) => {
    const flow = flows[row.flow - 1]
    return (
      flow !== undefined &&
      isSameConnection(row, { ...flow, openedMs: flow.facts.openedMs, openedToMs: flow.facts.openedToMs })
    )
  })
  await removeNatConnections(client, same)
}

/** When a NAT record of the same connection can have begun (`isSameConnection`). */
function natBeginningsOf({ firstMs, lastMs, clientPort, facts: { openedMs, openedToMs } }: Connection): TimeRange {
  if (openedMs !== undefined)
    return { fromMs: openedMs - CLOCK_SKEW_MS, toMs: (openedToMs ?? openedMs) + CLOCK_SKEW_MS }
  // With its port a long-lived one is found; without, too many would have to be read.
  const backMs = clientPort === undefined ? OPEN_MS : HOUR_MS
  return { fromMs: firstMs - backMs - CLOCK_SKEW_MS, toMs: lastMs + CLOCK_SKEW_MS }
}

/** Deletes connections that were made of NAT records, and takes them out of the sums of their edges. */
export async function removeNatConnections(client: Queryable, connections: readonly NatConnection[]): Promise<void> {
  const rows = byId(connections, (row) => row.id)
  if (rows.length === 0) return
  const { fromMs, toMs } = beginningsOf(rows)
  const removed = await client.query<{ readonly edgeId: string; readonly facts: ConnectionFacts }>(
    `DELETE FROM egress_connection c USING unnest($1::bigint[], $2::float8[]) AS u(id, f)
     WHERE ${isKeyOf(3, 4, 5)} AND c.from_nat RETURNING c.edge_id::text AS "edgeId", c.facts`,
    [rows.map((row) => row.id), rows.map((row) => row.firstMs), '', fromMs, toMs],
  )
  const counted = removed.rows.flatMap(({ edgeId, facts }) =>
    facts.countedMs === undefined ? [] : [{ edgeId, startMs: bucketStartMs(facts.countedMs, NAT_GRAIN_S) }],
  )
  const buckets = await client.query<{ variantId: string; startMs: number; count: number }>(
    `SELECT v.id::text AS "variantId", s.start::float8 AS "startMs", count(*)::int AS count
     FROM unnest($1::bigint[], $2::bigint[]) AS s(edge, start) JOIN edge_variant v ON v.edge_id = s.edge AND v.source = 'nat'
     GROUP BY v.id, s.start ORDER BY s.start, v.id`,
    [counted.map((row) => row.edgeId), counted.map((row) => row.startMs)],
  )
  await takeConnections(
    client,
    TIER_15S,
    buckets.rows.map((row) => ({ ...row, dataset: '' })),
  )
}
