import 'server-only'
import { cleanText } from '@/lib/ingest/clean-text'
import type { InventoryChange } from '@/lib/model/inventory'
import { count } from '@/lib/observability/metrics'
import { commitInventory, forgetInventory, type InventoryBatch, loadSynced } from '@/lib/store/commit-inventory'

/** Until when each kind of a cluster was stored by an earlier run. Errors: `unavailable`. */
export const inventorySyncedUntil = loadSynced

/** Deletes leases and versions that ended before the retention. Errors: `unavailable`. */
export const forgetOldInventory = forgetInventory

/**
 * Stores what a watch of a cluster brought, with names as they may be stored. Answers after COMMIT. Errors: `unavailable`:
 * commit the same batch again; anything else means that this very batch cannot be stored.
 */
export async function keepInventory(batch: InventoryBatch): Promise<void> {
  await commitInventory({ ...batch, changes: batch.changes.map(clean) })
  if (batch.changes.length > 0)
    count('postern_ingest_records', batch.changes.length, { source: 'kubernetes', outcome: 'accepted' })
}

function clean(change: InventoryChange): InventoryChange {
  switch (change.what) {
    case 'object':
      return { ...change, object: { ...change.object, ...cleanKey(change.object), uid: cleanText(change.object.uid) } }
    case 'object-gone':
      return { ...change, key: cleanKey(change.key) }
    case 'objects-listed':
      return { ...change, keys: change.keys.map(cleanKey) }
    case 'pod': {
      const { pod } = change
      return {
        ...change,
        pod: {
          ...pod,
          namespace: cleanText(pod.namespace),
          pod: cleanText(pod.pod),
          uid: cleanText(pod.uid),
          workload: cleanText(pod.workload),
          workloadKind: cleanText(pod.workloadKind),
          ...(pod.node && { node: cleanText(pod.node) }),
        },
      }
    }
    case 'pod-gone':
      return { ...change, uid: cleanText(change.uid) }
    case 'pods-listed':
      return { ...change, uids: change.uids.map(cleanText) }
  }
}

type Key = Extract<InventoryChange, { what: 'object-gone' }>['key']

const cleanKey = ({ kind, namespace, tier, name }: Key): Key => ({
  kind,
  namespace: cleanText(namespace),
  tier: cleanText(tier),
  name: cleanText(name),
})
