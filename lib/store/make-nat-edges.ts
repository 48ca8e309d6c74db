import 'server-only'
import { ownerOfAddress } from '@/lib/egress/address-claims'
import { CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import { bucketStartMs } from '@/lib/model/time-range'
import { MINUTE_MS } from '@/lib/model/units'
import { type AddressChange, takeAddressChanges } from './address-changes'
import { type Queryable, withTransaction } from './client'
import { hullOf } from './connection-key'
import { contentId } from './content-id'
import { knownIds } from './known-ids'
import { addressKey, type LeasesByAddress, loadLeases, loadSightings, type Sighting } from './load-nat-sightings'
import { lockConnections } from './lock-connections'
import { markRivals } from './mark-connections'
import { markConnectionsOfLeases } from './mark-connections-of-leases'
import {
  loadKnownConnections,
  NAT_GRAIN_S,
  type NatConnection,
  removeNatConnections,
  tupleKey,
} from './nat-connections'
import { notifyGraph } from './notify-graph'
import { ensurePartitions } from './partitions'
import { byId } from './row-order'
import { isSameConnection } from './same-connection'
import { type BucketAddition, saveBuckets } from './save-buckets'
import { saveDictionaries } from './save-dictionaries'
import { saveEndpointFacts } from './save-endpoint-facts'
import { storeJson } from './store-json'

/** How long after a connection its NAT record, or the lease of its pod, may come (nat-evidence §3.2, "Late evidence"). */
const LATE_MS = 30 * MINUTE_MS
/** One pass of the worker after the settle time is over, generously. */
const PASS_MS = 2 * MINUTE_MS
const CHANGES_TAKEN = 2000
/** Connections drawn for one address in the stretch of one change, at most. */
const MOST_DRAWN = 10_000

export interface NatPass {
  readonly nowMs: number
  /** How long flow records of a connection may take before its NAT record draws it. */
  readonly settleMs: number
}

/**
 * Draws the connections of which only NAT records tell: those from an address that one pod held, to an address outside. Takes
 * one batch of the queue in one transaction and answers how many changes it took; 0 = nothing is due. Doing it again over the
 * same records changes nothing, so a lease that comes late, or changes, is no special case: what was drawn for another pod is
 * taken away first. Any number of workers may run.
 */
export async function makeNatEdges({ nowMs, settleMs }: NatPass): Promise<number> {
  const settledMs = nowMs - settleMs
  const window = { settledMs, fromMs: nowMs - LATE_MS - settleMs - PASS_MS, toMs: nowMs }
  const { taken, remembered } = await withTransaction(async (client) => {
    const { changes, taken: count } = await takeAddressChanges(client, CHANGES_TAKEN, window)
    return { taken: count, remembered: changes.length > 0 ? await lookAgain(client, changes, settledMs) : [] }
  })
  knownIds().add(remembered)
  return taken
}

async function lookAgain(client: Queryable, changes: readonly AddressChange[], settledMs: number): Promise<string[]> {
  const leases = await loadLeases(client, changes)
  const held = changes.filter(({ cluster, ip }) => leases.get(addressKey(cluster, ip))?.some((one) => !one.hostNetwork))
  const sightings = await loadSightings(client, held, leases, settledMs)
  const moved = changes.filter(({ isLease }) => isLease)
  if (sightings.length === 0 && moved.length === 0) return []
  // Before the lock: whoever waits for it may hold rows of these dictionaries.
  const variants = sightings.map(({ ids }) => ids)
  const remembered = [...(await saveDictionaries(client, variants)), ...(await saveEndpointFacts(client, variants))]
  await lockConnections(
    client,
    changes.map(({ cluster }) => ({ dataset: '', cluster })),
  )
  const removed = await removeOfOthers(client, moved, leases)
  const marked = await markConnectionsOfLeases(client, moved)
  const drawn = await draw(client, sightings)
  // Leases come and go all the time: most change nothing that anybody looks at.
  if (removed + marked + drawn === 0) return remembered
  const clusters = byId(changes, ({ cluster }) => cluster).map(({ cluster }) => ({
    dataset: '',
    cluster,
    egress: true,
  }))
  await notifyGraph(client, clusters)
  return remembered
}

/**
 * Takes away what was drawn for a pod that, as is known now, did not hold the address then; answers how many. Index
 * egress_connection (client ip, first at, where from_nat).
 */
async function removeOfOthers(
  client: Queryable,
  changes: readonly AddressChange[],
  leases: LeasesByAddress,
): Promise<number> {
  if (changes.length === 0) return 0
  const result = await client.query<NatConnection & Record<'cluster' | 'clientIp' | 'namespace' | 'workload', string>>(
    `SELECT c.id::text, c.edge_id::text AS "edgeId", c.cluster, c.client_ip AS "clientIp", (extract(epoch FROM c.first_at) * 1000)::float8 AS "firstMs",
       (extract(epoch FROM c.last_at) * 1000)::float8 AS "lastMs", p.namespace, p.name AS workload
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, f, t)
     CROSS JOIN LATERAL (SELECT * FROM egress_connection c WHERE c.from_nat AND c.cluster = u.cluster AND c.client_ip = u.ip COLLATE "C"
       AND c.first_at BETWEEN to_timestamp(u.f / 1000.0) AND to_timestamp(u.t / 1000.0)
       AND c.dataset = '' AND c.first_at BETWEEN to_timestamp($5::float8 / 1000) AND to_timestamp($6::float8 / 1000) LIMIT ${MOST_DRAWN}) c
     JOIN edge e ON e.id = c.edge_id JOIN endpoint p ON p.id = e.client_id`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      changes.map((change) => change.fromMs),
      changes.map((change) => change.toMs),
      hullOf(changes).fromMs,
      hullOf(changes).toMs,
    ],
  )
  const wrong = result.rows.filter((row) => {
    const owner = ownerOfAddress(leases.get(addressKey(row.cluster, row.clientIp)) ?? [], row.firstMs)
    return typeof owner === 'string' || owner.namespace !== row.namespace || owner.workload !== row.workload
  })
  await removeNatConnections(client, wrong)
  return wrong.length
}

