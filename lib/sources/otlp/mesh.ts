import { canonicalIp } from '@/lib/sources/canonical-ip'
import { textOf } from './attributes'
import { type Place, placeOfAddress, validPort } from './host'
import type { Emitter } from './resource'
import type { WireAttributes } from './wire'

const UPSTREAM = ['upstream_cluster.name', 'upstream_cluster']
const NODE_ID = ['node_id']
const SERVICE = ['istio.canonical_service']
const NAMESPACE = ['istio.namespace']
const MAX_NAME_CHARS = 253
/** `outbound|9080||reviews.bookinfo.svc.cluster.local`: direction, port, subset, host. */
const OUTBOUND = /^outbound\|(\d{1,5})\|[^|]{0,128}\|([^|]{1,253})$/
/** `sidecar~10.244.0.14~reviews-v1-5b8.bookinfo~bookinfo.svc.cluster.local`. */
const PROXY = /^[a-z]+~([0-9a-fA-F.:]{2,45})~/

/** Keys of Envoy's spans in Istio that this file reads (recorded: kiali tracingtest). */
export const MESH_KEYS: readonly string[] = [...UPSTREAM, ...NODE_ID, ...SERVICE, ...NAMESPACE]

/** Where a proxy sends a call by its own route, which its URL hides behind a node port or a short name. */
export function upstreamPlace(attributes: WireAttributes): Place | undefined {
  const [, port = '', host = ''] = OUTBOUND.exec(textOf(attributes, UPSTREAM, 512) ?? '') ?? []
  const place = placeOfAddress(host)
  const known = validPort(Number(port))
  return place && { ...place, ...(known && { port: known }) }
}

/**
 * The workload that a proxy stands before: its spans say it themselves, under a service name like `reviews.bookinfo`. A
 * resource that names a Kubernetes namespace knows better.
 */
export function meshEmitter(emitter: Emitter, attributes: WireAttributes): Emitter {
  if (emitter.workload.namespace !== '') return emitter
  const namespace = textOf(attributes, NAMESPACE, MAX_NAME_CHARS)
  const name = textOf(attributes, SERVICE, MAX_NAME_CHARS)
  if (!namespace || !name) return emitter
  const ip = canonicalIp(PROXY.exec(textOf(attributes, NODE_ID, 512) ?? '')?.[1])
  return { ...emitter, workload: { class: 'workload', namespace, name, ...(ip && { ip }) } }
}
