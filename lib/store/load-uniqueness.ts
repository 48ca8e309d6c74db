import 'server-only'
import { type AddressLease, aloneAmong, isShared, ownedAlone } from '@/lib/egress/alone'
import { type ClaimNeighbour, RIVAL_OPEN_MS } from '@/lib/egress/claim-rivals'
import type { OpenRange } from '@/lib/egress/nat-candidates'
import type { TimeRange } from '@/lib/model/time-range'
import { DAY_MS, HOUR_MS } from '@/lib/model/units'
import type { Queryable } from './client'
import { hullOf } from './connection-key'
import type { WaitingConnection } from './judge-connections'
import { LEASE_END } from './lease-ends'

/** How surely a connection can be told from its neighbours, by what is on record. */
export interface Uniqueness {
  readonly ownAddress?: OpenRange
  readonly onlyConnection?: OpenRange
  readonly onlyOfWorkload?: OpenRange
  readonly isSharedAddress?: boolean
}

/** Neighbours that a claim without a port may mean (claim-rivals.ts). */
export interface ClaimNeighbours {
  /** Absent: there are too many to know. */
  readonly claimNeighbours?: readonly ClaimNeighbour[]
}

/** Neighbours and leases that are looked at; with more, nothing is known. */
const MOST = 1000
const LOOK_BACK_MS = DAY_MS
const LOOK_AHEAD_MS = HOUR_MS

/**
 * Reads which other connections and pods could be meant by a record that lacks a port or names only the caller. Imported
 * datasets have no leases: addresses of the live cluster say nothing about them. Bounded: a day back, 1000 rows each.
 */
export async function loadUniqueness(client: Queryable, connection: WaitingConnection): Promise<Uniqueness> {
  const leases = await loadLeases(client, connection)
  const beganMs = connection.firstMs - LOOK_BACK_MS
  const life = { beganMs, fromMs: beganMs, toMs: connection.lastMs + LOOK_AHEAD_MS }
  const alike = await loadNeighbours(client, connection, 'address', life)
  const ofEdge = await loadNeighbours(client, connection, 'edge', life)
  const ownAddress = leases && ownedAlone({ ...connection, pod: connection.facts.pod }, leases)
  const onlyConnection = alike && aloneAmong(connection, alike)
  const onlyOfWorkload = ofEdge && aloneAmong(connection, ofEdge)
  return {
    ...(ownAddress && { ownAddress }),
    ...(onlyConnection && { onlyConnection }),
    ...(onlyOfWorkload && { onlyOfWorkload }),
    isSharedAddress: leases === undefined || isShared(connection, leases),
  }
}

/**
 * Reads which neighbours the claims of a connection may mean, where they lack the port and it seems the only candidate. A neighbour
 * counts as open for minutes, so these around the claims are enough.
 */
export async function loadClaimNeighbours(client: Queryable, connection: WaitingConnection): Promise<ClaimNeighbours> {
  const times = connection.facts.translated.flatMap(({ isOpening, isOnlyCandidate, atMs }) =>
    isOpening !== undefined && isOnlyCandidate ? [{ fromMs: atMs, toMs: atMs }] : [],
  )
  if (times.length === 0 || connection.clientIp === null || connection.serverIp === null) return { claimNeighbours: [] }
  const { fromMs, toMs } = hullOf(times)
  const around = { beganMs: fromMs - LOOK_BACK_MS, fromMs: fromMs - RIVAL_OPEN_MS, toMs: toMs + RIVAL_OPEN_MS }
  const claimNeighbours = await loadNeighbours(client, connection, 'address', around)
  return claimNeighbours ? { claimNeighbours } : {}
}

/** Leases of the connection's source address around it; undefined where there are too many to know. */
async function loadLeases(client: Queryable, connection: WaitingConnection): Promise<AddressLease[] | undefined> {
  if (connection.dataset !== '' || connection.clientIp === null) return []
  const { rows } = await client.query<Omit<AddressLease, 'toMs'> & { toMs: number | null }>(
    `SELECT uid, namespace, pod, host_network AS "hostNetwork", (extract(epoch FROM valid_from) * 1000)::float8 AS "fromMs",
       (extract(epoch FROM ${LEASE_END('l')}) * 1000)::float8 AS "toMs" FROM pod_ip_lease l WHERE cluster = $1 AND ip = $2
       AND valid_from <= to_timestamp($4::float8 / 1000) AND (valid_to IS NULL OR valid_to >= to_timestamp($3::float8 / 1000)) LIMIT $5`,
    [
      connection.cluster,
      connection.clientIp,
      connection.firstMs - LOOK_BACK_MS,
      connection.lastMs + LOOK_AHEAD_MS,
      MOST + 1,
    ],
  )
  if (rows.length > MOST) return undefined
  return rows.map(({ toMs, ...lease }) => ({ ...lease, ...(toMs !== null && { toMs }) }))
}

const NEIGHBOURS = {
  // Whatever the protocol: a log that lacks it could mean either.
  address: 'o.dataset = $1 AND o.cluster = $2 AND o.client_ip = $3 AND o.server_ip = $4 AND o.server_port = $5',
  edge: 'o.dataset = $1 AND o.edge_id = $2',
} as const

/** When neighbours can have begun, up to `toMs`, and since when they were seen. */
interface Stretch extends TimeRange {
  readonly beganMs: number
}

/**
 * Other connections of a stretch that left and may be meant instead; undefined where there are too many to know. Indexes (client ip, server ip, …), (edge id, last at).
 */
async function loadNeighbours(
  client: Queryable,
  connection: WaitingConnection,
  by: keyof typeof NEIGHBOURS,
  { beganMs, fromMs, toMs }: Stretch,
): Promise<ClaimNeighbour[] | undefined> {
  const { id, dataset, cluster, edgeId, clientIp, serverIp, serverPort } = connection
  const keys = by === 'address' ? [dataset, cluster, clientIp, serverIp, serverPort] : [dataset, edgeId]
  const at = keys.length
  const { rows } = await client.query<ClaimNeighbour>(
    `SELECT (extract(epoch FROM o.first_at) * 1000)::float8 AS "firstMs", (extract(epoch FROM o.last_at) * 1000)::float8 AS "lastMs",
       o.edge_id::text AS "edgeId", o.client_port AS "clientPort", o.protocol, o.from_nat OR o.facts ? 'isPassing' AS "isUnnamed",
       CASE WHEN o.from_nat THEN (extract(epoch FROM o.first_at) * 1000)::float8 ELSE (o.facts->>'openedMs')::float8 END AS "openedMs"
     FROM egress_connection o WHERE ${NEIGHBOURS[by]} AND o.id <> $${at + 1} AND NOT o.blocked
       AND o.first_at BETWEEN to_timestamp($${at + 2}::float8 / 1000) AND to_timestamp($${at + 3}::float8 / 1000)
       AND o.last_at >= to_timestamp($${at + 4}::float8 / 1000) LIMIT $${at + 5}`,
    [...keys, id, beganMs, toMs, fromMs, MOST + 1],
  )
  return rows.length > MOST ? undefined : rows
}
