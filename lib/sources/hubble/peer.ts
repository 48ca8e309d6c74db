import { type Peer, workloadFromPodName } from '@/lib/model/endpoint'
import { LIMITS } from '@/lib/model/limits'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { field, integer, record, text, texts, type Wire } from './fields'

/** First that matches wins: a managed API server is `kube-apiserver` and `world` at once. formats/hubble.md §1.2 */
const RESERVED_ORDER = ['kube-apiserver', 'ingress', 'host', 'remote-node', 'health'] as const

/**
 * One side of a Hubble flow. `names` are the DNS names that the flow gives for the address. A single name is the peer's
 * name; several mean "one of these", so the address stays the name and all are kept.
 */
export function peerOf(endpoint: Wire, ip: string | undefined, names: readonly string[]): Peer {
  const labels = texts(endpoint, 'labels', LIMITS.labels)
  const reserved = new Set(labels.filter((label) => label.startsWith('reserved:')).map((label) => label.slice(9)))
  const pod = text(endpoint, 'pod_name')
  const place = RESERVED_ORDER.find((name) => reserved.has(name))
  const address = ip ? { ip } : {}
  if (place)
    return {
      class: place === 'kube-apiserver' || place === 'ingress' ? place : 'host',
      namespace: '',
      name: '',
      ...address,
    }
  if (pod) return { ...workloadOf(endpoint, pod, labels), ...address }
  return { ...externalOf(labels, ip, names), ...address }
}

function workloadOf(endpoint: Wire, pod: string, labels: readonly string[]): Peer {
  const owners = endpoint.workloads
  const owner = Array.isArray(owners) ? owners.find(isRecord) : undefined
  const kind = owner ? text(owner, 'kind') : undefined
  const serviceAccount = labelValue(labels, 'k8s:io.cilium.k8s.policy.serviceaccount=')
  return {
    class: 'workload',
    namespace: text(endpoint, 'namespace') ?? '',
    name: (owner && text(owner, 'name')) ?? workloadFromPodName(pod),
    pod,
    labels: podLabels(labels),
    ...(kind && { workloadKind: kind }),
    ...(serviceAccount && { serviceAccount }),
  }
}

function externalOf(labels: readonly string[], ip: string | undefined, names: readonly string[]): Peer {
  const dnsNames = [...new Set(names.map(cleanName).filter(Boolean))].sort().slice(0, LIMITS.dnsNames + 1)
  const fqdn = labels.filter((label) => label.startsWith('fqdn:')).map((label) => cleanName(label.slice(5)))
  const known = dnsNames.length > 0 ? dnsNames : fqdn.filter((name) => !name.includes('*'))
  // An identity is of the address, whoever looked it up: its names are shown, and are not names that this client asked for.
  const selectors = dnsNames.length > 0 ? [] : fqdn.slice(0, LIMITS.dnsNames)
  const name = known.length === 1 ? known[0] : ip
  const identity = name
    ? ({ class: 'external', namespace: '', name } as const)
    : ({ class: 'internet', namespace: '', name: '' } as const)
  return {
    ...identity,
    ...(dnsNames.length > 0 && { dnsNames }),
    ...(selectors.length > 0 && { fqdnSelectors: selectors }),
  }
}

const cleanName = (name: string): string => name.toLowerCase().replace(/\.$/, '').slice(0, 253)

/** Pod labels only: namespace labels, generated ones and Cilium's own bookkeeping are left out. */
function podLabels(labels: readonly string[]): Record<string, string> {
  const out: [string, string][] = []
  for (const label of labels) {
    if (!label.startsWith('k8s:') || label.startsWith('k8s:io.cilium.') || label.startsWith('k8s:io.kubernetes.pod.'))
      continue
    const [key = '', ...value] = label.slice(4).split('=')
    if (key && key !== '__proto__') out.push([key, value.join('=')])
  }
  return Object.fromEntries(out.slice(0, 64))
}

const labelValue = (labels: readonly string[], prefix: string): string | undefined =>
  labels.find((label) => label.startsWith(prefix))?.slice(prefix.length)

/** The cluster that a flow names: an endpoint's own field or label first, then the node's `cluster/node` prefix. */
export function clusterOf(flow: Wire): string | undefined {
  for (const side of ['source', 'destination']) {
    const endpoint = record(flow, side)
    const name = endpoint && clusterOfEndpoint(endpoint)
    if (name) return name
  }
  return clusterOfNode(text(flow, 'node_name'))
}

/** The cluster that an endpoint names, where its own node tells of it; `default` is no name. */
export function clusterOfEndpoint(endpoint: Wire): string | undefined {
  if (endpoint.ID === undefined) return undefined
  const name =
    text(endpoint, 'cluster_name') ?? labelValue(texts(endpoint, 'labels', 128), 'k8s:io.cilium.k8s.policy.cluster=')
  return name && name !== 'default' ? name : undefined
}

export const clusterOfNode = (node: string | undefined): string | undefined =>
  node?.includes('/') ? node.slice(0, node.indexOf('/')) : undefined

/** Sees the endpoint locally: only its own node knows its ID. */
export const isLocal = (endpoint: Wire | undefined): boolean => Boolean(endpoint && integer(endpoint, 'ID'))

/** Whose address need not be known, because something else tells who it is. */
export const isKnown = (side: Wire): boolean =>
  field(side, 'pod_name') !== undefined || field(side, 'labels') !== undefined
