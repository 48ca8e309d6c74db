import 'server-only'
import type { InventoryChange } from '@/lib/model/inventory'
import { HOUR_MS } from '@/lib/model/units'
import { keepInventory } from '../keep-inventory'
import { NEW, newObject, newPod } from './plan-senders'

/** Pods and objects of the new cluster that come, change and go, one by one and by lists. */
export async function keepNewInventory(nowMs: number): Promise<void> {
  const keep = (...changes: readonly InventoryChange[]) =>
    keepInventory({
      cluster: NEW,
      changes,
      synced: [{ kind: 'NetworkPolicy', atMs: nowMs }],
      rejects: { bad_value: 1 },
      gaps: [],
      nowMs,
    })
  await keep(newPod(nowMs), newPod(nowMs, { uid: 'uid-2', pod: 'other', ips: ['10.244.7.8'] }))
  await keep(newObject('NetworkPolicy', 'p', { spec: 1 }, nowMs), newObject('NetworkPolicy', 'q', {}, nowMs))
  await keep({
    what: 'object-gone',
    key: { kind: 'NetworkPolicy', namespace: 'ml', tier: '', name: 'q' },
    atMs: nowMs,
  })
  await keep({ what: 'objects-listed', kind: 'NetworkPolicy', keys: [], atMs: nowMs })
  await keep({ what: 'pod-gone', uid: 'uid-2', atMs: nowMs })
  await keep({ what: 'pods-listed', uids: ['uid-1'], heldUntilMs: nowMs - HOUR_MS, atMs: nowMs })
  await keep(
    newObject(
      'CiliumEgressGatewayPolicy',
      'p',
      {
        spec: {
          selectors: [{ podSelector: {} }],
          destinationCIDRs: ['0.0.0.0/0'],
          egressGateway: { egressIP: '203.0.113.10' },
        },
      },
      nowMs,
      { namespace: '' },
    ),
  )
}
