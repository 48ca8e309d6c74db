import 'server-only'
import type { Queryable } from './client'
import { beginningsOf, byDataset, isKeyOf, isWithin } from './connection-key'
import { type Connection, givePassed, groupConnections, type PlacedSighting } from './group-connections'
import { loadOpenConnections } from './load-open-connections'
import { lockConnections } from './lock-connections'
import { markRivals } from './mark-connections'
import { absorbNatConnections } from './nat-connections'
import { ensurePartitions } from './partitions'
import { removePassed } from './remove-passed'
import { byId } from './row-order'
import type { StoredEvidence } from './settle-siblings'
import { storeJson, storeText } from './store-json'

/**
 * Groups what new evidence tells of egress into connections and marks those that must be judged. Answers the scopes
 * (`dataset LF cluster`) with something to judge. Writers of one cluster take turns, and only where there is egress.
 */
export async function saveConnections(
  client: Queryable,
  evidence: readonly StoredEvidence[],
): Promise<ReadonlySet<string>> {
  const sightings = evidence.flatMap(sightingOf)
  if (sightings.length === 0) return new Set()
  await lockConnections(client, sightings)
  const scopes = new Set<string>()
  for (const [dataset, alike] of byDataset(sightings)) {
    const open = await loadOpenConnections(client, dataset, alike)
    const grouped = groupConnections(open, alike)
    const given = givePassed([...new Set([...open, ...grouped])])
    const changed = [...new Set([...grouped, ...given.changed])].filter((row) => !given.gone.has(row))
    await save(client, dataset, changed)
    await removePassed(client, dataset, [...given.gone])
    if (dataset === '') await absorbNatConnections(client, changed)
    await markRivals(client, dataset, changed)
    for (const { isDirty, cluster } of changed) if (isDirty) scopes.add(`${dataset}\n${cluster}`)
  }
  return scopes
}

function sightingOf({ evidence, ids, recordId }: StoredEvidence): PlacedSighting[] {
  if (!evidence.sighting) return []
  const { dataset, edgeId } = ids
  return [{ ...evidence.sighting, dataset, cluster: evidence.flow.cluster, edgeId, recordId }]
}

/** New rows, and those that go on. Where an earlier record moved the beginning of one, its row moves to that time's partition. */
async function save(client: Queryable, dataset: string, connections: readonly Connection[]): Promise<void> {
  const rows = byId(connections, (row) => row.id)
  const times = rows.map((row) => row.firstMs)
  if (dataset === '') await ensurePartitions('egress_connection', times)
  const stored = rows.filter(isStored)
  await change(client, dataset, stored)
  await insert(
    client,
    rows.filter((row) => !isStored(row)),
  )
  const moved = stored.filter((row) => row.storedMs !== row.firstMs)
  if (dataset === '' && moved.length > 0) await ensurePartitions('judgement_history', times)
  await moveHistory(client, dataset, moved)
}

type Stored = Connection & { readonly storedMs: number }

const isStored = (row: Connection): row is Stored => row.storedMs !== undefined

async function insert(client: Queryable, rows: readonly Connection[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `INSERT INTO egress_connection AS c (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port,
       first_at, last_at, weight, blocked, broken, facts, dirty)
     SELECT u.id, u.dataset, u.cluster, u.edge, u.protocol, u.ip, u.port, u.sip, u.sport, to_timestamp(u.f / 1000.0), to_timestamp(u.l / 1000.0),
       u.weight, u.blocked, u.broken, u.facts::jsonb, u.dirty
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::int[], $8::text[], $9::int[],
       $10::float8[], $11::float8[], $12::int[], $13::bool[], $14::bool[], $15::text[], $16::bool[])
       AS u(id, dataset, cluster, edge, protocol, ip, port, sip, sport, f, l, weight, blocked, broken, facts, dirty)
     ON CONFLICT (id, first_at, dataset) DO UPDATE SET client_port = EXCLUDED.client_port, last_at = EXCLUDED.last_at,
       weight = EXCLUDED.weight, broken = EXCLUDED.broken, facts = EXCLUDED.facts, dirty = c.dirty OR EXCLUDED.dirty`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.dataset),
      rows.map((row) => row.cluster),
      rows.map((row) => row.edgeId),
      rows.map((row) => row.protocol),
      rows.map((row) => textOrNull(row.clientIp)),
      rows.map((row) => row.clientPort ?? null),
      rows.map((row) => textOrNull(row.serverIp)),
      rows.map((row) => row.serverPort),
      rows.map((row) => row.firstMs),
      rows.map((row) => row.lastMs),
      rows.map((row) => row.weight),
      rows.map((row) => row.blocked),
      rows.map((row) => row.broken),
      rows.map((row) => storeJson(row.facts)),
      rows.map((row) => row.isDirty),
    ],
  )
}

async function change(client: Queryable, dataset: string, rows: readonly Stored[]): Promise<void> {
  if (rows.length === 0) return
  const { fromMs, toMs } = beginningsOf(rows.map(({ storedMs }) => ({ firstMs: storedMs })))
  await client.query(
    `UPDATE egress_connection c SET client_port = u.port, first_at = to_timestamp(u.first / 1000.0), last_at = to_timestamp(u.l / 1000.0),
       weight = u.weight, broken = u.broken, facts = u.facts::jsonb, dirty = c.dirty OR u.dirty
     FROM unnest($1::bigint[], $2::float8[], $3::int[], $4::float8[], $5::float8[], $6::int[], $7::bool[], $8::text[], $9::bool[])
       AS u(id, f, port, first, l, weight, broken, facts, dirty)
     WHERE ${isKeyOf(10, 11, 12)}`,
    [
      rows.map((row) => row.id),
      rows.map((row) => row.storedMs),
      rows.map((row) => row.clientPort ?? null),
      rows.map((row) => row.firstMs),
      rows.map((row) => row.lastMs),
      rows.map((row) => row.weight),
      rows.map((row) => row.broken),
      rows.map((row) => storeJson(row.facts)),
      rows.map((row) => row.isDirty),
      dataset,
      fromMs,
      toMs,
    ],
  )
}

/** A history is kept, and dropped, with its connection. */
async function moveHistory(client: Queryable, dataset: string, rows: readonly Stored[]): Promise<void> {
  if (rows.length === 0) return
  const { fromMs, toMs } = beginningsOf(rows.map(({ storedMs }) => ({ firstMs: storedMs })))
  await client.query(
    `UPDATE judgement_history h SET first_at = to_timestamp(u.first / 1000.0)
     FROM unnest($1::bigint[], $2::float8[], $3::float8[]) AS u(id, f, first)
     WHERE h.connection_id = u.id AND h.first_at = to_timestamp(u.f / 1000.0) AND ${isWithin('h', 4, 5, 6)}`,
    [rows.map((row) => row.id), rows.map((row) => row.storedMs), rows.map((row) => row.firstMs), dataset, fromMs, toMs],
  )
}

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storeText(text))
