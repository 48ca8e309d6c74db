import { describe, expect, it } from 'vitest'
import type { EgressConnection, EgressObservation, EgressRule, EvidenceTier, Judgement } from '@/lib/model/egress'
import { SECOND_MS } from '@/lib/model/units'
import { configOf, connectionOf, NAT_PATH, OPENAI, RULE, T0 } from './__fixtures__/scene'
import { explainDoor, explainJudgement } from './explain'
import { joinNatRecords } from './join-nat-records'
import { judgeConnection } from './judge'
import type { JoinFacts, StoredNatRecord } from './nat-candidates'
import { causeOf } from './startup-race'
import { summariseDoor } from './summarise-door'

/** The evidence model, clause by clause: each name begins with the place in formats/nat-evidence.md (or hubble.md) that it guards. */
const GOOD = '203.0.113.10'
const BAD = '198.51.100.7'

const seen = (parts: Partial<EgressObservation> = {}): EgressObservation => ({
  kind: 'conntrack-gw',
  ip: BAD,
  join: 'J3',
  hop: 'aws-natgw',
  trustedChannel: true,
  atMs: T0,
  ...parts,
})
const A = (ip: string, parts: Partial<EgressObservation> = {}) =>
  seen({ kind: 'cloudtrail', ip, join: 'J2', hop: undefined, ...parts })
const B = (ip: string, parts: Partial<EgressObservation> = {}) => seen({ ip, ...parts })
const C = (ip: string, parts: Partial<EgressObservation> = {}) =>
  seen({ kind: 'hubble-xlated', ip, join: 'J2', hopFinal: true, hop: 'hubble', ...parts })
const D = (ip: string, ageSeconds = 60) => seen({ kind: 'canary', ip, join: 'J0', hop: undefined, ageSeconds })
const E = (covers: boolean, ip?: string): EgressObservation => ({
  kind: 'cegp-intent',
  join: 'J0',
  trustedChannel: true,
  atMs: T0,
  covers,
  gateway: 'cilium',
  ...(ip && { ip }),
})

interface Scene {
  readonly connection?: Partial<EgressConnection>
  readonly rule?: Partial<EgressRule>
  readonly config?: Parameters<typeof configOf>[0]
}
const judge = (list: readonly EgressObservation[], { connection = {}, rule = {}, config = {} }: Scene = {}) =>
  judgeConnection(connectionOf(connection), list, configOf({ rules: [{ ...RULE, ...rule }], ...config }))
const words = ({ state, reason, lean }: Judgement) =>
  [state, ...(reason ? [reason] : []), ...(lean === 'none' ? [] : [lean])].join(' ')

describe('§3.2 conclusive', () => {
  it.each<[string, EgressObservation, string]>([
    ['1 final: what a provider asserts needs no hop', A(BAD), 'violation'],
    ['1 final: a hop that the operator declared', B(GOOD), 'sanctioned'],
    [
      '1 final: a hop that nobody declared is not',
      B(BAD, { hop: 'node-masquerade' }),
      'unverified partial_hop likely_violation',
    ],
    ['1 final: a private address never is', B('10.0.0.220'), 'unverified unmapped_nat_address'],
    ['1 final: nor is one of shared address space', B('100.64.3.4'), 'unverified unmapped_nat_address'],
    ['2 joined: J3', B(BAD), 'violation'],
    ['2 joined: J2', B(BAD, { join: 'J2' }), 'violation'],
    ['2 joined: J1 never', B(BAD, { join: 'J1' }), 'unverified join_too_weak likely_violation'],
    ['2 joined: J0 never', B(BAD, { join: 'J0' }), 'unverified join_too_weak likely_violation'],
    ['3 in time: to the second, skew of 5 s', B(BAD, { atMs: T0 + 6 * SECOND_MS }), 'violation'],
    [
      '3 in time: a millisecond beyond it, no more',
      B(BAD, { atMs: T0 + 6 * SECOND_MS + 1 }),
      'unverified join_too_weak',
    ],
    [
      '4 trusted: the workload may accuse',
      B(BAD, { trustedChannel: false }),
      'unverified no_nat_evidence likely_violation',
    ],
    ['4 trusted: and never acquit', B(GOOD, { trustedChannel: false }), 'unverified no_nat_evidence'],
    [
      '4 trusted: a refusal in a trusted log convicts',
      seen({ kind: 'provider-refusal', ip: undefined, join: 'J2' }),
      'violation',
    ],
    [
      '4 trusted: a refusal that the workload tells does not',
      seen({ kind: 'provider-refusal', ip: undefined, join: 'J2', trustedChannel: false }),
      'unverified no_nat_evidence likely_violation',
    ],
  ])('%s', (_, observation, expected) => expect(words(judge([observation]))).toBe(expected))
  it('4 trusted: the refusal that a span tells leaves it unverified, whatever else leans', () => {
    const connection = { refusedByProvider: true }
    expect(words(judge([], { connection }))).toBe('unverified provider_refused likely_violation')
    expect(words(judge([D(GOOD), E(true)], { connection }))).toBe('unverified provider_refused likely_violation')
    // An allow-list at the provider can be stale.
    expect(words(judge([B(GOOD)], { connection }))).toBe('sanctioned')
  })
  it.each<[string, EgressConnection['provider']]>([
    ['5 provider known: not by a shared address', { ...OPENAI, pattern: 'cidr', matchedBy: 'cidr' }],
    ['5 provider known: not by the word of a span', { ...OPENAI, matchedBy: 'span' }],
    ['5 provider known: not by one of several names', { ...OPENAI, ambiguous: true }],
    ['5 provider known: not by a host that serves more than AI', { ...OPENAI, aiExclusive: false }],
  ])('%s', (_, provider) =>
    expect(words(judge([B(BAD)], { connection: { provider } }))).toBe('unverified provider_unknown likely_violation'),
  )
})

