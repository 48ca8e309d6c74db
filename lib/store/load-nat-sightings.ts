import 'server-only'
import { type AddressLease, ownerOfAddress } from '@/lib/egress/address-claims'
import type { NatTuple } from '@/lib/model/nat-record'
import type { ClusteredFlow } from '@/lib/model/prepared-batch'
import { type AddressChange, addAddressChanges, isOutwardRecord } from './address-changes'
import type { Queryable } from './client'
import { hullOf } from './connection-key'
import { type FlowIds, flowIds } from './flow-ids'
import { LEASES_AROUND } from './load-asked'
import type { Tuple } from './nat-connections'
import { byId } from './row-order'

/** NAT records of one batch; what is left goes back into the queue. */
const RECORDS_TAKEN = 5000

/** Leases of addresses, by `addressKey`. */
export type LeasesByAddress = ReadonlyMap<string, readonly AddressLease[]>

export const addressKey = (cluster: string, ip: string): string => `${cluster}\n${ip}`

/** Leases that touch the stretch of each change. */
export async function loadLeases(client: Queryable, changes: readonly AddressChange[]): Promise<LeasesByAddress> {
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
export interface Sighting extends Tuple {
  readonly endMs: number
  readonly ids: FlowIds
}

/**
 * Settled NAT records from these addresses whose owner was one pod at their time. Where there are more than one batch holds,
 * the rest goes back into the queue. Index nat_record (original ip, at).
 */
export async function loadSightings(
  client: Queryable,
  changes: readonly AddressChange[],
  leases: LeasesByAddress,
  settledMs: number,
): Promise<Sighting[]> {
  if (changes.length === 0) return []
  const result = await client.query<NatTuple & { readonly cluster: string }>(
    `SELECT u.cluster, n.source, n.record_id::text AS "recordKey", n.protocol, (extract(epoch FROM n.at) * 1000)::float8 AS "atMs",
       (extract(epoch FROM n.end_at) * 1000)::float8 AS "endMs", n.original_ip AS "originalIp", n.original_port AS "originalPort",
       n.destination_ip AS "destinationIp", n.destination_port AS "destinationPort", n.translated_ip AS "translatedIp",
       n.translated_port AS "translatedPort", n.reply_source_ip AS "replySourceIp", '' AS raw
     FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[]) AS u(cluster, ip, f, t)
     CROSS JOIN LATERAL (SELECT * FROM nat_record n WHERE n.dataset = '' AND n.cluster = u.cluster AND n.original_ip = u.ip COLLATE "C"
       AND n.at BETWEEN to_timestamp(u.f / 1000.0) AND to_timestamp(u.t / 1000.0)
       AND n.at BETWEEN to_timestamp($6::float8 / 1000) AND to_timestamp($7::float8 / 1000)
       AND n.original_port IS NOT NULL AND n.destination_port IS NOT NULL AND n.translated_port IS NOT NULL ORDER BY n.at LIMIT $5) n LIMIT $5`,
    [
      changes.map((change) => change.cluster),
      changes.map((change) => change.ip),
      changes.map((change) => change.fromMs),
      // PostgreSQL rounds to microseconds: a millisecond more costs nothing, since the queue is read again.
      changes.map((change) => Math.min(change.toMs, settledMs)),
      RECORDS_TAKEN,
      hullOf(changes).fromMs,
      Math.min(hullOf(changes).toMs, settledMs),
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
  records: readonly (NatTuple & { readonly cluster: string })[],
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
  records: readonly (NatTuple & { readonly cluster: string })[],
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
  record: NatTuple,
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
