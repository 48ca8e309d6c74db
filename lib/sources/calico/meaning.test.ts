import { describe, expect, it } from 'vitest'
import type { Flow } from '@/lib/model/flow'
import { createCalicoDecoder } from './decode'

const SRC = 1
const DST = 2
const ALLOW = 1
const DENY = 2

interface Given {
  readonly key?: object
  readonly enforced?: readonly unknown[]
  readonly pending?: readonly unknown[]
  readonly rest?: object
}

const wire = ({ key, enforced = [], pending = [], rest }: Given) => ({
  Key: {
    source_name: 'agent-*',
    source_namespace: 'ml',
    source_type: 1,
    dest_name: 'store-*',
    dest_namespace: 'rag',
    dest_type: 1,
    dest_port: 443,
    proto: 'tcp',
    reporter: SRC,
    action: ALLOW,
    policies: { enforced_policies: enforced, pending_policies: pending },
    ...key,
  },
  start_time: 1_764_000_000,
  end_time: 1_764_000_015,
  bytes_in: 246,
  bytes_out: 21,
  num_connections_started: 1,
  ...rest,
})

function decode(...given: readonly Given[]): readonly Flow[] {
  const decoder = createCalicoDecoder()
  for (const [index, item] of given.entries()) decoder.push(wire(item), index + 1)
  const { flows, rejects } = decoder.finish()
  expect(rejects).toEqual([])
  return flows
}
const verdictOf = (given: Given) => decode(given)[0]?.verdict

describe('upstream’s truth table of staged policies', () => {
  const PASS = '0|tier1|np:default/tier1.np1-1|pass|0'
  const PROFILE = '1|__PROFILE__|pro:kns.default|allow|0'
  it.each([
    [
      'denied, and a staged policy would deny earlier',
      {
        key: { action: DENY },
        enforced: ['0|tier2|np:default/tier2.np2-4|deny|0'],
        pending: ['0|tier2|snp:default/tier2.np2-3|deny|1'],
      },
      { outcome: 'denied', basis: 'rule', pending: 'same' },
    ],
    [
      'allowed, and a staged policy would allow',
      {
        enforced: ['0|tier1|np:default/tier1.np1-1|pass|1', '1|default|np:default/default.np3-3|allow|0'],
        pending: ['0|tier1|np:default/tier1.np1-1|pass|1', '1|tier2|snp:default/tier2.np2-3|allow|0'],
      },
      { outcome: 'allowed', basis: 'rule', pending: 'same' },
    ],
    [
      'allowed by default, and would be denied at the end of a tier that a staged policy brings into play',
      { enforced: [PASS, PROFILE], pending: [PASS, '1|tier2|snp:default/tier2.np2-1|deny|-1'] },
      { outcome: 'allowed', basis: 'no_policy', pending: 'would_deny' },
    ],
    [
      'allowed by default, and a tier’s default pass changes nothing',
      {
        enforced: [PASS, PROFILE],
        pending: [PASS, '1|tier2|snp:default/tier2.np2-1|pass|-1', '2|__PROFILE__|pro:kns.default|allow|0'],
      },
      { outcome: 'allowed', basis: 'no_policy', pending: 'same' },
    ],
  ])('%s', (_name, given, expected) => {
    expect(verdictOf(given)).toEqual({ ...expected, layer: 'L4' })
  })

  it('names the staged policy that would bring the tier into play', () => {
    const [flow] = decode({ enforced: [PASS, PROFILE], pending: [PASS, '1|tier2|snp:default/tier2.np2-1|deny|-1'] })
    expect(flow?.trace.pending?.at(-1)).toEqual({
      kind: 'EndOfTier',
      namespace: '',
      tier: 'tier2',
      name: '',
      action: 'deny',
      trigger: { kind: 'StagedNetworkPolicy', namespace: 'default', tier: 'tier2', name: 'np2-1' },
    })
  })
})

