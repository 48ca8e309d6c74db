import 'server-only'
import { type AddressLease, ownerOfAddress } from '@/lib/egress/address-claims'
import { CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import { askedWindow } from '@/lib/egress/names-from-questions'
import type { NatRecord } from '@/lib/model/nat-record'
import type { ClusteredFlow } from '@/lib/model/prepared-batch'
import { bucketStartMs } from '@/lib/model/time-range'
import { MINUTE_MS } from '@/lib/model/units'
import { type AddressChange, addAddressChanges, isOutwardRecord, takeAddressChanges } from './address-changes'
import { type Queryable, withTransaction } from './client'
import { contentId } from './content-id'
import { type FlowIds, flowIds } from './flow-ids'
import { knownIds } from './known-ids'
import { LEASES_AROUND } from './load-asked'
import { lockConnections } from './lock-connections'
import {
  loadKnownConnections,
  NAT_GRAIN_S,
  type NatConnection,
  removeNatConnections,
  type Tuple,
  tupleKey,
} from './nat-connections'
import { notifyGraph } from './notify-graph'
import { byId } from './row-order'
import { isSameConnection } from './same-connection'
import { type BucketAddition, saveBuckets } from './save-buckets'
import { saveDictionaries } from './save-dictionaries'
import { saveEndpointFacts } from './save-endpoint-facts'
import { storeJson } from './store-json'

/** How long after a connection its NAT record, or the lease of its pod, may come (nat-evidence §3.2, "Late evidence"). */
export const LATE_MS = 30 * MINUTE_MS
/** One pass of the worker after the settle time is over, generously. */
const PASS_MS = 2 * MINUTE_MS
const CHANGES_TAKEN = 2000
const RECORDS_TAKEN = 5000

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

type LeasesByAddress = ReadonlyMap<string, readonly AddressLease[]>
const addressKey = (cluster: string, ip: string): string => `${cluster}\n${ip}`

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
  await removeOfOthers(client, moved, leases)
  await markAsking(client, moved)
  await draw(client, sightings)
  const clusters = byId(changes, ({ cluster }) => cluster).map(({ cluster }) => ({
    dataset: '',
    cluster,
    egress: true,
  }))
  await notifyGraph(client, clusters)
  return remembered
}

async function loadLeases(client: Queryable, changes: readonly AddressChange[]): Promise<LeasesByAddress> {
  const result = await client.query<{ cluster: string; ip: string; leases: AddressLease[] }>(
    `SELECT u.cluster, u.ip, ${LEASES_AROUND('u.cluster', 'u.ip', 'u.f', 'u.t')} AS leases
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, f, t)`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      changes.map((change) => change.fromMs),
      changes.map((change) => change.toMs),
    ],
  )
  return new Map(result.rows.map(({ cluster, ip, leases }) => [addressKey(cluster, ip), leases]))
}

/** A NAT record of a pod's connection, with the ids of what it draws. */
interface Sighting extends Tuple {
  readonly endMs: number
  readonly ids: FlowIds
}

/**
 * Settled NAT records from these addresses whose owner was one pod at their time. Where there are more than one batch holds,
 * the rest goes back into the queue. Index nat_record (dataset, cluster, original ip, at).
 */
async function loadSightings(
  client: Queryable,
  changes: readonly AddressChange[],
  leases: LeasesByAddress,
  settledMs: number,
): Promise<Sighting[]> {
  if (changes.length === 0) return []
  const result = await client.query<NatRecord & { readonly cluster: string }>(
    `SELECT u.cluster, n.source, n.record_id::text AS "recordKey", n.protocol, (extract(epoch FROM n.at) * 1000)::float8 AS "atMs",
       (extract(epoch FROM n.end_at) * 1000)::float8 AS "endMs", n.original_ip AS "originalIp", n.original_port AS "originalPort",
       n.destination_ip AS "destinationIp", n.destination_port AS "destinationPort", n.translated_ip AS "translatedIp",
       n.reply_source_ip AS "replySourceIp", '' AS raw
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, f, t)
     CROSS JOIN LATERAL (SELECT * FROM nat_record n WHERE n.dataset = '' AND n.cluster = u.cluster AND n.original_ip = u.ip
       AND n.at BETWEEN to_timestamp(u.f / 1000.0) AND to_timestamp(u.t / 1000.0)
       AND n.original_port IS NOT NULL AND n.destination_port IS NOT NULL ORDER BY n.at LIMIT $5) n LIMIT $5`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      changes.map((change) => change.fromMs),
      // PostgreSQL rounds to microseconds: a millisecond more costs nothing, since the queue is read again.
      changes.map((change) => Math.min(change.toMs, settledMs)),
      RECORDS_TAKEN,
    ],
  )
  const records = result.rows.map((row) => ({ ...row, replySourceIp: row.replySourceIp ?? undefined }))
  if (records.length === RECORDS_TAKEN) await putRestBack(client, changes, records, settledMs)
  const inside = await loadLeasedAddresses(client, records)
  const idsOf = rememberIds()
  return records.flatMap((record) => {
    const server = record.replySourceIp ?? record.destinationIp
    if (!isOutwardRecord(record) || inside.has(addressKey(record.cluster, server))) return []
    const owner = ownerOfAddress(leases.get(addressKey(record.cluster, record.originalIp)) ?? [], record.atMs)
    return typeof owner === 'string' ? [] : [sightingOf(record, record.cluster, owner, idsOf)]
  })
}

