import { type Peer, workloadFromPodName } from '@/lib/model/endpoint'
import { ENDPOINT_TYPE, enumName, isPrintable, list, RecordFault, text, type Wire } from './wire'

/** What stands for RFC 1918 addresses that belong to no endpoint and no network set. */
export const PRIVATE_NETWORK = 'private network'

const MAX_LABELS = 64
export const MAX_LABELS_READ = 4096
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
export const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount'

/**
 * One side of a flow. Felix calls every address that it does not know `pvt` (RFC 1918 only) or `pub` (all the rest, cloud
 * metadata and carrier-grade NAT included, so `pub` is "not known to be private", not "the internet"); the two are kept
 * apart. A host's name is no part of its identity. formats/calico.md §2.1, §2.5
 */
export function peerOf(key: Wire, flow: Wire, side: 'source' | 'dest'): Peer {
  const type = enumName(key, `${side}_type`, ENDPOINT_TYPE)
  const name = text(key, `${side}_name`)
  const namespace = text(key, `${side}_namespace`)
  const labels = labelsOf(list(flow, `${side}_labels`, MAX_LABELS_READ))
  if (type === '' && name === '') throw new RecordFault('missing_endpoints', `${side}_type and ${side}_name are absent`)
  switch (type) {
    case 'HostEndpoint':
      return { class: 'host', namespace: '', name: '', labels }
    case 'NetworkSet':
      if (name === '') throw new RecordFault('missing_endpoints', `${side}_name is absent`)
      return { class: 'network-set', namespace, name, labels }
    case 'Network':
      return { ...networkOf(name), labels }
    default:
      // Types newer than ours, and none: a namespace is what only workloads have, nearly.
      if (type !== 'WorkloadEndpoint' && namespace === '') return { ...unknownOf(name), labels }
      return workloadOf(namespace, name, labels)
  }
}

function workloadOf(namespace: string, name: string, labels: Readonly<Record<string, string>>): Peer {
  if (name === '') throw new RecordFault('missing_endpoints', 'a workload without a name')
  const serviceAccount = labels[SERVICE_ACCOUNT_LABEL]
  return {
    class: 'workload',
    namespace,
    name: workloadFromPodName(name),
    labels,
    ...(!name.endsWith('*') && { pod: name }),
    ...(serviceAccount && { serviceAccount }),
  }
}

function networkOf(name: string): Pick<Peer, 'class' | 'namespace' | 'name'> {
  if (name === 'pub') return { class: 'internet', namespace: '', name: '' }
  if (name === 'pvt') return { class: 'external', namespace: '', name: PRIVATE_NETWORK }
  return { class: 'external', namespace: '', name: name.toLowerCase() || 'unknown network' }
}

/** A host or a global network set, whose name must not be taken for that of a DNS host. */
function unknownOf(name: string): Pick<Peer, 'class' | 'namespace' | 'name'> {
  if (name === 'pub' || name === 'pvt' || name === '') return networkOf(name)
  return { class: 'external', namespace: '', name: `${name} (host or network set)` }
}

/** `k=v` texts as a record; entries that are no label are left out, and so is what goes beyond the bound. */
export function labelsOf(entries: readonly unknown[]): Readonly<Record<string, string>> {
  const pairs: [string, string][] = []
  for (const entry of entries) {
    if (typeof entry !== 'string' || entry.length > MAX_LABEL_CHARS || !isPrintable(entry)) continue
    const equals = entry.indexOf('=')
    const key = equals < 0 ? entry : entry.slice(0, equals)
    if (key === '' || FORBIDDEN_KEYS.has(key)) continue
    pairs.push([key, equals < 0 ? '' : entry.slice(equals + 1)])
    if (pairs.length === MAX_LABELS) break
  }
  return Object.fromEntries(pairs)
}

/** Kubernetes: prefix 253, name 63, value 63, and their separators. */
const MAX_LABEL_CHARS = 381