describe('verdicts', () => {
  it.each([
    ['denied by the default of a tier', DENY, ['0|default|knp:ml/isolate|deny|-1'], 'denied', 'default'],
    ['allowed by the default of a tier', ALLOW, ['0|t|gnp:t.p|allow|-1'], 'allowed', 'default'],
    ['denied with no policy at all', DENY, ['0|__PROFILE__|pro:kns.ml|deny|0'], 'denied', 'no_policy'],
    ['allowed without an explanation', ALLOW, [], 'allowed', 'not_reported'],
    ['denied without an explanation', DENY, [], 'denied', 'not_reported'],
    ['no action', 0, ['0|t|gnp:t.p|allow|0'], 'unknown', 'not_reported'],
    ['pass is no verdict of a flow', 3, ['0|t|gnp:t.p|pass|0'], 'unknown', 'not_reported'],
    ['a trace that ends in pass explains nothing', ALLOW, ['0|t|gnp:t.p|pass|0'], 'allowed', 'not_reported'],
    ['a trace that contradicts the action explains nothing', DENY, ['0|t|gnp:t.p|allow|0'], 'denied', 'not_reported'],
    ['the end of a tier with a staged trigger decides', DENY, ['0|t|snp:ml/p|deny|-1'], 'denied', 'default'],
    ['a staged policy enforces nothing', DENY, ['0|t|snp:ml/p|deny|0'], 'unknown', 'not_reported'],
  ] as const)('%s', (_name, action, enforced, outcome, basis) => {
    expect(verdictOf({ key: { action }, enforced })).toMatchObject({ outcome, basis, pending: 'unknown' })
  })

  it('says in the evidence what a record contradicts itself in', () => {
    const notes = (enforced: string) => decode({ key: { action: DENY }, enforced: [enforced] })[0]?.raw.notes
    expect(notes('0|t|snp:ml/p|deny|0')).toEqual([expect.stringContaining('13410')])
    expect(notes('0|t|gnp:t.p|allow|0')).toEqual([expect.stringContaining('says allow')])
    expect(notes('0|t|gnp:t.p|deny|0')).toBeUndefined()
  })

  it.each([
    [ALLOW, 'allow', 'same'],
    [ALLOW, 'deny', 'would_deny'],
    [DENY, 'allow', 'would_allow'],
    [DENY, 'deny', 'same'],
    [ALLOW, 'pass', 'unknown'],
    [0, 'deny', 'unknown'],
  ])('action %i with a pending %s is %s', (action, would, pending) => {
    expect(verdictOf({ key: { action }, pending: [`0|t|sgnp:p|${would}|0`] })).toMatchObject({ pending })
  })

  it('sorts hits by their index before it looks for the last, as text and as objects', () => {
    const texts = ['1|default|np:ml/web|deny|-1', '0|sec|gnp:tenant|pass|0']
    const objects = [
      {
        kind: 10,
        tier: 'default',
        action: 2,
        policy_index: 1,
        rule_index: -1,
        trigger: { kind: 1, namespace: 'ml', name: 'web', tier: 'default' },
      },
      { kind: 2, name: 'tenant', tier: 'sec', action: 3 },
    ]
    const [a] = decode({ key: { action: DENY }, enforced: texts })
    const [b] = decode({ key: { action: DENY }, enforced: objects })
    expect(a?.trace.enforced?.map((hit) => hit.kind)).toEqual(['GlobalNetworkPolicy', 'EndOfTier'])
    expect(a).toEqual(b)
    expect(a?.verdict).toMatchObject({ outcome: 'denied', basis: 'default' })
  })

  it('tells "not reported" from "nothing applied": an empty list is no statement', () => {
    expect(decode({})[0]?.trace).toEqual({})
  })
})

describe('which record says what (the rows of the counting table)', () => {
  const RULE = ['0|default|knp:ml/p|allow|0']
  const END = ['0|default|knp:ml/p|deny|-1']
  const pub = { dest_type: 4, dest_name: 'pub', dest_namespace: '-' }

  it('pod to pod allowed: both sides, client → server, with the bytes of one connection on both', () => {
    const [client, server] = decode(
      { enforced: RULE },
      { key: { reporter: DST }, enforced: RULE, rest: { bytes_in: 21, bytes_out: 246 } },
    )
    expect(client).toMatchObject({ observer: 'client', counts: { bytesSent: 21, bytesReceived: 246 } })
    expect(server).toMatchObject({ observer: 'server', counts: { bytesSent: 21, bytesReceived: 246 } })
    expect(server?.client).toEqual(client?.client)
    expect(server?.recordKey).not.toBe(client?.recordKey)
    expect([client?.repeatsSiblingCounts, server?.repeatsSiblingCounts]).toEqual([undefined, undefined])
  })

  it('pod to pod denied by egress policy: the client’s side only', () => {
    expect(decode({ key: { action: DENY }, enforced: END })).toMatchObject([
      { observer: 'client', verdict: { outcome: 'denied', basis: 'default' } },
    ])
  })

  it('pod to pod denied by ingress policy: allowed at the client, denied at the server', () => {
    const flows = decode({ enforced: RULE }, { key: { reporter: DST, action: DENY }, enforced: END })
    expect(flows.map((flow) => [flow.observer, flow.verdict.outcome])).toEqual([
      ['client', 'allowed'],
      ['server', 'denied'],
    ])
  })

  it('pod to an address: internet for pub, a named private network for pvt, never mixed', () => {
    const [outside, inside] = decode({ key: pub }, { key: { ...pub, dest_name: 'pvt' } })
    expect(outside?.server).toMatchObject({ class: 'internet', namespace: '', name: '' })
    expect(inside?.server).toMatchObject({ class: 'external', namespace: '', name: 'private network' })
  })

  it('address to pod: the server’s side only', () => {
    const [flow] = decode({ key: { reporter: DST, source_type: 4, source_name: 'pub', source_namespace: '-' } })
    expect(flow).toMatchObject({ observer: 'server', client: { class: 'internet' }, server: { name: 'store' } })
  })

  it('a network set keeps its name, namespace and labels', () => {
    const rest = { dest_labels: ['ai-provider=openai'] }
    const [flow] = decode({ key: { dest_type: 3, dest_name: 'openai', dest_namespace: 'ml' }, rest })
    expect(flow?.server).toEqual({
      class: 'network-set',
      namespace: 'ml',
      name: 'openai',
      labels: { 'ai-provider': 'openai' },
    })
  })
})

