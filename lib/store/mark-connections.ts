import 'server-only'
import { RIVAL_OPEN_MS, RIVAL_OPENING_MS } from '@/lib/egress/claim-rivals'
import type { ConnectionFacts } from '@/lib/model/connection-facts'
import { isWindowed, type NatRecord } from '@/lib/model/nat-record'
import type { TimeRange } from '@/lib/model/time-range'
import { HOUR_MS, MINUTE_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { hullOf, isWithin, LONGEST_LIFE_MS } from './connection-key'
import { lockConnections } from './lock-connections'
import { mergeStretches } from './merge-stretches'

interface Scope {
  readonly dataset: string
  readonly cluster: string
}

/** How far clocks of nodes, hops and senders may be apart, generously: marking too many only costs a judgement. */
const SLACK_MS = MINUTE_MS
/** A translation whose end is not known yet lasts at least this long. */
const OPEN_ENDED_MS = 30 * MINUTE_MS
/** How far a neighbour can be and still be meant: the longest window of a log, and how long a quiet connection counts as open. */
const RIVAL_MS = 15 * MINUTE_MS
/** Pod → node → gateway → cloud: more hops than that are not chained. */
const MOST_HOPS = 4
/** How long before a record the first of its hops can have seen its connection: an hour where it tells of a window, per hop. */
const EARLIEST_HOP_MS = MOST_HOPS * HOUR_MS

/**
 * Marks connections that new NAT records can speak of: those with the record's original address and destination while it
 * lasted; and for a later hop, whose original address is that of an earlier one, those of the earlier hop's record. A record
 * without a port may follow any port of its address; a window may follow what was alive in it. Answers how many must be judged
 * again. Indexes: nat_record (destination ip, translated ip, at), egress_connection (client ip, server ip, …), in the partitions of the
 * records and of a day before.
 */
export async function markConnectionsOfNat(
  client: Queryable,
  scope: Scope,
  records: readonly NatRecord[],
): Promise<number> {
  const rows = records.flatMap((record) => {
    const { originalIp, originalPort, destinationIp, replySourceIp, atMs } = record
    if (originalIp === undefined || destinationIp === undefined) return []
    const endMs = record.endMs ?? atMs + OPEN_ENDED_MS
    const row = {
      ip: originalIp,
      port: originalPort ?? null,
      atMs,
      endMs,
      beganMs: isWindowed(record.source) ? endMs : atMs,
    }
    return [{ ...row, server: destinationIp }, ...(replySourceIp ? [{ ...row, server: replySourceIp }] : [])]
  })
  if (rows.length === 0) return 0
  await lockConnections(client, [scope])
  const all = hullOf(rows.map(({ atMs, endMs }) => ({ fromMs: atMs, toMs: endMs })))
  const result = await client.query(
    `WITH RECURSIVE hop(ip, port, server, at, began, stop, depth) AS (
       SELECT u.ip, u.port, u.server, to_timestamp(u.at / 1000.0), to_timestamp(u.began / 1000.0), to_timestamp(u.stop / 1000.0), 1
       FROM unnest($3::text[], $4::int[], $5::text[], $6::float8[], $7::float8[], $10::float8[]) AS u(ip, port, server, at, stop, began)
       UNION
       SELECT n.original_ip, n.original_port, n.destination_ip, n.at, n.at, h.stop, h.depth + 1
       FROM hop h JOIN nat_record n ON n.dataset = $1 AND n.cluster = $2 AND n.destination_ip = h.server AND n.translated_ip = h.ip
         AND (h.port IS NULL OR n.translated_port = h.port) AND n.original_ip IS NOT NULL
         AND n.at BETWEEN to_timestamp($13::float8 / 1000) AND to_timestamp($14::float8 / 1000) AND n.at <= h.began + $8 * interval '1 ms'
         AND n.at >= h.at - CASE WHEN h.began > h.at THEN interval '1 hour' ELSE $8 * interval '1 ms' END
         AND (n.at >= h.at - $8 * interval '1 ms' OR n.end_at >= h.at - $8 * interval '1 ms')
       WHERE h.depth < $9)
     UPDATE egress_connection c SET dirty = true FROM hop h
     WHERE c.cluster = $2 AND c.client_ip = h.ip AND c.server_ip = h.server AND NOT c.dirty
       AND ${isWithin('c', 1, 11, 12)}
       AND c.first_at <= h.stop + $8 * interval '1 ms' AND c.last_at >= h.at - $8 * interval '1 ms'`,
    [
      scope.dataset,
      scope.cluster,
      rows.map((row) => row.ip),
      rows.map((row) => row.port),
      rows.map((row) => row.server),
      rows.map((row) => row.atMs),
      rows.map((row) => row.endMs),
      SLACK_MS,
      MOST_HOPS,
      rows.map((row) => row.beganMs),
      all.fromMs - EARLIEST_HOP_MS - LONGEST_LIFE_MS,
      all.toMs + SLACK_MS,
      all.fromMs - EARLIEST_HOP_MS,
      hullOf(rows.map(({ atMs, beganMs }) => ({ fromMs: atMs, toMs: beganMs }))).toMs + SLACK_MS,
    ],
  )
  return result.rowCount ?? 0
}

/** A call that a provider's audit tells of, by the workload whose caller it names. */
export interface AuditedCall {
  readonly namespace: string
  readonly name: string
  readonly atMs: number
}

/** Marks connections of workloads that a provider saw call, alive at the time. Answers how many must be judged again. Index (edge id, last at). */
export async function markConnectionsOfCalls(
  client: Queryable,
  scope: Scope,
  calls: readonly AuditedCall[],
): Promise<number> {
  if (calls.length === 0) return 0
  const all = hullOf(calls.map(({ atMs }) => ({ fromMs: atMs, toMs: atMs })))
  await lockConnections(client, [scope])
  const result = await client.query(
    `UPDATE egress_connection c SET dirty = true
     FROM unnest($3::text[], $4::text[], $5::float8[]) AS u(namespace, name, at)
     JOIN endpoint p ON p.dataset = $1 AND p.cluster = $2 AND p.class = 'workload' AND p.namespace = u.namespace AND p.name = u.name
     JOIN edge e ON e.client_id = p.id
     WHERE c.edge_id = e.id AND c.last_at >= to_timestamp((u.at - $6) / 1000.0)
       AND c.first_at BETWEEN to_timestamp((u.at - $6 - ${LONGEST_LIFE_MS}) / 1000.0) AND to_timestamp((u.at + $6) / 1000.0)
       AND ${isWithin('c', 1, 7, 8)} AND NOT c.dirty`,
    [
      scope.dataset,
      scope.cluster,
      calls.map((call) => call.namespace),
      calls.map((call) => call.name),
      calls.map((call) => call.atMs),
      SLACK_MS,
      all.fromMs - SLACK_MS - LONGEST_LIFE_MS,
      all.toMs + SLACK_MS,
    ],
  )
  return result.rowCount ?? 0
}

/** What a connection is to its neighbours. */
export interface Neighbour {
  readonly id: string
  readonly cluster: string
  readonly edgeId: string
  readonly clientIp?: string | undefined
  readonly serverIp?: string | undefined
  readonly firstMs: number
  readonly lastMs: number
  readonly facts?: Pick<ConnectionFacts, 'openedMs'>
}

/** What would no longer be proven if another connection could be meant. */
const IS_ELIMINATION = `c.judgement @> '{"observations":[{"onlyCandidate":true}]}'`
/** The same of what a node on the way claims, which is told from others of its edge by its opening (claim-rivals.ts). */
const IS_CLAIM = `c.judgement @> '{"observations":[{"kind":"hubble-xlated","join":"J2"}]}'`
const SAME_ENDS = 'c.cluster = u.cluster AND c.client_ip = u.ip AND c.server_ip = u.server'

/**
 * Marks connections whose judgement rests on their being the only candidate, around connections that are new or went on: what
 * is learned of a neighbour can take that away. Neighbours are those of the same edge, and those between the same addresses,
 * by whatever name (load-uniqueness.ts). Writers of egress_connection hold the lock already. Indexes (edge id, last at),
 * (client ip, server ip, …).
 */
export async function markRivals(client: Queryable, dataset: string, connections: readonly Neighbour[]): Promise<void> {
  if (connections.length === 0) return
  const around = connections.map((row) => ({
    ...row,
    fromMs: row.firstMs - RIVAL_MS,
    toMs: row.lastMs + RIVAL_MS,
  }))
  await markNear(
    client,
    dataset,
    `c.edge_id = u.edge AND ${IS_ELIMINATION}`,
    mergeStretches(around, ({ edgeId }) => edgeId),
  )
  await markNear(
    client,
    dataset,
    `${SAME_ENDS} AND ${IS_ELIMINATION}`,
    mergeStretches(around.filter(hasEnds), ({ cluster, clientIp, serverIp }) =>
      [cluster, clientIp, serverIp].join('\n'),
    ),
  )
  await markRivalsOfClaims(client, dataset, connections.filter(hasEnds))
}

const hasEnds = ({ clientIp, serverIp }: Neighbour): boolean => clientIp !== undefined && serverIp !== undefined

/** Those of other edges as long as both may be open; those of the same edge only around its opening: they are many. */
async function markRivalsOfClaims(
  client: Queryable,
  dataset: string,
  connections: readonly Neighbour[],
): Promise<void> {
  const ends = ({ cluster, edgeId, clientIp, serverIp }: Neighbour): string =>
    [cluster, edgeId, clientIp, serverIp].join('\n')
  const lives = connections.map((row) => ({
    ...row,
    fromMs: row.firstMs - RIVAL_OPEN_MS,
    toMs: row.lastMs + RIVAL_OPEN_MS,
  }))
  const isOther = `${SAME_ENDS} AND c.edge_id <> u.edge AND ${IS_CLAIM}`
  await markNear(client, dataset, isOther, mergeStretches(lives, ends))
  const openings = connections.map((row) => ({
    ...row,
    // Where only later packets were seen, it may have opened before them.
    fromMs: row.firstMs - (row.facts?.openedMs === undefined ? RIVAL_OPEN_MS : 2 * RIVAL_OPENING_MS),
    toMs: row.firstMs + 2 * RIVAL_OPENING_MS,
  }))
  const isOwn = `${SAME_ENDS} AND c.edge_id = u.edge AND ${IS_CLAIM}`
  await markNear(client, dataset, isOwn, mergeStretches(openings, ends))
}

type Around = Neighbour & TimeRange & { readonly isSole: boolean }

async function markNear(client: Queryable, dataset: string, isAlike: string, around: readonly Around[]): Promise<void> {
  if (around.length === 0) return
  const all = hullOf(around)
  await client.query(
    `UPDATE egress_connection c SET dirty = true
     FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::bool[])
       AS u(id, cluster, edge, ip, server, lo, hi, sole)
     WHERE ${isAlike} AND c.last_at >= to_timestamp(u.lo / 1000.0) AND NOT (u.sole AND c.id = u.id)
       AND c.first_at BETWEEN to_timestamp((u.lo - ${LONGEST_LIFE_MS}) / 1000.0) AND to_timestamp(u.hi / 1000.0)
       AND ${isWithin('c', 9, 10, 11)} AND NOT c.dirty`,
    [
      around.map((row) => row.id),
      around.map((row) => row.cluster),
      around.map((row) => row.edgeId),
      around.map((row) => row.clientIp ?? null),
      around.map((row) => row.serverIp ?? null),
      around.map((row) => row.fromMs),
      around.map((row) => row.toMs),
      around.map((row) => row.isSole),
      dataset,
      all.fromMs - LONGEST_LIFE_MS,
      all.toMs,
    ],
  )
}

/** Marks connections of workloads that told of a refusal of their address, around it. Indexes edge (client id), egress_connection (edge id, last at). */
export async function markConnectionsOfRefusals(
  client: Queryable,
  dataset: string,
  clusters: readonly string[],
  refusals: readonly { readonly clientId: string; readonly startMs: number; readonly endMs: number }[],
): Promise<number> {
  if (refusals.length === 0) return 0
  const all = hullOf(refusals.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs })))
  await lockConnections(
    client,
    clusters.map((cluster) => ({ dataset, cluster })),
  )
  const result = await client.query(
    `UPDATE egress_connection c SET dirty = true FROM unnest($1::bigint[], $2::float8[], $3::float8[]) AS u(client, lo, hi)
     JOIN edge e ON e.client_id = u.client
     WHERE c.edge_id = e.id AND c.last_at >= to_timestamp(u.lo / 1000.0) AND NOT c.dirty
       AND c.first_at BETWEEN to_timestamp((u.lo - ${LONGEST_LIFE_MS}) / 1000.0) AND to_timestamp(u.hi / 1000.0)
       AND ${isWithin('c', 4, 5, 6)}`,
    [
      refusals.map((refusal) => refusal.clientId),
      refusals.map((refusal) => refusal.startMs - OPEN_ENDED_MS),
      refusals.map((refusal) => refusal.endMs + OPEN_ENDED_MS),
      dataset,
      all.fromMs - OPEN_ENDED_MS - LONGEST_LIFE_MS,
      all.toMs + OPEN_ENDED_MS,
    ],
  )
  return result.rowCount ?? 0
}
