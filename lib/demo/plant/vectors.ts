import {
  type CallWish,
  callMaker,
  type Door,
  GATEWAY_LOG,
  HUBBLE,
  INVENTORY,
  NODE_LOG,
  pod,
  type Topology,
  TWO_HOPS,
} from './build'
import type { LabelState } from './labels'
import { type ClusterObject, type Observer, type Operator, type PlantPod, SANCTIONED, type Scenario } from './world'

/** A decision of the evidence model (nat-evidence §3.2) that something decides, as bytes can show it. */
export interface Vector {
  readonly name: string
  /** Its number in the corpus' list of decision vectors, where it stands there. */
  readonly corpus?: number
  readonly expect: Exclude<LabelState, 'unverified' | 'unjudged'>
  readonly host: string
  readonly topology: Topology
  readonly door: Door
  readonly operator: (name: string) => Operator
  /** What proves it, beside the flow log. */
  readonly evidence: readonly Observer[]
  readonly flowLog?: readonly Observer[]
  readonly call?: CallWish
  readonly objects?: readonly ClusterObject[]
  /** How far neighbours must be for evidence that tells no port, or only the caller. */
  readonly gapS: number
}

const OPENAI = 'api.openai.com'
const FAR_S = 400
const NEAR_S = 60
const two = () => TWO_HOPS
const role = (name: string): Operator => ({
  ...TWO_HOPS,
  principals: { [`arn:aws:sts::111122223333:assumed-role/${name}/*`]: 'ml/agent' },
})
const GCP = { kind: 'gcp-nat', hop: 'nat-gw' } as const
const INTENT: readonly ClusterObject[] = [
  { kind: 'Namespace', namespace: '', name: 'ml', body: { metadata: { labels: {} } } },
  {
    kind: 'CiliumEgressGatewayPolicy',
    namespace: '',
    name: 'ai-egress',
    body: {
      spec: {
        selectors: [{ podSelector: { matchLabels: { app: 'agent' } } }],
        destinationCIDRs: ['0.0.0.0/0'],
        egressGateway: { egressIP: SANCTIONED },
      },
    },
  },
]
const base = {
  host: OPENAI,
  topology: 'node-and-gateway',
  door: 'sanctioned',
  operator: two,
  evidence: [],
  gapS: NEAR_S,
} as const
const trail = {
  ...base,
  host: 'bedrock-runtime.us-east-1.amazonaws.com',
  operator: role,
  evidence: [{ kind: 'cloudtrail' }],
  gapS: FAR_S,
} as const

export const VECTORS: readonly Vector[] = [
  { ...trail, name: 'provider-saw-it-inside', corpus: 1, expect: 'sanctioned' },
  { ...trail, name: 'provider-saw-it-outside', corpus: 2, expect: 'violation', door: 'elsewhere' },
  { ...base, name: 'final-hop-inside', corpus: 4, expect: 'sanctioned', topology: 'gateway', evidence: [GCP] },
  { ...base, name: 'final-hop-outside', expect: 'violation', topology: 'gateway', door: 'elsewhere', evidence: [GCP] },
  { ...base, name: 'two-hops-inside', corpus: 12, expect: 'sanctioned', evidence: [NODE_LOG, GATEWAY_LOG] },
  { ...base, name: 'two-hops-outside', expect: 'violation', door: 'elsewhere', evidence: [NODE_LOG, GATEWAY_LOG] },
  {
    ...base,
    name: 'gateway-node-outside',
    expect: 'violation',
    topology: 'egress-gateway',
    door: 'elsewhere',
    operator: () => ({ hops: ['hubble'], finalHop: 'hubble', namespaces: ['ml'] }),
    flowLog: [{ ...HUBBLE, hasNames: false }, { kind: 'hubble-dns' }],
    evidence: [{ kind: 'hubble-translated', node: 'node-b', as: 'egress' }],
    gapS: FAR_S,
  },
  {
    ...base,
    name: 'mapped-gateway-without-ports',
    expect: 'sanctioned',
    topology: 'gateway',
    flowLog: [HUBBLE, INVENTORY],
    evidence: [{ kind: 'aws-vpc', hop: 'nat-gw', hasPorts: false }],
    call: { atS: 20 },
    gapS: FAR_S,
  },
  {
    ...base,
    name: 'observation-beats-intent',
    expect: 'violation',
    topology: 'gateway',
    door: 'elsewhere',
    flowLog: [HUBBLE, INVENTORY],
    evidence: [GCP],
    objects: INTENT,
  },
  {
    ...base,
    name: 'within-the-clock-skew',
    expect: 'violation',
    topology: 'gateway',
    door: 'elsewhere',
    evidence: [{ ...GATEWAY_LOG, skewS: 4.99 }],
  },
  {
    ...base,
    name: 'stopped-by-a-policy',
    corpus: 21,
    expect: 'blocked',
    call: { fate: 'blocked' },
    evidence: [NODE_LOG, GATEWAY_LOG],
  },
  { ...base, name: 'gateway-missing', expect: 'broken', call: { fate: 'broken' }, evidence: [NODE_LOG, GATEWAY_LOG] },
  {
    ...base,
    name: 'private-endpoint',
    corpus: 22,
    expect: 'not_applicable',
    host: 'planner-ai.openai.azure.com',
    call: { serverIp: '10.20.0.9' },
    topology: 'none',
  },
  {
    ...trail,
    name: 'no-rule-speaks-of-it',
    corpus: 24,
    expect: 'no_rule',
    door: 'elsewhere',
    operator: (name) => ({ ...role(name), namespaces: ['prod'] }),
  },
]

