import 'server-only'
import { INTENT_KINDS } from '@/lib/egress/expected-egress'
import type { RejectReason } from '@/lib/model/decoded'
import type { Gap } from '@/lib/model/flow'
import type { InventoryChange } from '@/lib/model/inventory'
import type { UnixMillis } from '@/lib/model/units'
import { type Queryable, query, withTransaction } from './client'
import { contentId } from './content-id'
import { knownIds } from './known-ids'
import { markForIntent } from './mark-for-intent'
import { notifyGraph } from './notify-graph'
import { byId } from './row-order'
import { saveGaps } from './save-gaps'
import { endUnlistedObjects, saveInventoryObjects } from './save-inventory-objects'
import { endUnlistedLeases, savePodLeases } from './save-pod-leases'
import { savePodOwners } from './save-pod-owners'
import { saveSourceMinutes } from './save-source-minutes'

/** What a watch brought, ready to be committed. */
export interface InventoryBatch {
  readonly cluster: string
  readonly changes: readonly InventoryChange[]
  /** Kinds of which everything up to a time is stored with this batch. */
  readonly synced: readonly { readonly kind: string; readonly atMs: UnixMillis }[]
  readonly rejects: Readonly<Partial<Record<RejectReason, number>>>
  readonly gaps: readonly Gap[]
  readonly nowMs: UnixMillis
}

/**
 * Commits a batch in one transaction, changes in their order; committing one again changes nothing more. Writers of one
 * cluster's inventory take turns. Errors: `unavailable`; anything else means that this very batch cannot be stored.
 */
export async function commitInventory(batch: InventoryBatch): Promise<void> {
  const remembered = await withTransaction((client) => write(client, batch))
  knownIds().add(remembered)
}

async function write(client: Queryable, batch: InventoryBatch): Promise<readonly string[]> {
  const { cluster, changes } = batch
  await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [contentId('inventory', cluster)])
  const changed = new Set<string>()
  let leases = 0
  for (const part of parts(changes)) {
    const written = await writePart(client, cluster, part)
    for (const kind of written.kinds) changed.add(kind)
    leases += written.leases
  }
  const remembered = await savePodOwners(client, ownersOf(batch))
  await saveGaps(
    client,
    batch.gaps.map((gap) => ({ ...gap, cluster, dataset: '' })),
  )
  await saveSourceMinutes(client, [
    {
      dataset: '',
      source: 'kubernetes',
      cluster,
      hop: '',
      accepted: changes.filter(
        ({ what }) => what === 'object' || what === 'pod' || what === 'object-gone' || what === 'pod-gone',
      ).length,
      duplicates: 0,
      rejects: batch.rejects,
      newestMs: batch.nowMs,
    },
  ])
  await saveSynced(client, batch)
  if (INTENT_KINDS.some((kind) => changed.has(kind))) await markForIntent(client, cluster, batch.nowMs)
  // Their addresses wait in the queue of the judge.
  if (leases > 0) await notifyGraph(client, [{ dataset: '', cluster, egress: true }])
  return remembered
}

/** A complete list speaks of what came before it: changes are written up to it, then it. */
function parts(changes: readonly InventoryChange[]): InventoryChange[][] {
  const out: InventoryChange[][] = []
  let current: InventoryChange[] = []
  for (const change of changes) {
    current.push(change)
    if (change.what !== 'objects-listed' && change.what !== 'pods-listed') continue
    out.push(current)
    current = []
  }
  return current.length > 0 ? [...out, current] : out
}

interface Written {
  /** Kinds of objects of which anything changed. */
  readonly kinds: ReadonlySet<string>
  /** Leases that began or ended. */
  readonly leases: number
}

async function writePart(client: Queryable, cluster: string, changes: readonly InventoryChange[]): Promise<Written> {
  const changed = await saveInventoryObjects(
    client,
    cluster,
    changes.flatMap((change) => (change.what === 'object' || change.what === 'object-gone' ? [change] : [])),
  )
  let leases = await savePodLeases(
    client,
    cluster,
    changes.flatMap((change) => (change.what === 'pod' || change.what === 'pod-gone' ? [change] : [])),
  )
  const ended = new Set<string>()
  for (const change of changes) {
    if (change.what === 'objects-listed' && (await endUnlistedObjects(client, cluster, change))) ended.add(change.kind)
    if (change.what === 'pods-listed') leases += await endUnlistedLeases(client, cluster, change)
  }
  return { kinds: new Set([...changed, ...ended]), leases }
}

const ownersOf = ({ cluster, changes }: InventoryBatch) =>
  changes.flatMap((change) =>
    change.what === 'pod'
      ? [
          {
            dataset: '',
            cluster,
            namespace: change.pod.namespace,
            pod: change.pod.pod,
            workload: change.pod.workload,
            workloadKind: change.pod.workloadKind,
          },
        ]
      : [],
  )

/** A complete list of pods says with its changes how far it goes: its leases hold by it. */
async function saveSynced(client: Queryable, { cluster, synced, changes }: InventoryBatch): Promise<void> {
  const listed = changes.flatMap((change) =>
    change.what === 'pods-listed' ? [{ kind: 'Pod', atMs: change.atMs }] : [],
  )
  const rows = byId([...listed, ...synced], (row) => row.kind)
  if (rows.length === 0) return
  await client.query(
    `INSERT INTO inventory_sync AS s (cluster, kind, synced_at)
     SELECT $1, u.kind, to_timestamp(u.at / 1000.0) FROM unnest($2::text[], $3::float8[]) AS u(kind, at)
     ON CONFLICT (cluster, kind) DO UPDATE SET synced_at = greatest(s.synced_at, EXCLUDED.synced_at)`,
    [cluster, rows.map((row) => row.kind), rows.map((row) => row.atMs)],
  )
}

/** Until when each kind of a cluster is stored. Errors: `unavailable`. */
export async function loadSynced(cluster: string): Promise<ReadonlyMap<string, UnixMillis>> {
  const rows = await query<{ kind: string; at: number }>(
    'SELECT kind, (extract(epoch FROM synced_at) * 1000)::float8 AS at FROM inventory_sync WHERE cluster = $1',
    [cluster],
  )
  return new Map(rows.map((row) => [row.kind, row.at]))
}

/** Deletes leases and versions of a cluster that ended before. Indexes: (cluster, valid to), (valid to). Errors: `unavailable`. */
export async function forgetInventory(cluster: string, beforeMs: UnixMillis): Promise<void> {
  for (const table of ['pod_ip_lease', 'inventory_object'])
    await query(`DELETE FROM ${table} WHERE cluster = $1 AND valid_to < to_timestamp($2::float8 / 1000)`, [
      cluster,
      beforeMs,
    ])
}