const NODE = '10.0.1.5'
const record = (parts: Partial<StoredNatRecord> = {}): StoredNatRecord => ({
  id: `${parts.hop ?? 'aws-natgw'}`,
  recordKey: JSON.stringify(parts),
  source: 'conntrack',
  cluster: 'prod-eu',
  hop: 'aws-natgw',
  trusted: true,
  protocol: 'tcp',
  atMs: T0,
  originalIp: '10.244.1.7',
  originalPort: 41370,
  destinationIp: '203.0.113.200',
  destinationPort: 443,
  translatedIp: GOOD,
  translatedPort: 62782,
  raw: '',
  ...parts,
})
const node = (parts: Partial<StoredNatRecord> = {}) =>
  record({ hop: 'node-masquerade', translatedIp: NODE, translatedPort: 59205, ...parts })
const gateway = (parts: Partial<StoredNatRecord> = {}) => record({ originalIp: NODE, originalPort: 59205, ...parts })
const judgeRecords = (records: readonly StoredNatRecord[], facts: Partial<JoinFacts> = {}) => {
  const connection = connectionOf()
  return words(judge(joinNatRecords({ ...connection, ...facts }, records, [NAT_PATH])))
}

describe('§3.1, §3.2 joins', () => {
  const alone = { ownAddress: {}, onlyConnection: {} }
  it.each<[string, readonly StoredNatRecord[], Partial<JoinFacts>, string]>([
    ['J3 exact tuple and time, at the last hop', [record()], {}, 'sanctioned'],
    ['J3 chain: pod to node to gateway', [node(), gateway()], {}, 'sanctioned'],
    ['J3 chain: the node’s record alone is a part of the way', [node()], {}, 'unverified partial_hop'],
    ['J3 chain: without the node’s the gateway’s is nobody’s', [gateway()], {}, 'unverified no_nat_evidence'],
    ['J3 chain: hops see it begin within 2 s', [node(), gateway({ atMs: T0 + 2000 })], {}, 'sanctioned'],
    [
      'J3 chain: ports are reused, so what begins later is another’s',
      [node(), gateway({ atMs: T0 + 2001 })],
      {},
      'unverified partial_hop',
    ],
    [
      'J3 chain: two translations of one tuple in time decide nothing',
      [node(), gateway(), gateway({ atMs: T0 + 10, translatedIp: BAD })],
      {},
      'unverified join_too_weak',
    ],
    [
      'J3 chain: a hop that translated nothing is a hop',
      [node({ translatedIp: '10.244.1.7', translatedPort: 41370 }), record()],
      {},
      'sanctioned',
    ],
    [
      'J2 without the pod’s port: its only connection, its own address',
      [record()],
      { clientPort: undefined, ...alone },
      'sanctioned',
    ],
    [
      'J2 not where the address may be another pod’s',
      [record()],
      { clientPort: undefined, onlyConnection: {} },
      'unverified join_too_weak likely_ok',
    ],
    [
      'J2 not where another connection was open',
      [record()],
      { clientPort: undefined, ownAddress: {} },
      'unverified join_too_weak likely_ok',
    ],
    [
      'J2 not where another one’s window touches the record',
      [record()],
      { clientPort: undefined, ownAddress: {}, onlyConnection: { fromMs: T0 - 1000 } },
      'unverified join_too_weak likely_ok',
    ],
    ['J1 an aggregate of connections', [record()], { weight: 2 }, 'unverified join_too_weak likely_ok'],
    ['J1 a log that is sampled', [record({ source: 'gcp-vpc' })], {}, 'unverified join_too_weak likely_ok'],
    [
      'J1 a log without ports',
      [record({ destinationPort: undefined, originalPort: undefined })],
      {},
      'unverified join_too_weak likely_ok',
    ],
    [
      'another cluster’s records are not looked at, whatever their addresses',
      [record({ cluster: 'twin' })],
      {},
      'unverified no_nat_evidence',
    ],
  ])('%s', (_, records, facts, expected) => expect(judgeRecords(records, facts)).toBe(expected))
})

