import type { InventoryKind, InventoryObject } from '@/lib/model/inventory'
import { LIMITS } from '@/lib/model/limits'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { keptSpec, keptStatus } from './kept-fields'
import type { KindApi, WatchedKind } from './kinds'
import { type ObjectMeta, readMeta, textOf } from './object-meta'

/** Copies of other APIs' policies that Calico's API server lists among its own. */
const FOREIGN_COPY = /^(knp|kanp|kbanp|kcnp)\./

/** Name and tier of an object as policies are named everywhere in Postern (formats/calico.md §3.2). */
export function identityOf(
  { kind, isTiered }: Pick<WatchedKind, 'kind' | 'isTiered'>,
  meta: ObjectMeta,
  object: Readonly<Record<string, unknown>>,
): Pick<InventoryObject, 'kind' | 'namespace' | 'name' | 'tier'> {
  const base = { kind: kind as InventoryKind, namespace: meta.namespace }
  if (kind === 'StagedKubernetesNetworkPolicy' || kind === 'NetworkPolicy')
    return { ...base, tier: '', name: meta.name.replace(/^knp\.default\./, '') }
  if (!isTiered) return { ...base, tier: '', name: meta.name }
  const spec = isRecord(object.spec) ? object.spec : {}
  const tier = textOf(spec.tier) || 'default'
  const prefix = `${tier}.`
  const isPrefixed = meta.name.startsWith(prefix) && meta.name.length > prefix.length
  return { ...base, tier, name: isPrefixed ? meta.name.slice(prefix.length) : meta.name }
}

/**
 * An object as the inventory keeps it, in the shape of its YAML: without managed fields, status, values of headers and
 * annotations that are not on the list. undefined where it is no object; `foreign` for a copy of another API's policy.
 */
export function readObject(
  watched: WatchedKind,
  api: KindApi,
  object: unknown,
): InventoryObject | 'foreign' | undefined {
  const meta = readMeta(object)
  if (!meta || !isRecord(object)) return undefined
  if (watched.isTiered && FOREIGN_COPY.test(meta.name)) return 'foreign'
  const spec = keptSpec(watched.kind, object.spec)
  const status = keptStatus(watched.kind, object.status)
  const body = {
    apiVersion: api.group === '' ? api.version : `${api.group}/${api.version}`,
    kind: watched.kind === 'CalicoNetworkPolicy' ? 'NetworkPolicy' : watched.kind,
    metadata: {
      name: meta.name,
      ...(meta.namespace && { namespace: meta.namespace }),
      ...(Object.keys(meta.labels).length > 0 && { labels: meta.labels }),
      ...(Object.keys(meta.annotations).length > 0 && { annotations: meta.annotations }),
    },
    ...(spec !== undefined && { spec }),
    // The rules of Cilium policies may also stand in a list beside `spec`.
    ...(Array.isArray(object.specs) && { specs: object.specs.map((one) => keptSpec(watched.kind, one)) }),
    ...(status !== undefined && { status }),
  }
  const isSmall = JSON.stringify(body).length <= LIMITS.inventoryBodyBytes
  return {
    ...identityOf(watched, meta, object),
    uid: meta.uid,
    resourceVersion: meta.resourceVersion,
    isUnchanged: meta.generation === 1,
    ...(meta.createdMs !== undefined && { createdMs: meta.createdMs }),
    ...(isSmall && { body }),
  }
}
