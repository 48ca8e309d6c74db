import 'server-only'
import type { InventoryChange, PodSighting } from '@/lib/model/inventory'
import type { UnixMillis } from '@/lib/model/units'
import type { Queryable } from './client'
import { UNWATCHED_MS } from './lease-ends'
import { byId } from './row-order'

type PodChange = Extract<InventoryChange, { what: 'pod' | 'pod-gone' }>

interface Lease {
  readonly ip: string
  readonly pod: PodSighting
  readonly atMs: UnixMillis
}

/**
 * Turns what a watch says of pods into leases of addresses, in the order of the changes. A lease begins when the pod can have had the
 * address and ends when the pod ended, lost it, or was deleted. Leases of one address never overlap but for those of host
 * network pods: who has it later, has it. The caller holds the cluster's inventory lock. Answers how many leases began or
 * ended; the trigger `pod_ip_lease_changed` has put their addresses into the queue (lib/store/address-changes.ts).
 */
export async function savePodLeases(
  client: Queryable,
  cluster: string,
  changes: readonly PodChange[],
): Promise<number> {
  let changed = 0
  for (const round of rounds(changes)) {
    changed += await endLeases(client, cluster, round)
    const wanted = round.flatMap((change) =>
      change.what === 'pod' ? change.pod.ips.map((ip) => ({ ip, pod: change.pod, atMs: change.atMs })) : [],
    )
    changed += await beginLeases(client, cluster, wanted)
  }
  return changed
}

const uidOf = (change: PodChange): string => (change.what === 'pod' ? change.pod.uid : change.uid)

/** Changes in their order, cut so that no part says two things of one pod. */
function rounds(changes: readonly PodChange[]): PodChange[][] {
  const out: PodChange[][] = []
  let current: PodChange[] = []
  let said = new Set<string>()
  for (const change of changes) {
    if (said.has(uidOf(change))) {
      out.push(current)
      current = []
      said = new Set()
    }
    said.add(uidOf(change))
    current.push(change)
  }
  return current.length > 0 ? [...out, current] : out
}

/** Ends open leases of pods that ended, are gone, or have other addresses now. Index: (cluster, uid). */
async function endLeases(client: Queryable, cluster: string, changes: readonly PodChange[]): Promise<number> {
  const rows = byId(changes, uidOf)
  if (rows.length === 0) return 0
  const kept = rows.flatMap((change) =>
    change.what === 'pod' && change.pod.endedMs === undefined
      ? change.pod.ips.map((ip) => ({ uid: change.pod.uid, ip }))
      : [],
  )
  const ended = await client.query(
    `UPDATE pod_ip_lease l SET valid_to = greatest(l.valid_from, to_timestamp(u.at / 1000.0))
     FROM unnest($2::text[], $3::float8[]) AS u(uid, at)
     WHERE l.cluster = $1 AND l.uid = u.uid AND l.valid_to IS NULL
       AND NOT EXISTS (SELECT 1 FROM unnest($4::text[], $5::text[]) AS k(uid, ip) WHERE k.uid = l.uid AND k.ip = l.ip)`,
    [
      cluster,
      rows.map(uidOf),
      rows.map((change) => (change.what === 'pod' ? (change.pod.endedMs ?? change.atMs) : change.atMs)),
      kept.map((row) => row.uid),
      kept.map((row) => row.ip),
    ],
  )
  return ended.rowCount ?? 0
}

/**
 * Enters leases that are new. A pod that has an address again which it had lost begins a new lease now; one that is being
 * deleted does not, and one that ended has had it once.
 */