describe('§3.2 precedence: the higher one is shown first, and both are kept', () => {
  const mapped = { config: { paths: [{ ...NAT_PATH, publicByPrivate: { '10.0.0.220': GOOD } }] } }
  const ladder: readonly (readonly [string, EgressObservation])[] = [
    ['A', A(GOOD)],
    ['B exact', B(GOOD)],
    ['B at the level of addresses', B(GOOD, { kind: 'aws-vpc-flow', join: 'J2' })],
    ['C declared final', C(GOOD)],
    ['C by map', C('10.0.0.220')],
    ['D', D(GOOD)],
    ['E', E(true)],
  ]
  const pairs = ladder
    .slice(1)
    .flatMap((lower, at) => ladder.slice(0, at + 1).map((higher) => [higher, lower] as const))
  it.each(pairs.map(([high, low]) => [`${high[0]} before ${low[0]}`, high[1], low[1]] as const))(
    '%s',
    (_, high, low) => {
      expect(judge([low, high], mapped).observations).toEqual([high, low])
      expect(judge([high, low], mapped).observations).toEqual([high, low])
    },
  )
  it('an inconclusive one of a higher tier gives the reason, and never outranks a conclusive one of a lower', () => {
    expect(words(judge([A(BAD, { join: 'J1' }), B(GOOD)]))).toBe('sanctioned')
    expect(words(judge([A(BAD, { join: 'J1' }), D(GOOD)]))).toBe('unverified join_too_weak likely_violation')
  })
  it('of two tiers that only lean, the higher leans', () => {
    expect(words(judge([D(BAD), E(true)]))).toBe('unverified sampled_only likely_violation')
    expect(words(judge([D(GOOD, 901), E(false)]))).toBe('unverified stale_probe likely_violation')
  })
})

describe('§3.2 two conclusive observations of one connection that disagree', () => {
  it.each<[string, readonly EgressObservation[], string]>([
    ['by verdict', [B(GOOD), A(BAD)], 'unverified conflicting'],
    ['by address, both right', [B(GOOD), A('203.0.113.11')], 'unverified conflicting likely_ok'],
    ['by address, both wrong', [B(BAD), A('198.51.100.8')], 'unverified conflicting likely_violation'],
    [
      'a refusal, and a right address',
      [B(GOOD), seen({ kind: 'provider-refusal', ip: undefined, join: 'J2' })],
      'unverified conflicting',
    ],
  ])('%s', (_, list, expected) => {
    const rule = { sanctionedSources: [{ cidr: '203.0.113.10/31' }] }
    expect(words(judge(list, { rule }))).toBe(expected)
    expect(judge(list, { rule }).observations).toHaveLength(list.length)
  })
  it('a refusal and a wrong address agree', () => {
    expect(words(judge([B(BAD), seen({ kind: 'provider-refusal', ip: undefined, join: 'J2' })]))).toBe('violation')
  })
})

describe('§3.2 what is beside the verdicts', () => {
  it.each<[string, Partial<EgressConnection>, string]>([
    ['blocked: a policy stopped it', { isBlocked: true }, 'blocked'],
    ['not applicable: a private endpoint of a provider', { serverIp: '10.20.0.9' }, 'not_applicable private_endpoint'],
    ['not applicable: an IPv6 private endpoint', { serverIp: 'fd00::9' }, 'not_applicable private_endpoint'],
    ['not applicable: internal', { serverIp: '10.20.0.9', provider: undefined }, 'not_applicable internal'],
  ])('%s', (_, connection, expected) => expect(words(judge([B(BAD)], { connection }))).toBe(expected))
  it('no rule: the address is shown, and not judged', () => {
    expect(judge([B(BAD)], { rule: { providers: ['anthropic'] } })).toMatchObject({ state: 'no_rule', observedIp: BAD })
  })
})

