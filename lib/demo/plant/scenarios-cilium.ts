import { BOTH_HOPS, bothHops, callMaker, GATEWAY_LOG, HUBBLE, INVENTORY, NODE_LOG, pod, TWO_HOPS } from './build'
import { ELSEWHERE, type Operator, SANCTIONED, type Scenario, STRANGE } from './world'

const GATEWAY_NODE: Operator = { hops: ['hubble'], finalHop: 'hubble', namespaces: ['ml'] }
/** What the cluster is configured to do with the pods' egress. */
const gatewayPolicy = (egressIP: string) =>
  [
    { kind: 'Namespace', namespace: '', name: 'ml', body: { metadata: { labels: {} } } },
    {
      kind: 'CiliumEgressGatewayPolicy',
      namespace: '',
      name: 'ai-egress',
      body: {
        spec: {
          selectors: [{ podSelector: { matchLabels: { app: 'agent' } } }],
          destinationCIDRs: ['0.0.0.0/0'],
          egressGateway: { egressIP },
        },
      },
    },
  ] as const

const one = [pod('agent')]
const call = callMaker(one)
const gatewayCall = callMaker(one, { topology: 'egress-gateway' })
const base = { operator: TWO_HOPS, pods: one }
/** Names come by DNS alone, so that traces of other nodes, which know none, are of the same far end. */
const UNNAMED = [{ ...HUBBLE, hasNames: false }, { kind: 'hubble-dns' }] as const