async function beginLeases(client: Queryable, cluster: string, leases: readonly Lease[]): Promise<number> {
  const rows = byId(leases, ({ ip, pod }) => `${ip}\n${pod.uid}`)
  if (rows.length === 0) return 0
  const { rows: begun } = await client.query<{ ip: string }>(
    `INSERT INTO pod_ip_lease (cluster, ip, namespace, pod, uid, workload, workload_kind, node, host_network, valid_from, valid_to)
     SELECT $1, u.ip, u.namespace, u.pod, u.uid, u.workload, u.kind, u.node, u.host,
       CASE WHEN h.ended IS NULL THEN to_timestamp(u.start / 1000.0) ELSE greatest(h.ended, to_timestamp(u.at / 1000.0)) END,
       to_timestamp(u.stop / 1000.0)
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bool[], $10::float8[], $11::float8[], $12::float8[], $13::bool[])
       AS u(ip, namespace, pod, uid, workload, kind, node, host, start, stop, at, leaving)
     CROSS JOIN LATERAL (SELECT max(l.valid_to) AS ended, bool_or(l.valid_to IS NULL) AS held FROM pod_ip_lease l
       WHERE l.cluster = $1 AND l.ip = u.ip AND l.uid = u.uid) h
     WHERE h.held IS NOT TRUE AND (h.ended IS NULL OR (u.stop IS NULL AND NOT u.leaving))
     ON CONFLICT DO NOTHING RETURNING ip`,
    [
      cluster,
      rows.map((row) => row.ip),
      rows.map((row) => row.pod.namespace),
      rows.map((row) => row.pod.pod),
      rows.map((row) => row.pod.uid),
      rows.map((row) => row.pod.workload),
      rows.map((row) => row.pod.workloadKind),
      rows.map((row) => row.pod.node ?? null),
      rows.map((row) => row.pod.hostNetwork),
      rows.map((row) => row.pod.fromMs),
      rows.map((row) => row.pod.endedMs ?? null),
      rows.map((row) => row.atMs),
      rows.map((row) => row.pod.isTerminating),
    ],
  )
  await separate(client, cluster, [...new Set(begun.map((row) => row.ip))].sort())
  return begun.length
}

/** Ends each lease of these addresses where the next pod's begins: an object outlives its network by its grace period. */
async function separate(client: Queryable, cluster: string, ips: readonly string[]): Promise<void> {
  if (ips.length === 0) return
  await client.query(
    `WITH o AS (SELECT ip, uid, valid_from, valid_to, lead(valid_from) OVER (PARTITION BY ip ORDER BY valid_from, uid) AS next
       FROM pod_ip_lease WHERE cluster = $1 AND ip = ANY($2::text[]) AND NOT host_network)
     UPDATE pod_ip_lease l SET valid_to = o.next FROM o
     WHERE l.cluster = $1 AND l.ip = o.ip AND l.uid = o.uid AND l.valid_from = o.valid_from
       AND o.next IS NOT NULL AND (o.valid_to IS NULL OR o.valid_to > o.next)`,
    [cluster, ips],
  )
}

/**
 * Ends leases of pods that a complete list no longer has: held for all that is known until `heldUntilMs`. After a time without
 * watch the others are news too: they were held on (`LEASE_END`), and what came from their addresses meanwhile is looked at again. Answers how many ended.
 */
export async function endUnlistedLeases(
  client: Queryable,
  cluster: string,
  { uids, heldUntilMs, atMs }: Extract<InventoryChange, { what: 'pods-listed' }>,
): Promise<number> {
  const ended = await client.query(
    `UPDATE pod_ip_lease l SET valid_to = greatest(l.valid_from, to_timestamp($2::float8 / 1000))
     WHERE l.cluster = $1 AND l.valid_to IS NULL AND NOT EXISTS (SELECT 1 FROM unnest($3::text[]) AS u(uid) WHERE u.uid = l.uid)`,
    [cluster, heldUntilMs, uids],
  )
  if (atMs - heldUntilMs < UNWATCHED_MS) return ended.rowCount ?? 0
  await client.query(
    `INSERT INTO address_change (cluster, ip, from_at, to_at, cause)
     SELECT DISTINCT cluster, ip, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), 'lease' FROM pod_ip_lease
     WHERE cluster = $1 AND valid_to IS NULL AND valid_from <= to_timestamp($2::float8 / 1000)`,
    [cluster, heldUntilMs, atMs],
  )
  return ended.rowCount ?? 0
}