describe('hubble §3.3, nat-evidence §3.1: what an egress gateway dropped is broken, and no bypass', () => {
  it('whatever leans', () => {
    expect(words(judge([D(BAD), E(true), B(BAD, { join: 'J1' })], { connection: { isBroken: true } }))).toBe('broken')
  })
  it('where the last hop saw it leave all the same, the two contradict each other', () => {
    const connection = { isBroken: true }
    expect(words(judge([B(BAD)], { connection }))).toBe('unverified conflicting likely_violation')
    expect(words(judge([B(GOOD)], { connection }))).toBe('unverified conflicting likely_ok')
  })
})

describe('§3.2 tier D: a probe is sampled', () => {
  it.each<[string, EgressObservation, string]>([
    ['fresh, right', D(GOOD), 'unverified sampled_only likely_ok'],
    ['fresh, wrong', D(BAD), 'unverified sampled_only likely_violation'],
    ['at 15 minutes', D(BAD, 900), 'unverified sampled_only likely_violation'],
    ['older than 15 minutes it is stale, and leans nowhere', D(BAD, 901), 'unverified stale_probe'],
    ['of unknown age', { ...D(BAD), ageSeconds: undefined }, 'unverified stale_probe'],
    [
      'an address that the probe itself tells may accuse, never acquit',
      { ...D(GOOD), trustedChannel: false },
      'unverified no_nat_evidence',
    ],
  ])('%s', (_, observation, expected) => expect(words(judge([observation]))).toBe(expected))
  it('never decides, by however many', () => {
    expect(words(judge(Array.from({ length: 20 }, () => D(GOOD))))).toBe('unverified sampled_only likely_ok')
    expect(words(judge([D(GOOD), D(BAD)]))).toBe('unverified sampled_only')
  })
})

describe('§3.3 the rule', () => {
  it.each<[EvidenceTier, string, string, string]>([
    ['A', 'sanctioned', 'unverified', 'unverified'],
    ['B', 'sanctioned', 'sanctioned', 'unverified'],
    ['C', 'sanctioned', 'sanctioned', 'sanctioned'],
  ])('requireEvidence %s: by A %s, by B %s, by C %s; violations need the same', (requireEvidence, a, b, c) => {
    const states = (ip: string) => [A(ip), B(ip), C(ip)].map((one) => judge([one], { rule: { requireEvidence } }).state)
    expect(states(GOOD)).toEqual([a, b, c])
    expect(states(BAD)).toEqual([a, b, c].map((state) => (state === 'sanctioned' ? 'violation' : state)))
  })
  it('highest priority first, then fewer workloads, and what is still equal is ambiguous', () => {
    const open = { ...RULE, name: 'open', sanctionedSources: [{ cidr: `${BAD}/32` }] }
    const by = (...rules: EgressRule[]) => words(judge([B(BAD)], { config: { rules } }))
    expect(by(RULE, { ...open, priority: 11 })).toBe('sanctioned')
    expect(by(RULE, { ...open, priority: 9 })).toBe('violation')
    expect(by(RULE, { ...open, workloads: { ...RULE.workloads, names: ['planner'] } })).toBe('sanctioned')
    expect(by(RULE, open)).toBe('unverified rule_ambiguous')
  })
  it('denyProviders is no verdict on an address: the rule judges as it would', () => {
    const rules = [RULE]
    const denied = { ...configOf({ rules }), deniedProviders: ['openai'] }
    expect(judgeConnection(connectionOf(), [B(GOOD)], denied).state).toBe('sanctioned')
    expect(judgeConnection(connectionOf(), [B(BAD)], denied).state).toBe('violation')
  })
  it('a mode is no verdict either: what is observed only is judged the same', () => {
    expect(judge([B(BAD)], { rule: { mode: 'observe' } }).state).toBe('violation')
  })
  it('prefixes: a pod’s own IPv6 address that the last hop saw untranslated is the source', () => {
    const connection = { clientIp: '2001:db8:1::7', serverIp: '2001:4860:4860::8888', clientPort: 41370 }
    const untranslated = record({
      originalIp: connection.clientIp,
      destinationIp: connection.serverIp,
      translatedIp: connection.clientIp,
      translatedPort: 41370,
    })
    const list = joinNatRecords(connectionOf(connection), [untranslated], [NAT_PATH])
    const judged = (cidr: string) => words(judge(list, { connection, rule: { sanctionedSources: [{ cidr }] } }))
    expect(judged('2001:db8:1::/64')).toBe('sanctioned')
    expect(judged('2001:db8:2::/64')).toBe('violation')
  })
})