/** Where a cluster's pods have addresses of the internet, a connection to one of them stays inside. */
async function loadLeasedAddresses(
  client: Queryable,
  records: readonly (NatRecord & { readonly cluster: string })[],
): Promise<ReadonlySet<string>> {
  const servers = byId(
    records.map(({ cluster, replySourceIp, destinationIp }) => ({ cluster, ip: replySourceIp ?? destinationIp })),
    ({ cluster, ip }) => addressKey(cluster, ip),
  )
  const result = await client.query<{ cluster: string; ip: string }>(
    `SELECT u.cluster, u.ip FROM unnest($1::text[], $2::text[]) AS u(cluster, ip)
     WHERE EXISTS (SELECT 1 FROM pod_ip_lease l WHERE l.cluster = u.cluster AND l.ip = u.ip)`,
    [servers.map((server) => server.cluster), servers.map((server) => server.ip)],
  )
  return new Set(result.rows.map(({ cluster, ip }) => addressKey(cluster, ip)))
}

/**
 * What a full batch may have left out: each address from its last record on, or whole where none of its was read. From behind
 * the last one where all of an address are of one moment, or the queue would never end.
 */
async function putRestBack(
  client: Queryable,
  changes: readonly AddressChange[],
  records: readonly (NatRecord & { readonly cluster: string })[],
  settledMs: number,
): Promise<void> {
  const read = new Map<string, { firstMs: number; lastMs: number; count: number }>()
  for (const { cluster, originalIp, atMs } of records) {
    const key = addressKey(cluster, originalIp)
    const known = read.get(key) ?? { firstMs: atMs, lastMs: atMs, count: 0 }
    read.set(key, {
      firstMs: Math.min(known.firstMs, atMs),
      lastMs: Math.max(known.lastMs, atMs),
      count: known.count + 1,
    })
  }
  const rest = changes.flatMap((change) => {
    const known = read.get(addressKey(change.cluster, change.ip))
    if (!known) return [change]
    const isStuck = known.count === RECORDS_TAKEN && Math.floor(known.lastMs) <= Math.floor(change.fromMs)
    const fromMs = isStuck ? Math.floor(known.lastMs) + 1 : known.lastMs
    return [{ ...change, fromMs }]
  })
  // What a lease is for besides drawing is done with the first batch.
  const left = rest.map((change) => ({ ...change, toMs: Math.min(change.toMs, settledMs), isLease: false }))
  await addAddressChanges(
    client,
    left.filter(({ fromMs, toMs }) => fromMs <= toMs),
  )
}

function sightingOf(
  record: NatRecord,
  cluster: string,
  owner: AddressLease,
  idsOf: (flow: ClusteredFlow) => FlowIds,
): Sighting {
  const flow: ClusteredFlow = {
    source: 'nat',
    recordKey: record.recordKey,
    cluster,
    startMs: record.atMs,
    endMs: record.atMs,
    observer: 'unknown',
    client: {
      class: 'workload',
      namespace: owner.namespace,
      name: owner.workload,
      pod: owner.pod,
      ip: record.originalIp,
      ...(owner.workloadKind && { workloadKind: owner.workloadKind }),
    },
    server: { class: 'external', namespace: '', name: record.destinationIp, ip: record.destinationIp },
    protocol: record.protocol,
    serverPort: record.destinationPort,
    clientPort: record.originalPort,
    // A NAT sees what passes it; of policies it knows nothing.
    verdict: { outcome: 'observed', basis: 'not_reported', pending: 'unknown', layer: 'L4' },
    trace: {},
    counts: { connections: 1, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 },
    raw: {},
  }
  return {
    cluster,
    protocol: record.protocol,
    clientIp: record.originalIp,
    clientPort: record.originalPort,
    serverIp: record.destinationIp,
    serverPort: record.destinationPort,
    atMs: record.atMs,
    endMs: Math.max(record.atMs, record.endMs ?? 0),
    ids: idsOf(flow),
  }
}

