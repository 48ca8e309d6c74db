import 'server-only'
import type { Queryable } from './client'
import { type Connection, groupConnections, type PlacedSighting } from './group-connections'
import { loadOpenConnections } from './load-open-connections'
import { lockConnections } from './lock-connections'
import { markRivals } from './mark-connections'
import { absorbNatConnections } from './nat-connections'
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
  const changed = groupConnections(await loadOpenConnections(client, sightings), sightings)
  await upsert(client, changed)
  await absorbNatConnections(client, changed)
  await markRivals(client, changed)
  return new Set(changed.filter((item) => item.isDirty).map((item) => `${item.dataset}\n${item.cluster}`))
}

function sightingOf({ evidence, ids, recordId }: StoredEvidence): PlacedSighting[] {
  if (!evidence.sighting) return []
  const { dataset, edgeId } = ids
  return [{ ...evidence.sighting, dataset, cluster: evidence.flow.cluster, edgeId, recordId }]
}

async function upsert(client: Queryable, connections: readonly Connection[]): Promise<void> {
  const rows = byId(connections, (row) => row.id)
  await client.query(
    `INSERT INTO egress_connection AS c (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port,
       first_at, last_at, weight, blocked, broken, facts, dirty)
     SELECT u.id, u.dataset, u.cluster, u.edge, u.protocol, u.ip, u.port, u.sip, u.sport, to_timestamp(u.f / 1000.0), to_timestamp(u.l / 1000.0),
       u.weight, u.blocked, u.broken, u.facts::jsonb, u.dirty
     FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::int[], $8::text[], $9::int[],
       $10::float8[], $11::float8[], $12::int[], $13::bool[], $14::bool[], $15::text[], $16::bool[])
       AS u(id, dataset, cluster, edge, protocol, ip, port, sip, sport, f, l, weight, blocked, broken, facts, dirty)
     ON CONFLICT (id) DO UPDATE SET client_port = EXCLUDED.client_port, first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at,
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

const textOrNull = (text: string | undefined): string | null => (text === undefined ? null : storeText(text))
