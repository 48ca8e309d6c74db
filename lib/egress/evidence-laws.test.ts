import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EgressConnection, EgressObservation, EgressRule, Judgement, ObservationKind } from '@/lib/model/egress'
import { configOf, connectionOf, NAT_PATH, OPENAI, RULE, T0 } from './__fixtures__/scene'
import { judgeConnection } from './judge'
import { summariseDoor } from './summarise-door'

/** Laws of the whole model, for any connection, any rules and any set of observations. */
const KINDS: readonly ObservationKind[] = [
  'cloudtrail',
  'provider-audit',
  'provider-refusal',
  'gcp-cloud-nat',
  'aws-vpc-flow',
  'gcp-vpc-flow',
  'azure-natgw-flow',
  'conntrack-gw',
  'conntrack-node',
  'hubble-xlated',
  'canary',
  'cegp-intent',
]
const ADDRESSES = ['203.0.113.10', '203.0.113.11', '198.51.100.7', '10.0.0.220', '10.0.1.5', '2001:db8::1', 'nonsense']

const anything: fc.Arbitrary<EgressObservation> = fc.record(
  {
    kind: fc.constantFrom(...KINDS),
    ip: fc.constantFrom(...ADDRESSES),
    join: fc.constantFrom('J0', 'J1', 'J2', 'J3'),
    hop: fc.constantFrom('node-masquerade', 'aws-natgw', 'elsewhere'),
    hopFinal: fc.boolean(),
    isReply: fc.boolean(),
    ageSeconds: fc.nat(2000),
    covers: fc.boolean(),
    trustedChannel: fc.boolean(),
    atMs: fc.integer({ min: T0 - 8000, max: T0 + 9000 }),
  },
  { requiredKeys: ['kind', 'join'] },
)
/** Half of what is tried could prove something: else verdicts would be rare. */
const proving: fc.Arbitrary<EgressObservation> = fc.record({
  kind: fc.constantFrom(...KINDS.slice(0, 10)),
  ip: fc.constantFrom(...ADDRESSES.slice(0, 4)),
  join: fc.constantFrom('J2', 'J3'),
  hop: fc.constant('aws-natgw'),
  trustedChannel: fc.constant(true),
  atMs: fc.constant(T0),
})
const observations = fc.array(fc.oneof(anything, proving), { maxLength: 8 })

const connections: fc.Arbitrary<EgressConnection> = fc
  .record(
    {
      isBlocked: fc.constantFrom(false, false, false, true),
      isBroken: fc.constantFrom(false, false, false, true),
      refusedByProvider: fc.boolean(),
      serverIp: fc.constantFrom('203.0.113.200', '203.0.113.200', '10.0.0.9', '2001:db8::200'),
      provider: fc.constantFrom(OPENAI, OPENAI, OPENAI, { ...OPENAI, ambiguous: true }),
    },
    { requiredKeys: ['isBlocked', 'isBroken'] },
  )
  .map((parts) => connectionOf({ provider: OPENAI, ...parts }))

const rules: fc.Arbitrary<EgressRule[]> = fc.constantFrom(
  [RULE],
  [RULE],
  [{ ...RULE, requireEvidence: 'A' as const }],
  [{ ...RULE, requireEvidence: 'B' as const }],
  [{ ...RULE, sanctionedSources: [{ cidr: '203.0.113.10/31' }, { cidr: '2001:db8::/64' }] }],
  [RULE, { ...RULE, name: 'again' }],
  [],
)
const maps = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { '10.0.0.220': '203.0.113.10' },
  { '10.0.0.220': '198.51.100.7' },
)

const scenes = fc.record({ connection: connections, rules, publicByPrivate: maps, list: observations })
type Scene = typeof scenes extends fc.Arbitrary<infer One> ? One : never
const judge = ({ connection, rules: inForce, publicByPrivate }: Scene, list: readonly EgressObservation[]): Judgement =>
  judgeConnection(connection, list, configOf({ rules: inForce, paths: [{ ...NAT_PATH, publicByPrivate }] }))

const isProven = (state: string): boolean => state === 'sanctioned' || state === 'violation'
const RUNS = { numRuns: 2000 }

describe('for any connection, any rules and any evidence', () => {
  it('taking any part of the evidence away leaves a verdict, or makes it unverified: never the other verdict', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(scenes, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (scene, kept) => {
        const before = judge(scene, scene.list).state
        const after = judge(
          scene,
          scene.list.filter((_, at) => kept[at]),
        ).state
        seen.set(`${before} ${after}`, (seen.get(`${before} ${after}`) ?? 0) + 1)
        if (isProven(before)) expect([before, 'unverified']).toContain(after)
        // What is beside the verdicts does not come of evidence.
        else if (before !== 'unverified') expect(after).toBe(before)
      }),
      RUNS,
    )
    for (const way of [
      'sanctioned unverified',
      'violation unverified',
      'unverified violation',
      'unverified sanctioned',
    ])
      expect([way, (seen.get(way) ?? 0) > 0]).toEqual([way, true])
  })
  it('without any evidence nothing is sanctioned and nothing a violation', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        expect(isProven(judge(scene, []).state)).toBe(false)
      }),
      RUNS,
    )
  })
  it('the order in which observations stand changes nothing', () => {
    fc.assert(
      fc.property(
        scenes.chain((scene) =>
          fc.tuple(
            fc.constant(scene),
            fc.shuffledSubarray(scene.list, { minLength: scene.list.length, maxLength: scene.list.length }),
          ),
        ),
        ([scene, shuffled]) => {
          expect(judge(scene, shuffled)).toEqual(judge(scene, scene.list))
        },
      ),
      RUNS,
    )
  })
  it('what did not come over a trusted channel, probes and intent turn no state into another', () => {
    const weak = anything.map((one) => ({
      ...one,
      ...(one.kind !== 'canary' && one.kind !== 'cegp-intent' && { trustedChannel: false }),
    }))
    fc.assert(
      fc.property(scenes, fc.array(weak, { maxLength: 4 }), (scene, more) => {
        expect(judge(scene, [...scene.list, ...more]).state).toBe(judge(scene, scene.list).state)
      }),
      RUNS,
    )
  })
})

describe('for any edge', () => {
  it('a proven violation is told, whatever else there is and comes', () => {
    const states = fc.constantFrom('sanctioned', 'unverified', 'blocked', 'broken', 'no_rule', 'not_applicable')
    const groups = fc.array(fc.record({ state: states, weight: fc.integer({ min: 0, max: 1000 }) }), { maxLength: 8 })
    fc.assert(
      fc.property(groups, fc.integer({ min: 1, max: 5 }), (rows, weight) => {
        const rest = rows.map(({ state, weight: count }) => ({
          judgement: { state, lean: 'none' } as const,
          weight: count,
        }))
        const violation = { judgement: { state: 'violation', lean: 'none' } as const, weight }
        expect(summariseDoor([...rest, violation])).toMatchObject({ state: 'violation', counts: { violation: weight } })
        const former = { judgement: { state: 'unverified', lean: 'none', wasViolation: true } as const, weight }
        expect(summariseDoor([...rest, former]).formerViolations).toBe(weight)
      }),
    )
  })
})