describe('time and identity', () => {
  it('takes an end equal to the start, and none, as one bucket of 15 s', () => {
    for (const end_time of [1_764_000_000, 0])
      expect(decode({ rest: { end_time } })[0]).toMatchObject({ startMs: 1_764_000_000_000, endMs: 1_764_000_015_000 })
  })

  it('gives one key to a record whose counters grew, and another to each part of the flow key', () => {
    const base = decode({})[0]?.recordKey
    expect(decode({ rest: { bytes_in: 999 } })[0]?.recordKey).toBe(base)
    const others = [
      { key: { action: DENY } },
      { key: { dest_port: 80 } },
      { key: { source_name: 'agent-7c9d8b6f5d-*' } },
      { key: { dest_service_name: 'store', dest_service_namespace: 'rag' } },
      { enforced: ['0|t|gnp:t.p|allow|0'] },
      { pending: ['0|t|gnp:t.p|allow|0'] },
      { rest: { start_time: 1_764_000_001 } },
    ].map((given) => decode(given)[0]?.recordKey)
    expect(new Set([base, ...others]).size).toBe(8)
  })

  it('leaves the port of ICMP out of the edge and in the evidence', () => {
    const [flow] = decode({ key: { proto: 'ICMP', dest_port: 2048 } })
    expect(flow).toMatchObject({ protocol: 'icmp', serverPort: 0, raw: { dest_port: 2048 } })
  })

  it('counts a record that started no connection as one event, and never the gauge of live ones', () => {
    const [flow] = decode({ rest: { num_connections_started: 0, num_connections_live: 7 } })
    expect(flow?.counts).toMatchObject({ connections: 0, events: 1 })
  })
})

describe('records that repeat each other’s counters', () => {
  const SETS = ['a', 'b', 'c'].map((name) => [`0|t|gnp:${name}|allow|0`])

  it('counts one of the parts that a key was split into by policy set', () => {
    const flows = decode(...SETS.map((enforced) => ({ enforced })))
    expect(flows.filter((flow) => !flow.repeatsSiblingCounts)).toHaveLength(1)
    expect(flows.map((flow) => flow.raw.notes)).toEqual(Array(3).fill([expect.stringContaining('approximate')]))
  })

  it('counts the largest part, in whatever order they come', () => {
    const parts = SETS.map((enforced, index) => ({ enforced, rest: { bytes_in: [5, 900, 30][index] } }))
    for (const order of [parts, parts.toReversed()])
      expect(decode(...order).filter((flow) => !flow.repeatsSiblingCounts)).toMatchObject([
        { counts: { bytesReceived: 900 } },
      ])
  })

  it('chooses the same part among equals, in whatever order they come', () => {
    const counted = (sets: typeof SETS) =>
      decode(...sets.map((enforced) => ({ enforced }))).find((flow) => !flow.repeatsSiblingCounts)?.recordKey
    expect(counted(SETS)).toBe(counted(SETS.toReversed()))
  })

  it('does not take other ReplicaSets, buckets, sides, actions or ports for parts of one key', () => {
    const flows = decode(
      { enforced: SETS[0] },
      { enforced: SETS[1], key: { source_name: 'agent-7c9d8b6f5d-*' } },
      { enforced: SETS[1], rest: { start_time: 1_764_000_015, end_time: 1_764_000_030 } },
      { enforced: SETS[1], key: { reporter: DST } },
      { enforced: SETS[1], key: { action: DENY } },
      { enforced: SETS[1], key: { dest_port: 80 } },
    )
    expect(flows.filter((flow) => flow.repeatsSiblingCounts)).toEqual([])
  })

  it('counts the record that names the Service and not its twin without one', () => {
    const service = { dest_service_name: 'store', dest_service_namespace: 'rag', dest_service_port: 443 }
    const [twin, stamped] = decode({ rest: { bytes_in: 9999 } }, { key: service })
    expect(twin?.repeatsSiblingCounts).toBe(true)
    expect(twin?.raw.notes).toEqual([expect.stringContaining('Service')])
    expect(stamped?.repeatsSiblingCounts).toBeUndefined()
    expect(stamped?.service).toEqual({ namespace: 'rag', name: 'store' })
  })

  it('counts connections to two Services apart', () => {
    const service = (name: string) => ({ key: { dest_service_name: name, dest_service_namespace: 'rag' } })
    expect(decode(service('a'), service('b')).filter((flow) => flow.repeatsSiblingCounts)).toEqual([])
  })

  it('treats a record that came twice as the one record that it is', () => {
    const flows = decode({ enforced: SETS[0] }, { enforced: SETS[0] })
    expect(flows.map((flow) => flow.repeatsSiblingCounts)).toEqual([undefined, undefined])
    expect(flows[0]?.recordKey).toBe(flows[1]?.recordKey)
  })
})
