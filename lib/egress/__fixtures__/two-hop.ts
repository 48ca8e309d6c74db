import type { StoredNatRecord } from '@/lib/egress/nat-candidates'
import { T0 } from './scene'

/** Two hops of our own making: pods 10.244.1.7 and 10.244.2.9, nodes 10.0.1.5 and 10.0.1.6, gateway 203.0.113.10. */
export function natRecord(hop: string, from: string, to: string, parts: Partial<StoredNatRecord> = {}): StoredNatRecord {
  const [originalIp = '', originalPort = ''] = from.split(':')
  const [translatedIp = '', translatedPort = ''] = to.split(':')
  const atMs = parts.atMs ?? T0
  const recordKey = `${hop} ${from} ${to} ${atMs}`
  return {
    source: 'conntrack',
    recordKey,
    id: recordKey,
    cluster: 'prod-eu',
    hop,
    trusted: true,
    protocol: 'tcp',
    atMs,
    originalIp,
    originalPort: Number(originalPort),
    destinationIp: '203.0.113.200',
    destinationPort: 443,
    translatedIp,
    translatedPort: Number(translatedPort),
    raw: '',
    ...parts,
  }
}

export const NODE = natRecord('node-masquerade', '10.244.1.7:41370', '10.0.1.5:59205')
export const GATEWAY = natRecord('aws-natgw', '10.0.1.5:59205', '203.0.113.10:62782', { atMs: T0 + 1 })
/** Another pod's connection at the same moment, to the same server. */
export const OTHERS = [
  natRecord('node-masquerade', '10.244.2.9:37300', '10.0.1.6:53714'),
  natRecord('aws-natgw', '10.0.1.6:53714', '198.51.100.7:49314'),
]
