import { BOTH_HOPS, bothHops, callMaker, GATEWAY_LOG, INVENTORY, NODE_LOG, pod, TWO_HOPS } from './build'
import { NODES, type Scenario } from './world'

const GOLDMANE = { kind: 'goldmane' } as const
const COREDNS = { kind: 'coredns' } as const
const enterprise = (aggregation: 0 | 1 | 2, change: { hasDomains?: boolean } = {}) =>
  ({ kind: 'calico-enterprise', aggregation, ...change }) as const

const pods = [
  pod('agent'),
  pod('crawler', { workload: 'crawler', ip: '10.244.1.11' }),
  pod('embedder', { workload: 'embedder', ip: '10.244.1.12' }),
]
const call = callMaker(pods)
const base = { operator: TWO_HOPS, pods }
const OSS = [GOLDMANE, INVENTORY, COREDNS, ...BOTH_HOPS] as const

const reused = [pod('old', { workload: 'crawler', toS: 60 }), pod('new', { fromS: 90 })]
const ofReused = callMaker(reused)

const withHost = [
  pod('agent'),
  pod('kubelet-agent', { workload: 'node-agent', namespace: 'ml', ip: NODES['node-a'] ?? '', isHostNetwork: true }),
]
const ofHost = callMaker(withHost)

/** Clusters of Calico: open source, of whose flows only NAT records and questions tell addresses, and Enterprise. */
export const CALICO_SCENARIOS: readonly Scenario[] = [
  {
    ...base,
    name: 'oss-both-doors',
    story: 'Open-source Calico: NAT records of leased addresses, and each pod’s one question, prove both doors.',
    looks: 'fine, is bad',
    calls: [call('good', 'agent'), call('bad', 'crawler', { atS: 5, door: 'elsewhere' })],
    observers: OSS,
  },
  {
    ...base,
    name: 'oss-two-questions',
    story: 'A pod asked for two names before it called: which of them it called is not known.',
    looks: 'bad, is fine',
    calls: [call('unsure', 'embedder', { asked: ['shop.example.com', 'api.openai.com'], door: 'elsewhere' })],
    observers: OSS,
  },
  {
    ...base,
    name: 'oss-no-question',
    story: 'A pod asked nothing: its connection is drawn, and named after nobody.',
    looks: 'bad, is fine',
    calls: [call('silent', 'embedder', { asked: [], door: 'elsewhere' })],
    observers: OSS,
  },
  {
    ...base,
    name: 'oss-without-pods',
    story: 'Without the inventory nobody knows whose the addresses were.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [GOLDMANE, COREDNS, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'oss-host-network',
    story: 'A process on the node calls out by the node’s address: no pod may be accused of it.',
    looks: 'bad, is fine',
    pods: withHost,
    calls: [
      ofHost('good', 'agent'),
      {
        ...ofHost('host', 'kubelet-agent', { door: 'elsewhere' }),
        way: [{ hop: 'nat-gw', ip: '198.51.100.7', port: 52_000 }],
      },
    ],
    observers: OSS,
  },
  {
    ...base,
    name: 'oss-address-reused',
    story: 'The crawler left wrongly and went; the agent has its address and its port now, and leaves rightly.',
    looks: 'bad, is fine',
    pods: reused,
    calls: [
      ofReused('old', 'old', { clientPort: 45_000, door: 'elsewhere' }),
      ofReused('new', 'new', { atS: 200, clientPort: 45_000 }),
    ],
    observers: OSS,
  },
  {
    ...base,
    name: 'oss-gateway-silent',
    story: 'The gateway does not log: the node’s record draws the connection, and proves nothing.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [GOLDMANE, INVENTORY, COREDNS, NODE_LOG],
  },
  {
    ...base,
    name: 'oss-late',
    story: 'Both hops’ logs come half an hour later.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [GOLDMANE, INVENTORY, COREDNS, ...bothHops({ isLate: true })],
  },
  {
    ...base,
    name: 'oss-denied',
    story: 'A policy denies the way to the internet: Goldmane knows no name, so no provider is said to be denied.',
    looks: 'bad, is fine',
    calls: [call('denied', 'agent', { fate: 'blocked' })],
    observers: OSS,
    guards: { D6: 'enterprise-denied' },
  },
  {
    ...base,
    name: 'enterprise-exact',
    story: 'Enterprise logs that keep source ports: the tuple is exact.',
    looks: 'fine, is bad',
    calls: [call('good', 'agent'), call('bad', 'crawler', { atS: 70, door: 'elsewhere' })],
    observers: [enterprise(0), ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'enterprise-without-ports',
    story: 'Enterprise logs without source ports: the address was one pod’s with one connection.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { atS: 20, door: 'elsewhere' })],
    observers: [enterprise(1), INVENTORY, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'enterprise-without-ports-nor-pods',
    story: 'The same, and nobody knows whose the address was.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent', { atS: 20 })],
    observers: [enterprise(1), ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'enterprise-aggregated',
    story: 'Enterprise’s usual aggregation: a name and no address. The hops’ records belong to nobody.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { times: 4, door: 'elsewhere' })],
    observers: [enterprise(2), INVENTORY, { ...NODE_LOG, misses: ['bad'] }, { ...GATEWAY_LOG, misses: ['bad'] }],
  },
  {
    ...base,
    name: 'enterprise-denied',
    story: 'A policy denies a call that Enterprise names.',
    looks: 'bad, is fine',
    calls: [call('denied', 'agent', { fate: 'blocked' })],
    observers: [enterprise(1)],
  },
  {
    ...base,
    name: 'enterprise-dns-log',
    story: 'Without domains in the flows, the DNS log names the provider.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { atS: 70, door: 'elsewhere' })],
    observers: [enterprise(0, { hasDomains: false }), { kind: 'calico-dns' }, ...BOTH_HOPS],
  },
]
