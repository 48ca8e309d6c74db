import 'server-only'
import type { ConnectionFacts } from '@/lib/model/connection-facts'
import { HOUR_MS } from '@/lib/model/units'
import type { Queryable } from './client'
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
const SIGHTINGS =
  'unnest($1::bigint[], $2::text[], $3::int[], $4::text[], $5::float8[], $6::float8[]) AS u(edge, ip, port, server, lo, hi)'
/** What NAT records tell is no sighting: it is taken away once flow records tell it (nat-connections.ts). */
const OPEN = 'NOT c.from_nat AND c.last_at >= to_timestamp(u.lo / 1000.0) AND c.first_at <= to_timestamp(u.hi / 1000.0)'

/** With the tuple, or seen where its port was translated. Index (edge, client ip, client port, last); few rows per tuple. */
const EXACT = `SELECT DISTINCT ${COLUMNS} FROM ${SIGHTINGS} CROSS JOIN LATERAL (
  (SELECT * FROM egress_connection c WHERE c.edge_id = u.edge AND c.client_ip = u.ip AND c.client_port = u.port AND ${OPEN} ORDER BY c.last_at LIMIT 20)
  UNION ALL
  (SELECT * FROM egress_connection c WHERE c.edge_id = u.edge AND c.client_ip = u.ip AND c.client_port IS NULL AND ${OPEN} ORDER BY c.last_at LIMIT 20)
) c WHERE c.server_ip IS NOT DISTINCT FROM u.server`

/** Any port of the pod towards the server. Index (edge, client ip, client port, last) by its first two columns. */
const PORTLESS = `SELECT DISTINCT ${COLUMNS} FROM ${SIGHTINGS} CROSS JOIN LATERAL (
  SELECT * FROM egress_connection c WHERE c.edge_id = u.edge AND c.client_ip = u.ip AND c.server_ip IS NOT DISTINCT FROM u.server
    AND c.first_at >= to_timestamp((u.lo - ${24 * HOUR_MS}) / 1000.0) AND ${OPEN} ORDER BY c.first_at DESC LIMIT 200
) c`

/** Aggregates have neither address nor port. Same index. */
const AGGREGATE = `SELECT DISTINCT ${COLUMNS} FROM ${SIGHTINGS} CROSS JOIN LATERAL (
  SELECT * FROM egress_connection c WHERE c.edge_id = u.edge AND c.client_ip IS NULL AND ${OPEN} ORDER BY c.last_at LIMIT 200
) c`

/** Connections that the sightings may belong to. The caller holds the lock of their clusters. */
export async function loadOpenConnections(
  client: Queryable,
  sightings: readonly PlacedSighting[],
): Promise<Connection[]> {
  const isAggregate = (item: PlacedSighting) => item.clientIp === undefined
  const rows = [
    ...(await load(
      client,
      EXACT,
      sightings.filter((item) => !isAggregate(item) && item.clientPort !== undefined),
    )),
    ...(await load(
      client,
      PORTLESS,
      sightings.filter((item) => !isAggregate(item) && item.clientPort === undefined),
    )),
    ...(await load(client, AGGREGATE, sightings.filter(isAggregate))),
  ]
  return [...new Map(rows.map((row) => [row.id, connectionOf(row)])).values()]
}

async function load(client: Queryable, sql: string, sightings: readonly PlacedSighting[]): Promise<Row[]> {
  if (sightings.length === 0) return []
  const tuples = tuplesOf(sightings)
  const result = await client.query<Row>(sql, [
    tuples.map((tuple) => tuple.edgeId),
    tuples.map((tuple) => tuple.clientIp ?? null),
    tuples.map((tuple) => tuple.clientPort ?? null),
    tuples.map((tuple) => tuple.serverIp ?? null),
    tuples.map((tuple) => tuple.fromMs - OPEN_MS),
    tuples.map((tuple) => tuple.toMs + OPEN_MS),
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
