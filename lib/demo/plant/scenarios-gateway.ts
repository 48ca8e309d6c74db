import { callMaker, HUBBLE, pod } from './build'
import type { Scenario, TranslatedWatcher } from './world'

const one = [pod('agent')]
const call = callMaker(one, { topology: 'egress-gateway' })
const base = {
  operator: { hops: ['hubble'], finalHop: 'hubble', namespaces: ['ml'] },
  pods: one,
} as const
/** The gateway's node: it knows by which address a packet left, and neither the pod's port nor a name. */
const gatewayNode = (change: Partial<TranslatedWatcher> = {}): TranslatedWatcher => ({
  kind: 'hubble-translated',
  node: 'node-b',
  as: 'egress',
  ...change,
})

/** Pods behind an egress gateway of Cilium, whose own node alone knows what they call by name. */
export const GATEWAY_SCENARIOS: readonly Scenario[] = [
  {
    ...base,
    name: 'egress-gateway-named-at-the-pods-node',
    story:
      'The pod’s node names the far end, the gateway’s node knows the address it left by and no name; no DNS log joins them.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-named-and-right',
    story: 'The same, and it left by the sanctioned address.',
    looks: 'as it is',
    calls: [call('good', 'agent', { lastsS: 30 })],
    observers: [HUBBLE, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-told-half-an-hour-before-the-name',
    story: 'The gateway’s node tells at once, the pod’s node half an hour later.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere', lastsS: 20 })],
    observers: [{ ...HUBBLE, isLate: true }, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-told-half-an-hour-after-the-name',
    story: 'The pod’s node tells at once, the gateway’s half an hour later.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, gatewayNode({ isLate: true })],
  },
  {
    ...base,
    name: 'egress-gateway-named-by-both-logs',
    story: 'Answers of DNS name the address too: it is still one call, and not another one to an address.',
    looks: 'as it is',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [HUBBLE, { kind: 'hubble-dns' }, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-judged-before-the-name',
    story: 'Answers of DNS name what the gateway’s node tells of; the pod’s node tells of the same call much later.',
    looks: 'as it is',
    calls: [call('good', 'agent')],
    observers: [{ ...HUBBLE, isLate: true }, { kind: 'hubble-dns' }, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-saw-one-of-two',
    story: 'A pod opens two connections one after the other; the gateway’s node tells of the first alone.',
    looks: 'fine, is bad',
    calls: [call('good', 'agent'), call('bad', 'agent', { atS: 20, door: 'elsewhere' })],
    observers: [HUBBLE, gatewayNode({ misses: ['bad'] })],
  },
  {
    ...base,
    name: 'egress-gateway-saw-two-at-once',
    story: 'A pod opens two connections at once, by different doors: which is whose nobody can tell.',
    looks: 'fine, is bad',
    calls: [call('good', 'agent'), call('bad', 'agent', { atS: 1, door: 'elsewhere' })],
    observers: [HUBBLE, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-saw-two-at-once-one-late',
    story: 'The same, and of one of them the pod’s node does not tell: the gateway’s traces still are two.',
    looks: 'fine, is bad',
    calls: [call('good', 'agent'), call('bad', 'agent', { atS: 1, door: 'elsewhere' })],
    observers: [{ ...HUBBLE, misses: ['bad'] }, { ...HUBBLE, misses: ['good'], isLate: true }, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-two-names-of-one-address',
    story:
      'A pod calls two hosts behind one front at once, one of them a provider’s: the gateway’s node sees one address.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' }), call('other', 'agent', { atS: 2, host: 'cdn.example.com' })],
    observers: [HUBBLE, gatewayNode()],
  },
  {
    ...base,
    name: 'egress-gateway-alone-saw-it',
    story: 'Only the gateway’s node tells of a call: to which host, nobody knows.',
    looks: 'fine, is bad',
    calls: [call('bad', 'agent', { door: 'elsewhere' })],
    observers: [gatewayNode()],
  },
]