/** Six hashes once per edge, not once per record. */
function rememberIds(): (flow: ClusteredFlow) => FlowIds {
  const known = new Map<string, FlowIds>()
  return (flow) => {
    const { cluster, client, server, protocol, serverPort } = flow
    const key = [cluster, client.namespace, client.name, client.pod, server.name, protocol, serverPort].join('\n')
    const ids = known.get(key) ?? flowIds(flow, '')
    known.set(key, ids)
    return ids
  }
}

/** What was drawn for a pod that, as is known now, did not hold the address then. */
async function removeOfOthers(
  client: Queryable,
  changes: readonly AddressChange[],
  leases: LeasesByAddress,
): Promise<void> {
  if (changes.length === 0) return
  const result = await client.query<NatConnection & Record<'cluster' | 'clientIp' | 'namespace' | 'workload', string>>(
    `SELECT c.id::text, c.edge_id::text AS "edgeId", c.cluster, c.client_ip AS "clientIp", (extract(epoch FROM c.first_at) * 1000)::float8 AS "firstMs",
       (extract(epoch FROM c.last_at) * 1000)::float8 AS "lastMs", p.namespace, p.name AS workload
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, f, t)
     JOIN egress_connection c ON c.dataset = '' AND c.cluster = u.cluster AND c.client_ip = u.ip
       AND c.first_at BETWEEN to_timestamp(u.f / 1000.0) AND to_timestamp(u.t / 1000.0)
     JOIN edge e ON e.id = c.edge_id JOIN endpoint p ON p.id = e.client_id WHERE c.from_nat`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      changes.map((change) => change.fromMs),
      changes.map((change) => change.toMs),
    ],
  )
  const wrong = result.rows.filter((row) => {
    const owner = ownerOfAddress(leases.get(addressKey(row.cluster, row.clientIp)) ?? [], row.firstMs)
    return typeof owner === 'string' || owner.namespace !== row.namespace || owner.workload !== row.workload
  })
  await removeNatConnections(client, wrong)
}

const ASKED = askedWindow(0)

/** A lease tells who asked: connections whose client asked anything before them are judged again. */
async function markAsking(client: Queryable, changes: readonly AddressChange[]): Promise<void> {
  if (changes.length === 0) return
  await client.query(
    `UPDATE egress_connection SET dirty = true WHERE id IN (
       SELECT c.id FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, f, t)
       JOIN egress_connection c ON c.dataset = '' AND c.cluster = u.cluster AND c.client_ip = u.ip
         AND c.first_at BETWEEN to_timestamp((u.f - $5) / 1000.0) AND to_timestamp((u.t + $6) / 1000.0)
       WHERE NOT c.dirty AND EXISTS (SELECT 1 FROM dns_question q WHERE q.dataset = '' AND q.cluster = c.cluster AND q.client_ip = c.client_ip
         AND q.at BETWEEN c.first_at + $7 * interval '1 ms' AND c.first_at + $8 * interval '1 ms'))`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      changes.map((change) => change.fromMs),
      changes.map((change) => change.toMs),
      // A lease speaks of the whole window of questions, so of connections beyond its own ends.
      ASKED.toMs,
      -ASKED.fromMs,
      ASKED.fromMs,
      ASKED.toMs,
    ],
  )
}

interface Drawn extends NatConnection {
  readonly sighting: Sighting
  lastMs: number
  isNew: boolean
  isChanged: boolean
}

/** Opens a connection for each sighting that nothing tells of yet, and completes those that were drawn before. */
async function draw(client: Queryable, sightings: readonly Sighting[]): Promise<void> {
  if (sightings.length === 0) return
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
  await saveBuckets(
    client,
    changed.filter(({ isNew }) => isNew).map(({ sighting: { ids, atMs } }) => additionOf(ids.variantId, atMs)),
  )
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
  await client.query(
    `INSERT INTO egress_connection AS c (id, dataset, cluster, edge_id, protocol, client_ip, client_port, server_ip, server_port,
       first_at, last_at, weight, blocked, broken, facts, dirty, from_nat)
     SELECT u.id, '', u.cluster, u.edge, u.protocol, u.ip, u.port, u.server, u.sport, to_timestamp(u.f / 1000.0), to_timestamp(u.l / 1000.0),
       1, false, false, u.facts::jsonb, true, true
     FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::int[], $7::text[], $8::int[], $9::float8[], $10::float8[], $11::text[])
       AS u(id, cluster, edge, protocol, ip, port, server, sport, f, l, facts)
     ON CONFLICT (id) DO UPDATE SET last_at = greatest(c.last_at, EXCLUDED.last_at)`,
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
