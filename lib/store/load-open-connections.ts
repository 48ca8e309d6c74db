import 'server-only'
import type { ConnectionFacts } from '@/lib/model/connection-facts'
import type { Queryable } from './client'
import { hullOf, isWithin, LONGEST_LIFE_MS } from './connection-key'
import { type Connection, OPEN_MS, type PlacedSighting } from './group-connections'

interface Row {
  id: string
  dataset: string
  cluster: string
  edge_id: string
  protocol: string
  client_ip: string | null
  client_port: number | null
  server_ip: string | null
  server_port: number
  first_ms: number
  last_ms: number
  weight: number
  blocked: boolean
  broken: boolean
  facts: ConnectionFacts
}

const COLUMNS = `c.id::text, c.dataset, c.cluster, c.edge_id::text, c.protocol, c.client_ip, c.client_port, c.server_ip, c.server_port,
  (extract(epoch FROM c.first_at) * 1000)::float8 AS first_ms, (extract(epoch FROM c.last_at) * 1000)::float8 AS last_ms,
  c.weight, c.blocked, c.broken, c.facts`
const SIGHTINGS = `unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::text[], $6::float8[], $7::float8[], $8::int[], $9::text[])
  AS u(edge, cluster, ip, port, server, lo, hi, sport, protocol)`
/**
 * What NAT records tell is no sighting: it is taken away once flow records tell it (nat-connections.ts). The bounds of all
 * sightings are for the planner, which leaves out partitions by them; of each only what the index does not know, so that
 * the tuple decides which index is taken.
 */
const OPEN = `NOT c.from_nat AND c.last_at >= to_timestamp(u.lo / 1000.0)
  AND extract(epoch FROM c.first_at) <= u.hi / 1000.0
  AND ${isWithin('c', 10, 11, 12)}`
const OWN_EDGE = 'c.edge_id = u.edge'
/** A node on the way knows neither port nor name: what it told may lie on any edge between the addresses. */
const ANY_EDGE = 'c.server_port = u.sport AND c.protocol = u.protocol'
const OWN_OR_PASSED = `(${OWN_EDGE} OR ${ANY_EDGE} AND c.facts ? 'isPassing')`

type Server = '= u.server' | 'IS NULL'

const ofTuple = (server: Server, which: string): string =>
  `SELECT * FROM egress_connection c WHERE c.cluster = u.cluster AND c.client_ip = u.ip AND c.server_ip ${server} AND ${which} AND ${OPEN}`

/** With the tuple, or seen where its port was translated; few rows per tuple. */
const exact = (server: Server): string => `SELECT ${COLUMNS} FROM ${SIGHTINGS} CROSS JOIN LATERAL (
  (${ofTuple(server, `c.client_port = u.port AND ${OWN_EDGE}`)} LIMIT 200)
  UNION ALL (${ofTuple(server, `c.client_port IS NULL AND ${OWN_OR_PASSED}`)} LIMIT 200)) c`

/** Any port of the pod towards the server. */
const portless = (server: Server, edge: string): string =>
  `SELECT ${COLUMNS} FROM ${SIGHTINGS} CROSS JOIN LATERAL (${ofTuple(server, edge)} LIMIT 200) c`

/** Aggregates have neither address nor port. Index (edge, last at). */
const AGGREGATE = `SELECT ${COLUMNS} FROM ${SIGHTINGS} CROSS JOIN LATERAL (
  SELECT * FROM egress_connection c WHERE c.client_ip IS NULL AND ${OWN_EDGE} AND ${OPEN} ORDER BY c.last_at LIMIT 200) c`

function statementOf({ clientIp, clientPort, serverIp, isPassing }: PlacedSighting): string {
  if (clientIp === undefined) return AGGREGATE
  const server = serverIp === undefined ? 'IS NULL' : '= u.server'
  if (clientPort !== undefined) return exact(server)
  return portless(server, isPassing ? ANY_EDGE : OWN_OR_PASSED)
}

/**
 * Connections of a dataset that the sightings may belong to. The caller holds the lock of their clusters. Index (client ip, server ip, client
 * port, first at), in the partitions of the sightings' times and of a day before.
 */
export async function loadOpenConnections(
  client: Queryable,
  dataset: string,
  sightings: readonly PlacedSighting[],
): Promise<Connection[]> {
  const byStatement = new Map<string, PlacedSighting[]>()
  for (const sighting of sightings) {
    const sql = statementOf(sighting)
    const alike = byStatement.get(sql)
    if (alike) alike.push(sighting)
    else byStatement.set(sql, [sighting])
  }
  const open = new Map<string, Connection>()
  for (const [sql, alike] of byStatement)
    for (const row of await load(client, sql, dataset, alike))
      if (!open.has(row.id)) open.set(row.id, connectionOf(row))
  return [...open.values()]
}

async function load(
  client: Queryable,
  sql: string,
  dataset: string,
  sightings: readonly PlacedSighting[],
): Promise<Row[]> {
  const tuples = tuplesOf(sightings)
  const result = await client.query<Row>(sql, [
    tuples.map((tuple) => tuple.edgeId),
    tuples.map((tuple) => tuple.cluster),
    tuples.map((tuple) => tuple.clientIp ?? null),
    tuples.map((tuple) => tuple.clientPort ?? null),
    tuples.map((tuple) => tuple.serverIp ?? null),
    tuples.map((tuple) => tuple.fromMs - OPEN_MS),
    tuples.map((tuple) => tuple.toMs + OPEN_MS),
    tuples.map((tuple) => tuple.serverPort),
    tuples.map((tuple) => tuple.protocol),
    dataset,
    hullOf(tuples).fromMs - OPEN_MS - LONGEST_LIFE_MS,
    hullOf(tuples).toMs + OPEN_MS,
  ])
  return result.rows
}

type Tuple = PlacedSighting & { fromMs: number; toMs: number }

function tuplesOf(sightings: readonly PlacedSighting[]): Tuple[] {
  const tuples = new Map<string, Tuple>()
  for (const item of sightings) {
    const key = `${item.edgeId}\n${item.clientIp ?? ''}\n${item.clientPort ?? ''}\n${item.serverIp ?? ''}`
    const tuple = tuples.get(key)
    if (!tuple) tuples.set(key, { ...item, fromMs: item.atMs, toMs: item.endMs })
    else {
      tuple.fromMs = Math.min(tuple.fromMs, item.atMs)
      tuple.toMs = Math.max(tuple.toMs, item.endMs)
    }
  }
  return [...tuples.values()]
}

const connectionOf = (row: Row): Connection => ({
  id: row.id,
  dataset: row.dataset,
  cluster: row.cluster,
  edgeId: row.edge_id,
  protocol: row.protocol,
  serverPort: row.server_port,
  storedMs: row.first_ms,
  firstMs: row.first_ms,
  lastMs: row.last_ms,
  weight: row.weight,
  blocked: row.blocked,
  broken: row.broken,
  facts: row.facts,
  isDirty: false,
  ...(row.client_ip !== null && { clientIp: row.client_ip }),
  ...(row.client_port !== null && { clientPort: row.client_port }),
  ...(row.server_ip !== null && { serverIp: row.server_ip }),
})
