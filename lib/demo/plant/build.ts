import {
  ELSEWHERE,
  GATEWAYS,
  NODES,
  type Operator,
  type PlantPod,
  SANCTIONED,
  SERVER_OF,
  type TrueCall,
  type TrueHop,
} from './world'

/** A pod of `ml/agent` on node-a since two hours before the scenario, changed where it matters. */
export const pod = (key: string, change: Partial<PlantPod> = {}): PlantPod => ({
  key,
  namespace: 'ml',
  workload: 'agent',
  ip: '10.244.1.7',
  node: 'node-a',
  labels: { app: change.workload ?? 'agent' },
  fromS: -7200,
  cluster: '',
  ...change,
})

/** How a cluster's packets leave. */
export type Topology =
  /** The node masquerades, the NAT gateway translates the node. */
  | 'node-and-gateway'
  /** Pods keep their address as far as the NAT gateway. */
  | 'gateway'
  /** The node masquerades to a public address of its own; nothing follows. */
  | 'node'
  /** An egress gateway of Cilium: its node translates the pod. */
  | 'egress-gateway'
  /** The pod's own address is seen outside. */
  | 'none'

export type Door = 'sanctioned' | 'elsewhere' | { readonly ip: string }

export interface CallWish extends Partial<Omit<TrueCall, 'way' | 'seenAs' | 'id' | 'pod'>> {
  /** By which public address it truly leaves. Default sanctioned. */
  readonly door?: Door
  readonly topology?: Topology
}

/**
 * Makes the calls of one scenario: ports of translations are given out one after the other, so that no two calls share one by chance.
 * `gatewayLogsPrivate`: the gateway's log shows its private address, as on AWS.
 */
export function callMaker(pods: readonly PlantPod[], usual: CallWish = {}) {
  let given = 0
  return (id: string, podKey: string, wish: CallWish = {}): TrueCall => {
    given += 1
    const { door = 'sanctioned', topology = 'node-and-gateway', ...rest } = { ...usual, ...wish }
    const host = rest.host ?? 'api.openai.com'
    const caller = pods.find((one) => one.key === podKey)
    if (!caller) throw new Error(`no pod ${podKey}`)
    const publicIp = door === 'sanctioned' ? SANCTIONED : door === 'elsewhere' ? ELSEWHERE : door.ip
    const isOut = (rest.fate ?? 'left') === 'left'
    return {
      id,
      pod: podKey,
      serverIp: SERVER_OF[host] ?? '203.0.113.200',
      port: 443,
      clientPort: 41_000 + given,
      atS: 0,
      lastsS: 0,
      fate: 'left',
      asked: [host],
      ...rest,
      host,
      way: isOut ? wayOut(topology, caller, publicIp, given) : [],
      seenAs: topology === 'none' ? caller.ip : publicIp,
    }
  }
}

function wayOut(topology: Topology, caller: PlantPod, publicIp: string, given: number): TrueHop[] {
  const node = { hop: 'node', ip: NODES[caller.node] ?? '', port: 20_000 + given }
  const gateway = { hop: 'nat-gw', ip: publicIp, port: 50_000 + given }
  switch (topology) {
    case 'node-and-gateway':
      return [node, gateway]
    case 'gateway':
      return [gateway]
    case 'node':
      return [{ ...node, ip: publicIp }]
    case 'egress-gateway':
      return [{ hop: 'hubble', ip: publicIp, port: 50_000 + given }]
    case 'none':
      return []
  }
}

/** Two hops, the gateway last; a rule for namespace ml. */
export const TWO_HOPS: Operator = { hops: ['node', 'nat-gw'], finalHop: 'nat-gw', map: GATEWAYS, namespaces: ['ml'] }
export const HUBBLE = { kind: 'hubble' } as const
export const INVENTORY = { kind: 'inventory' } as const
export const NODE_LOG = { kind: 'conntrack', hop: 'node' } as const
export const GATEWAY_LOG = { kind: 'conntrack', hop: 'nat-gw' } as const
export const BOTH_HOPS = [NODE_LOG, GATEWAY_LOG] as const
export const bothHops = (change: { readonly misses?: readonly string[]; readonly isLate?: boolean }) =>
  [
    { ...NODE_LOG, ...change },
    { ...GATEWAY_LOG, ...change },
  ] as const
