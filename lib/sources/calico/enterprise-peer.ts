import { type Peer, workloadFromPodName } from '@/lib/model/endpoint'
import { LIMITS } from '@/lib/model/limits'
import { canonicalIp } from '@/lib/sources/canonical-ip'
import { labelsOf, MAX_LABELS_READ, PRIVATE_NETWORK, SERVICE_ACCOUNT_LABEL } from './peer'
import { field, isPrintable, list, RecordFault, record, text, type Wire } from './wire'

const MAX_NAMES_READ = 1000

/**
 * One side of an Enterprise flow log. The aggregated name (`checkout-598d5b586d-*`) makes the workload, the full one the pod. An
 * address that belongs to no endpoint is named by the one domain that the node knew for it, else by itself; without an
 * address it stays the public or the private network. formats/calico.md §3.1
 */
export function enterprisePeerOf(wire: Wire, side: 'source' | 'dest'): Peer {
  const namespace = text(wire, `${side}_namespace`)
  const type = text(wire, `${side}_type`) || typeOf(namespace)
  const labels = labelsOf(list(record(wire, `${side}_labels`) ?? {}, 'labels', MAX_LABELS_READ))
  const ip = ipOf(wire, `${side}_ip`)
  const base = { labels, ...(ip && { ip }) }
  switch (type) {
    case 'wep':
      return { ...workloadOf(wire, side, namespace, labels), ...base }
    case 'hep':
      return { class: 'host', namespace: '', name: '', ...base }
    case 'ns':
      return { class: 'network-set', namespace, name: nameOf(wire, side), ...namesOf(wire, side), ...base }
    default:
      return { ...networkOf(wire, side, ip), ...base }
  }
}

/** An address in canonical form; null, absent and what is none are unknown, and so is the address that stands for none. */
export function ipOf(wire: Wire, key: string): string | undefined {
  const value = field(wire, key)
  const ip = typeof value === 'string' ? canonicalIp(value) : undefined
  return ip === '0.0.0.0' || ip === '::' ? undefined : ip
}

/** A list of texts; what is none, endless or unprintable is left out. */
export const textsOf = (wire: Wire, key: string): readonly string[] =>
  list(wire, key, MAX_NAMES_READ).filter(
    (value): value is string => typeof value === 'string' && value !== '' && value.length <= 253 && isPrintable(value),
  )

/** Records of forwarding hosts leave types out: a namespace is what only workloads have. */
const typeOf = (namespace: string): string => (namespace === '' ? 'net' : 'wep')

function nameOf(wire: Wire, side: 'source' | 'dest'): string {
  const name = aggregated(wire, side) || text(wire, `${side}_name`)
  if (name === '') throw new RecordFault('missing_endpoints', `${side}_name and ${side}_name_aggr are absent`)
  return name
}

/** '' where it stands for several. */
function aggregated(wire: Wire, side: 'source' | 'dest'): string {
  const name = text(wire, `${side}_name_aggr`)
  return name === '*' ? '' : name
}

function workloadOf(
  wire: Wire,
  side: 'source' | 'dest',
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Peer {
  const prefix = nameOf(wire, side)
  const full = text(wire, `${side}_name`)
  // A pod without an owner is its own prefix.
  const pod = full !== '' && !full.includes('*') ? full : prefix.includes('*') ? '' : prefix
  const serviceAccount = labels[SERVICE_ACCOUNT_LABEL]
  return {
    class: 'workload',
    namespace,
    name: workloadFromPodName(prefix),
    ...(pod && { pod }),
    ...(serviceAccount && { serviceAccount }),
  }
}

function namesOf(wire: Wire, side: 'source' | 'dest'): Pick<Peer, 'dnsNames'> {
  if (side === 'source') return {}
  const names = new Set(textsOf(wire, 'dest_domains').map((name) => name.toLowerCase().replace(/\.$/, '')))
  names.delete('')
  return names.size > 0 ? { dnsNames: [...names].sort().slice(0, LIMITS.dnsNames + 1) } : {}
}

function networkOf(wire: Wire, side: 'source' | 'dest', ip: string | undefined): Peer {
  const names = namesOf(wire, side)
  const only = names.dnsNames?.length === 1 ? names.dnsNames[0] : undefined
  const name = only ?? ip
  if (name) return { class: 'external', namespace: '', name, ...names }
  const told = nameOf(wire, side)
  if (told === 'pub') return { class: 'internet', namespace: '', name: '', ...names }
  if (told === 'pvt') return { class: 'external', namespace: '', name: PRIVATE_NETWORK, ...names }
  // No type that we know: a name that must not be taken for that of a DNS host.
  return { class: 'external', namespace: '', name: `${told} (unknown type)`, ...names }
}