/** Pods that Cilium watches, behind a node that masquerades and a NAT gateway, or an egress gateway of Cilium. */
export const CILIUM_SCENARIOS: readonly Scenario[] = [
  {
    ...base,
    name: 'cilium-two-hops',
    story: 'A pod calls OpenAI by the sanctioned gateway, and once by another; both hops log.',
    looks: 'as it is',
    calls: [call('good', 'agent'), call('bad', 'agent', { atS: 30, door: 'elsewhere', host: 'api.anthropic.com' })],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'cilium-nothing-logged',
    story: 'A pod leaves wrongly, and no hop logs: nothing may be said.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE],
  },
  {
    ...base,
    name: 'cilium-policy-blocks',
    story: 'A pod tries DeepSeek again and again; a policy stops every try.',
    looks: 'bad, is fine',
    calls: [0, 70, 140].map((atS, at) =>
      call(`try-${at}`, 'agent', { atS, fate: 'blocked', host: 'api.deepseek.com', clientPort: 45_000 }),
    ),
    observers: [HUBBLE, ...BOTH_HOPS],
    guards: { D16: 'd16-denied-provider' },
  },
  {
    ...base,
    name: 'cilium-gateway-missing',
    story: 'The egress gateway has no node: packets are dropped, which is no bypass.',
    looks: 'bad, is fine',
    calls: [call('dropped', 'agent', { fate: 'broken' })],
    observers: [HUBBLE, ...BOTH_HOPS],
    guards: { D6: 'cilium-policy-blocks', D12: 'd12-list-not-confirmed' },
  },
  {
    ...base,
    name: 'node-address-before-the-last-hop',
    story: 'The node masquerades to a public address of its own, which looks like the way out; the gateway follows.',
    looks: 'bad, is fine',
    calls: [
      {
        ...call('good', 'agent'),
        way: [
          { hop: 'node', ip: STRANGE, port: 21_000 },
          { hop: 'nat-gw', ip: SANCTIONED, port: 51_000 },
        ],
      },
    ],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'public-node-address-alone',
    story: 'The same, and the gateway does not log: the node’s public address is not where it left.',
    looks: 'bad, is fine',
    calls: [
      {
        ...call('good', 'agent'),
        way: [
          { hop: 'node', ip: STRANGE, port: 21_000 },
          { hop: 'nat-gw', ip: SANCTIONED, port: 51_000 },
        ],
      },
    ],
    observers: [HUBBLE, NODE_LOG],
  },
  {
    ...base,
    operator: GATEWAY_NODE,
    name: 'reply-names-a-service-address',
    story: 'Hubble’s translated source of a reply is a ClusterIP, and no way out.',
    looks: 'bad, is fine',
    calls: [gatewayCall('good', 'agent')],
    observers: [...UNNAMED, { kind: 'hubble-translated', node: 'node-a', as: 'reply', ip: '10.105.81.168' }],
  },
  {
    ...base,
    operator: GATEWAY_NODE,
    name: 'reply-names-a-public-address',
    story: 'A reply carries the public address of a load balancer, which is no way out either.',
    looks: 'bad, is fine',
    calls: [gatewayCall('good', 'agent')],
    observers: [...UNNAMED, { kind: 'hubble-translated', node: 'node-a', as: 'reply', ip: STRANGE }],
  },
  {
    ...base,
    operator: GATEWAY_NODE,
    name: 'overlay-names-a-public-address',
    story: 'Between nodes the tunnel’s outer address is a public one; the pod leaves elsewhere, rightly.',
    looks: 'bad, is fine',
    calls: [gatewayCall('good', 'agent')],
    observers: [...UNNAMED, { kind: 'hubble-translated', node: 'node-a', as: 'overlay', ip: STRANGE }],
  },
  {
    ...base,
    operator: GATEWAY_NODE,
    name: 'egress-gateway-proves',
    story: 'The gateway’s node traces the pod’s packet with the sanctioned address, and nothing follows it.',
    looks: 'as it is',
    calls: [gatewayCall('good', 'agent')],
    observers: [...UNNAMED, { kind: 'hubble-translated', node: 'node-b', as: 'egress' }],
  },
  {
    ...base,
    operator: GATEWAY_NODE,
    name: 'egress-gateway-uses-another-address',
    story: 'The policy lists the sanctioned address; packets leave by another (cilium#34216).',
    looks: 'fine, is bad',
    calls: [gatewayCall('bad', 'agent', { door: 'elsewhere' })],
    observers: [...UNNAMED, { kind: 'hubble-translated', node: 'node-b', as: 'egress' }, INVENTORY],
    objects: gatewayPolicy(SANCTIONED),
  },
  {
    ...base,
    operator: GATEWAY_NODE,
    name: 'egress-gateway-listed-not-seen',
    story: 'The policy lists the sanctioned address; packets leave by another, and nobody sees it.',
    looks: 'fine, is bad',
    calls: [gatewayCall('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, INVENTORY],
    objects: gatewayPolicy(SANCTIONED),
  },
  {
    ...base,
    operator: GATEWAY_NODE,
    name: 'egress-gateway-two-connections',
    story: 'Two connections of a pod to one server; the gateway’s trace lacks the pod’s port and may mean either.',
    looks: 'fine, is bad',
    calls: [gatewayCall('good', 'agent'), gatewayCall('bad', 'agent', { atS: 20, door: 'elsewhere' })],
    observers: [...UNNAMED, { kind: 'hubble-translated', node: 'node-b', as: 'egress', misses: ['bad'] }],
  },
  {
    ...base,
    pods: [pod('agent', { fromS: -3 })],
    name: 'egress-gateway-not-in-force-yet',
    story:
      'A new pod leaves by the node for a moment, until the gateway’s map is programmed: outside, and a startup race.',
    looks: 'fine, is bad',
    calls: [call('early', 'agent', { door: 'elsewhere' }), call('later', 'agent', { atS: 40 })],
    observers: [HUBBLE, INVENTORY, ...BOTH_HOPS],
    objects: gatewayPolicy(SANCTIONED),
    leavesOpen: ['D0'],
  },
  {
    ...base,
    name: 'forged-acquittal',
    story: 'The workload sends NAT records of its own that name the sanctioned address; it left by another.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [
      HUBBLE,
      { ...NODE_LOG, isUntrusted: true },
      { ...GATEWAY_LOG, isUntrusted: true, lies: { bad: SANCTIONED } },
    ],
  },
  {
    ...base,
    name: 'forged-acquittal-behind-a-true-hop',
    story: 'The node’s log is true and trusted, the gateway’s is the workload’s invention.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, NODE_LOG, { ...GATEWAY_LOG, isUntrusted: true, lies: { bad: SANCTIONED } }],
  },
  {
    ...base,
    name: 'forged-accusation',
    story: 'Somebody without the right sends records that accuse a pod which left rightly, as trusted hops prove.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE, ...BOTH_HOPS, { ...GATEWAY_LOG, isUntrusted: true, lies: { good: ELSEWHERE } }],
  },
  {
    ...base,
    name: 'forged-accusation-alone',
    story: 'The same without trusted hops: a hint, and no violation.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [
      HUBBLE,
      { ...NODE_LOG, isUntrusted: true },
      { ...GATEWAY_LOG, isUntrusted: true, lies: { good: ELSEWHERE } },
    ],
  },
  {
    ...base,
    name: 'span-names-the-gateway',
    story:
      'The span claims that the call went by the company’s gateway; the flow went straight to the provider, and out wrongly.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, ...BOTH_HOPS],
    spans: [{ pod: 'agent', host: 'litellm.gateway.svc.cluster.local', port: 4000, scheme: 'http', atS: 0.1 }],
    finds: [
      { detector: 'D17', workload: 'ml/agent', target: 'OpenAI', severity: 'medium' },
      { detector: 'D7', workload: 'ml/agent', target: 'OpenAI', severity: 'low' },
      { detector: 'D1', workload: 'ml/agent', target: 'gateway/litellm', severity: 'medium' },
    ],
  },
  {
    ...base,
    name: 'hard-coded-address',
    story: 'A pod calls an address of Anthropic’s range that it never asked for, and leaves wrongly.',
    looks: 'fine, is bad',
    calls: [
      call('named', 'agent', { host: 'api.openai.com' }),
      call('bad', 'agent', { atS: 90, host: 'api.anthropic.com', door: 'elsewhere', asked: [] }),
    ],
    observers: [HUBBLE, { kind: 'hubble-dns' }, ...BOTH_HOPS],
    finds: [{ detector: 'D9', workload: 'ml/agent', target: 'Anthropic', severity: 'low' }],
  },
  {
    ...base,
    name: 'observe-only-rule',
    story: 'A rule that only observes: the violation is told, and opens no finding.',
    looks: 'as it is',
    operator: { ...TWO_HOPS, mode: 'observe' },
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'no-rule-for-the-namespace',
    story: 'Nobody said by which door this namespace should leave: shown, not judged.',
    looks: 'bad, is fine',
    operator: { ...TWO_HOPS, namespaces: ['prod'] },
    calls: [call('shown', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'private-endpoint',
    story: 'A private endpoint of Azure OpenAI: nothing is translated on the way.',
    looks: 'bad, is fine',
    calls: [call('private', 'agent', { host: 'planner-ai.openai.azure.com', serverIp: '10.20.0.9' })],
    observers: [HUBBLE],
    guards: { D12: 'azure-audit' },
  },
  {
    ...base,
    name: 'long-lived-connection',
    story: 'A stream of ten minutes, of which the hops log the beginning alone.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent', { lastsS: 240 })],
    observers: [HUBBLE, ...BOTH_HOPS],
  },
  {
    ...base,
    name: 'everything-late',
    story: 'Both hops’ logs come half an hour after the call: judged again.',
    looks: 'bad, is fine',
    calls: [call('good', 'agent')],
    observers: [HUBBLE, ...bothHops({ isLate: true })],
  },
  {
    ...base,
    name: 'violation-learned-late',
    story: 'A call that nothing accused for half an hour; then the logs come.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, NODE_LOG, { ...GATEWAY_LOG, isLate: true }],
  },
]