export const VARIANTS = [
  'plain',
  'port-reused',
  'address-reused',
  'twin-clusters',
  'name-of-another-pod',
  'two-names-of-the-pod',
  'late',
] as const
export type Variant = (typeof VARIANTS)[number]

/** Id of the call that the vector is about. */
export const VECTOR_CALL = 'vector'
const PORT = 45_000
const OTHER_DOOR = (door: Door): Door => (door === 'sanctioned' ? 'elsewhere' : 'sanctioned')

/** A vector with what could be taken for it beside it: neighbours of the same port, address, tuple or name, by the other door. */
export function vectorScenario(vector: Vector, variant: Variant): Scenario {
  const name = `${vector.name}--${variant}`
  const pods = podsOf(variant)
  const { host, topology, door } = vector
  const make = callMaker(pods, { host, topology, clientPort: PORT, ...vector.call })
  const atS = vector.call?.atS ?? 0
  const own = make(VECTOR_CALL, 'own', {
    door,
    ...(variant === 'two-names-of-the-pod' && { asked: [host, 'cdn.example.com'] }),
  })
  const left = { fate: 'left', door: OTHER_DOOR(door) } as const
  const gapS = variant === 'address-reused' ? FAR_S : vector.gapS
  const neighbours = {
    plain: () => [],
    late: () => [],
    'two-names-of-the-pod': () => [],
    'port-reused': () => [
      make('before', 'own', { ...left, atS: atS - gapS }),
      make('after', 'own', { ...left, atS: atS + gapS }),
    ],
    'address-reused': () => [
      make('before', 'before', { ...left, atS: atS - gapS }),
      make('after', 'after', { ...left, atS: atS + gapS }),
    ],
    'twin-clusters': () => [make('twin', 'twin', left)],
    'name-of-another-pod': () => [
      make('shop', 'shop', {
        ...left,
        serverIp: own.serverIp,
        host: 'cdn.example.com',
        asked: ['cdn.example.com'],
        atS: atS + 5,
      }),
    ],
  }[variant]()
  const isLate = variant === 'late'
  return {
    name,
    story: `${vector.name}, ${variant}`,
    looks: 'as it is',
    operator: vector.operator(name),
    pods,
    calls: [own, ...neighbours],
    observers: [
      ...(vector.flowLog ?? [HUBBLE]),
      ...vector.evidence.map((one) => ({ ...one, ...(isLate && { isLate }) })),
    ],
    ...(vector.objects && { objects: vector.objects }),
  }
}

function podsOf(variant: Variant): PlantPod[] {
  const own = pod('own')
  switch (variant) {
    case 'address-reused':
      return [
        pod('before', { namespace: 'lab', workload: 'notebook', toS: -200 }),
        pod('own', { fromS: -150, toS: 200 }),
        pod('after', { namespace: 'lab', workload: 'crawler', fromS: 250 }),
      ]
    case 'twin-clusters':
      return [own, pod('twin', { cluster: '-b' })]
    case 'name-of-another-pod':
      return [own, pod('shop', { workload: 'shop', ip: '10.244.1.9' })]
    default:
      return [own]
  }
}

/** What must be said of the vector's call: two names of its own pod take away what is known of the far end. */
export const expectedOf = (vector: Vector, variant: Variant): LabelState =>
  variant === 'two-names-of-the-pod' && (vector.expect === 'sanctioned' || vector.expect === 'violation')
    ? 'unverified'
    : vector.expect

/** Corpus vector 26: of 340 connections 120 are proven right, 3 proven wrong, and 217 known to nobody. */
export const GROUP = { corpus: 26, right: 120, wrong: 3, unknown: 217 } as const

export function groupScenario(isLate: boolean): Scenario {
  const pods = [pod('own')]
  const make = callMaker(pods, { topology: 'gateway' })
  const { right, wrong, unknown } = GROUP
  const calls = Array.from({ length: right + wrong + unknown }, (_, at) =>
    make(`c${at}`, 'own', { atS: at, door: at >= right && at < right + wrong ? 'elsewhere' : 'sanctioned' }),
  )
  const misses = calls.slice(right + wrong).map(({ id }) => id)
  return {
    name: `group--${isLate ? 'late' : 'plain'}`,
    story: 'A group of which few are known, and three are proven wrong.',
    looks: 'fine, is bad',
    operator: TWO_HOPS,
    pods,
    calls,
    observers: [HUBBLE, { ...GCP, misses, isLate }],
  }
}