interface Drawn extends NatConnection {
  readonly sighting: Sighting
  lastMs: number
  isNew: boolean
  isChanged: boolean
}

/**
 * Opens a connection for each sighting that nothing tells of yet, and completes those that were drawn before; answers how many
 * changed.
 */
async function draw(client: Queryable, sightings: readonly Sighting[]): Promise<number> {
  if (sightings.length === 0) return 0
  const known = await loadKnownConnections(client, sightings)
  const drawn = new Map<string, Drawn[]>()
  for (const sighting of sightings) {
    const key = tupleKey(sighting)
    const here = drawn.get(key) ?? (known.nats.get(key) ?? []).map((row) => drawnOf(row, sighting))
    drawn.set(key, here)
    const life = { firstMs: sighting.atMs, lastMs: sighting.endMs }
    if (known.flows.get(key)?.some((flow) => isSameConnection(life, flow))) continue
    // Several hops see one connection begin, each by its own clock.
    const same = here.find((row) => Math.abs(row.firstMs - sighting.atMs) <= CLOCK_SKEW_MS)
    if (!same) here.push({ ...newConnection(sighting), sighting, isNew: true, isChanged: true })
    else if (same.lastMs < sighting.endMs) Object.assign(same, { lastMs: sighting.endMs, isChanged: true })
  }
  const changed = [...drawn.values()].flat().filter((row) => row.isChanged)
  await saveDrawn(client, changed)
  await markRivals(
    client,
    '',
    changed.map(({ sighting, ...row }) => ({ ...sighting, ...row })),
  )
  await saveBuckets(
    client,
    changed.filter(({ isNew }) => isNew).map(({ sighting: { ids, atMs } }) => additionOf(ids.variantId, atMs)),
  )
  return changed.length
}

const drawnOf = (row: NatConnection, sighting: Sighting): Drawn => ({
  ...row,
  sighting,
  isNew: false,
  isChanged: false,
})

const newConnection = ({ ids, clientIp, clientPort, serverIp, atMs, endMs }: Sighting): NatConnection => ({
  id: contentId('nat connection', ids.edgeId, clientIp, clientPort, serverIp, atMs),
  edgeId: ids.edgeId,
  firstMs: atMs,
  lastMs: endMs,
})

async function saveDrawn(client: Queryable, connections: readonly Drawn[]): Promise<void> {
  const rows = byId(connections, (row) => row.id)
  if (rows.length === 0) return
  await ensurePartitions(
    'egress_connection',
    rows.map((row) => row.firstMs),
  )
  await client.query(
    `INSERT INTO egress_connection AS c (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port,
       first_at, last_at, weight, blocked, broken, facts, dirty, from_nat)
     SELECT u.id, '', u.cluster, u.edge, u.protocol, u.ip, u.port, u.server, u.sport, to_timestamp(u.f / 1000.0), to_timestamp(u.l / 1000.0),
       1, false, false, u.facts::jsonb, true, true
     FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::int[], $7::text[], $8::int[], $9::float8[], $10::float8[], $11::text[])
       AS u(id, cluster, edge, protocol, ip, port, server, sport, f, l, facts)
     ON CONFLICT (id, first_at, dataset) DO UPDATE SET last_at = greatest(c.last_at, EXCLUDED.last_at)`,
    [
      rows.map((row) => row.id),
      rows.map(({ sighting }) => sighting.cluster),
      rows.map((row) => row.edgeId),
      rows.map(({ sighting }) => sighting.protocol),
      rows.map(({ sighting }) => sighting.clientIp),
      rows.map(({ sighting }) => sighting.clientPort),
      rows.map(({ sighting }) => sighting.serverIp),
      rows.map(({ sighting }) => sighting.serverPort),
      rows.map((row) => row.firstMs),
      rows.map((row) => row.lastMs),
      rows.map(({ sighting, firstMs }) => factsOf(sighting, firstMs)),
    ],
  )
}

const factsOf = ({ ids }: Sighting, countedMs: number): string =>
  storeJson({ translated: [], recordIds: [], countedMs, ...(ids.flow.client.pod && { pod: ids.flow.client.pod }) })

const additionOf = (variantId: string, atMs: number): BucketAddition => ({
  dataset: '',
  variantId,
  part: {
    bucketStartMs: bucketStartMs(atMs, NAT_GRAIN_S),
    grainS: NAT_GRAIN_S,
    connections: 1,
    events: 0,
    requests: 0,
    requestErrors: 0,
    bytesSent: 0,
    bytesReceived: 0,
    firstMs: atMs,
    lastMs: atMs,
  },
})
