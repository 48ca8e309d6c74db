import { BOTH_HOPS, bothHops, callMaker, GATEWAY_LOG, HUBBLE, INVENTORY, NODE_LOG, pod, TWO_HOPS } from './build'
import type { Scenario } from './world'

const one = [pod('agent')]
const call = callMaker(one)
const base = { operator: TWO_HOPS, pods: one }
const PORT = 45_000

const twins = [pod('here'), pod('there', { cluster: '-b' })]
const ofTwins = callMaker(twins)

const reuse = [pod('old', { namespace: 'lab', workload: 'notebook', toS: 60 }), pod('new', { fromS: 90 })]
const ofReuse = callMaker(reuse)

const shared = [pod('agent'), pod('web', { workload: 'web', namespace: 'ml', ip: '10.244.1.8' })]
const ofShared = callMaker(shared)

const deployed = [
  pod('old', { ip: '10.244.1.20', toS: 120 }),
  pod('new-1', { ip: '10.244.1.21', fromS: 90 }),
  pod('new-2', { ip: '10.244.2.22', node: 'node-b', fromS: 95 }),
]
const ofDeployed = callMaker(deployed)

/** What one connection’s evidence must not say of its neighbours: ports, addresses, clusters, names, clocks. */
export const NEIGHBOUR_SCENARIOS: readonly Scenario[] = [
  {
    ...base,
    name: 'port-reused',
    story: 'One source port, used again a minute later by another door: both are proven, each for itself.',
    looks: 'fine, is bad',
    calls: [
      call('bad', 'agent', { clientPort: PORT, door: 'elsewhere' }),
      call('good', 'agent', { atS: 60, clientPort: PORT }),
    ],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'port-reused-neighbour-would-acquit',
    story: 'The first connection’s records are lost; those of the next from that port name the sanctioned door.',
    looks: 'fine, is bad',
    calls: [
      call('bad', 'agent', { clientPort: PORT, door: 'elsewhere' }),
      call('good', 'agent', { atS: 60, clientPort: PORT }),
    ],
    observers: [HUBBLE, ...bothHops({ misses: ['bad'] })],
  },
  {
    ...base,
    name: 'port-reused-neighbour-would-accuse',
    story: 'The other way round: the neighbour left wrongly, and the one in question rightly.',
    looks: 'bad, is fine',
    calls: [
      call('bad', 'agent', { clientPort: PORT, door: 'elsewhere' }),
      call('good', 'agent', { atS: 60, clientPort: PORT }),
    ],
    observers: [HUBBLE, ...bothHops({ misses: ['good'] })],
  },
  {
    ...base,
    name: 'port-reused-at-once',
    story: 'The port is used again after four seconds: clocks do not tell the two connections apart.',
    looks: 'fine, is bad',
    calls: [
      call('bad', 'agent', { clientPort: PORT, door: 'elsewhere' }),
      call('good', 'agent', { atS: 4, clientPort: PORT }),
    ],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'node-port-reused-neighbour-would-acquit',
    story: 'The node gives one translated port to two pods in turn; the gateway’s record of the first is lost.',
    looks: 'fine, is bad',
    pods: shared,
    calls: [
      { ...ofShared('bad', 'agent', { door: 'elsewhere' }), way: way(30_000, 51_000, 'bad') },
      { ...ofShared('good', 'web', { atS: 40 }), way: way(30_000, 51_001, 'good') },
    ],
    observers: [HUBBLE, NODE_LOG, { ...GATEWAY_LOG, misses: ['bad'] }],
  },
  {
    ...base,
    name: 'twin-clusters-other-would-acquit',
    story: 'Two clusters share their addresses and, by chance, the tuple; only the other one’s records are there.',
    looks: 'fine, is bad',
    pods: twins,
    calls: [
      ofTwins('bad', 'here', { clientPort: PORT, door: 'elsewhere' }),
      ofTwins('good', 'there', { clientPort: PORT }),
    ],
    observers: [HUBBLE, ...bothHops({ misses: ['bad'] })],
  },
  {
    ...base,
    name: 'twin-clusters-other-would-accuse',
    story: 'The same, the other way round.',
    looks: 'bad, is fine',
    pods: twins,
    calls: [
      ofTwins('good', 'here', { clientPort: PORT }),
      ofTwins('bad', 'there', { clientPort: PORT, door: 'elsewhere' }),
    ],
    observers: [HUBBLE, ...bothHops({ misses: ['good'] })],
  },
  {
    ...base,
    name: 'twin-clusters-both-logged',
    story: 'The same, and both clusters’ hops log.',
    looks: 'fine, is bad',
    pods: twins,
    calls: [
      ofTwins('good', 'here', { clientPort: PORT }),
      ofTwins('bad', 'there', { clientPort: PORT, door: 'elsewhere' }),
    ],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'address-reused-new-pod',
    story:
      'A notebook of another namespace left wrongly; then its address, and its port, are the agent’s, which leaves rightly.',
    looks: 'bad, is fine',
    pods: reuse,
    calls: [
      ofReuse('old', 'old', { clientPort: PORT, door: 'elsewhere' }),
      ofReuse('new', 'new', { atS: 130, clientPort: PORT }),
    ],
    observers: [HUBBLE, INVENTORY, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'address-reused-old-pod-would-acquit',
    story: 'The pod before left rightly and was logged; the one that has its address now leaves wrongly, unlogged.',
    looks: 'fine, is bad',
    pods: reuse,
    calls: [
      ofReuse('old', 'old', { clientPort: PORT }),
      ofReuse('new', 'new', { atS: 130, clientPort: PORT, door: 'elsewhere' }),
    ],
    observers: [HUBBLE, INVENTORY, ...bothHops({ misses: ['new'] })],
  },
  {
    ...base,
    name: 'deploy-replaces-pods',
    story: 'A deploy: new pods, new addresses, another node, and the same door.',
    looks: 'bad, is fine',
    pods: deployed,
    calls: [
      ofDeployed('before', 'old'),
      ofDeployed('after-1', 'new-1', { atS: 150 }),
      ofDeployed('after-2', 'new-2', { atS: 160 }),
    ],
    observers: [HUBBLE, INVENTORY, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'front-shared-two-names',
    story:
      'A pod asked for OpenAI and for a shop behind the same front; which one it called by the wrong door is not known.',
    looks: 'bad, is fine',
    calls: [
      call('shop', 'agent', {
        host: 'cdn.example.com',
        asked: ['api.openai.com', 'cdn.example.com'],
        door: 'elsewhere',
      }),
    ],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'front-shared-other-pod-asked',
    story: 'One pod asked for OpenAI; another one calls that front without asking, for a shop, and by another door.',
    looks: 'bad, is fine',
    pods: shared,
    calls: [
      ofShared('model', 'agent'),
      ofShared('shop', 'web', { atS: 30, host: 'cdn.example.com', asked: [], door: 'elsewhere' }),
    ],
    observers: [{ ...HUBBLE, hasNames: false }, { kind: 'hubble-dns' }, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'front-shared-each-its-name',
    story: 'Two pods behind one front: one calls OpenAI, by the wrong door, the other a shop; each asked for its own.',
    looks: 'fine, is bad',
    pods: shared,
    calls: [
      ofShared('model', 'agent', { door: 'elsewhere' }),
      ofShared('shop', 'web', { atS: 30, host: 'cdn.example.com', door: 'elsewhere' }),
    ],
    observers: [{ ...HUBBLE, hasNames: false }, { kind: 'hubble-dns' }, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'clocks-within-bounds',
    story: 'Both hops’ clocks are four seconds ahead: still the same connection.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, { ...NODE_LOG, skewS: 4 }, { ...GATEWAY_LOG, skewS: 4 }],
  },
  {
    ...base,
    name: 'clocks-beyond-bounds',
    story: 'Both hops’ clocks are seven seconds ahead: whose records these are is not known.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE, { ...NODE_LOG, skewS: 7 }, { ...GATEWAY_LOG, skewS: 7 }],
  },
  {
    ...base,
    name: 'hops-disagree-about-time',
    story: 'The gateway’s clock is four seconds from the node’s: the chain does not hold.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, NODE_LOG, { ...GATEWAY_LOG, skewS: 4 }],
  },
  {
    ...base,
    name: 'three-outside-of-many',
    story: 'Of many connections three leave wrongly, and half is logged by nobody.',
    looks: 'fine, is bad',
    calls: Array.from({ length: 34 }, (_, at) =>
      call(`c${at}`, 'agent', { atS: at * 3, door: at % 10 === 5 ? 'elsewhere' : 'sanctioned' }),
    ),
    observers: [HUBBLE, NODE_LOG, { ...GATEWAY_LOG, misses: Array.from({ length: 17 }, (_, at) => `c${at * 2}`) }],
  },
]

function way(nodePort: number, gatewayPort: number, door: 'good' | 'bad') {
  const ip = door === 'good' ? '203.0.113.10' : '198.51.100.7'
  return [
    { hop: 'node', ip: '10.0.1.5', port: nodePort },
    { hop: 'nat-gw', ip, port: gatewayPort },
  ]
}