describe('§3.2 groups', () => {
  const of = (state: Judgement['state'], weight: number, rest: Partial<Judgement> = {}) => ({
    judgement: { state, lean: 'none' as const, ...rest },
    weight,
  })
  it('one proven outside connection makes the group a violation, with counts', () => {
    const door = summariseDoor([of('sanctioned', 120), of('violation', 3), of('unverified', 217)])
    expect(door).toMatchObject({ state: 'violation', counts: { sanctioned: 120, violation: 3, unverified: 217 } })
  })
  it('violations of a startup race count as violations, and are told apart', () => {
    const race = of('violation', 2, { cause: 'startup_race', observedIp: BAD })
    expect(summariseDoor([of('sanctioned', 50), race])).toMatchObject({
      state: 'violation',
      counts: { violation: 2 },
      startupRace: 2,
    })
    const mixed = summariseDoor([race, of('violation', 1, { observedIp: BAD })])
    expect(mixed).toMatchObject({ counts: { violation: 3 }, startupRace: 2 })
    expect(explainDoor(summariseDoor([race]))).toContain('All of these violations came of a startup race')
    expect(explainDoor(mixed)).toContain('2 of these violations came of a startup race')
    expect(summariseDoor([of('violation', 1)]).startupRace).toBeUndefined()
  })
  it('a violation that is judged otherwise now is still counted as one that was', () => {
    const door = summariseDoor([
      of('sanctioned', 9),
      of('unverified', 1, { reason: 'conflicting', wasViolation: true }),
    ])
    expect(door).toMatchObject({ counts: { violation: 0 }, formerViolations: 1 })
    expect(explainDoor(door)).toContain('1 connection of it had been proven to violate')
    expect(summariseDoor([of('sanctioned', 9)]).formerViolations).toBeUndefined()
  })
})

describe('hubble §3.3: the startup race of an egress gateway', () => {
  const violation = judge([B(BAD), E(true)])
  const pod = { startedMs: T0 - 20 * SECOND_MS, isSettledLater: true }
  const WINDOW = 60 * SECOND_MS
  it('is a violation just after the pod began, covered by a policy, with later connections inside', () => {
    expect(violation.state).toBe('violation')
    expect(causeOf(violation, T0, pod, WINDOW)).toBe('startup_race')
  })
  it.each<[string, Judgement, number, typeof pod | { isSettledLater: boolean }, number]>([
    ['nothing leaves another state', judge([B(GOOD), E(true)]), T0, pod, WINDOW],
    ['a pod that no policy covers has no race', judge([B(BAD), E(false)]), T0, pod, WINDOW],
    [
      'nor one of Calico’s gateways, of which no such race is known',
      judge([B(BAD), { ...E(true), gateway: 'calico' }]),
      T0,
      pod,
      WINDOW,
    ],
    ['nor one whose intent is not known', judge([B(BAD)]), T0, pod, WINDOW],
    ['nor one that never left rightly later', violation, T0, { ...pod, isSettledLater: false }, WINDOW],
    ['nor one whose start is not known', violation, T0, { isSettledLater: true }, WINDOW],
    ['later than the window it is no race', violation, pod.startedMs + WINDOW + 1, pod, WINDOW],
    ['before the pod it is another pod’s', violation, pod.startedMs - 5001, pod, WINDOW],
    ['a window of 0 tells none apart', violation, pod.startedMs, pod, 0],
  ])('%s', (_, judgement, firstMs, start, windowMs) =>
    expect(causeOf(judgement, firstMs, start, windowMs)).toBeUndefined(),
  )
  it('is said in words, after the verdict that stands', () => {
    const text = explainJudgement({ ...violation, cause: 'startup_race' }, String)
    expect(text).toMatch(/^Left by 198\.51\.100\.7, not by nat-a \(203\.0\.113\.10\)\. A startup race: /)
  })
})
