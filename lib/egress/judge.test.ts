import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EgressConnection, EgressObservation, Judgement } from '@/lib/model/egress'
import authored from './__fixtures__/decision-vectors.json'
import { configOf, connectionOf, NAT_PATH, OPENAI, RULE, T0 } from './__fixtures__/scene'
import { judgeConnection } from './judge'
import { summariseDoor } from './summarise-door'

const observationSchema = z.object({
  kind: z.enum([
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
  ]),
  ip: z.string().optional(),
  port: z.number().optional(),
  join: z.enum(['J0', 'J1', 'J2', 'J3']).default('J0'),
  hopFinal: z.boolean().optional(),
  isReply: z.boolean().optional(),
  ageSeconds: z.number().optional(),
  covers: z.boolean().optional(),
  trustedChannel: z.boolean().default(true),
  lateBySeconds: z.number().optional(),
  count: z.number().optional(),
})
const vectorSchema = z.object({
  name: z.string().optional(),
  n: z.number().optional(),
  obs: z.array(observationSchema),
  flow: z.string().optional(),
  map: z.boolean().optional(),
  refused: z.boolean().optional(),
  twoRules: z.boolean().optional(),
  requireEvidence: z.enum(['A', 'B', 'C']).optional(),
  expect: z.string(),
  reason: z.string().optional(),
  lean: z.string().optional(),
  confidence: z.string().optional(),
  observedIp: z.string().optional(),
  counts: z.record(z.string(), z.number()).optional(),
})
type Vector = z.infer<typeof vectorSchema>

/** What the vectors' words for a flow mean for a connection. */
const FLOWS: Readonly<Record<string, Partial<EgressConnection>>> = {
  blocked: { isBlocked: true },
  broken: { isBroken: true },
  private: { serverIp: '10.20.0.9' },
  internal: { serverIp: '10.20.0.9', provider: undefined },
  'other-namespace': { workload: { namespace: 'web', name: 'shop', labels: {}, isAi: false } },
  cidr: { provider: { ...OPENAI, pattern: 'cidr', matchedBy: 'cidr' } },
  span: { provider: { ...OPENAI, matchedBy: 'span' } },
  ui: { provider: { ...OPENAI, host: 'chatgpt.com', role: 'ui' } },
  'verdict=DROPPED': { isBlocked: true },
  'destination 10.20.0.9 (private endpoint for *.openai.azure.com)': { serverIp: '10.20.0.9' },
  'no rule matches': { workload: { namespace: 'web', name: 'shop', labels: {}, isAi: false } },
}

function observationsOf(vector: Vector): EgressObservation[] {
  return vector.obs.map(({ lateBySeconds, count: _count, ...rest }) => ({
    ...rest,
    atMs: T0 + (lateBySeconds === undefined ? 0 : 1000 + lateBySeconds * 1000),
  }))
}

function judgeVector(vector: Vector): Judgement {
  const rule = { ...RULE, requireEvidence: vector.requireEvidence ?? 'C' } as const
  const config = configOf({
    rules: vector.twoRules ? [rule, { ...rule, name: 'other' }] : [rule],
    paths: [{ ...NAT_PATH, publicByPrivate: vector.map ? { '10.0.0.220': '203.0.113.10' } : {} }],
  })
  const flow = vector.flow === undefined ? {} : FLOWS[vector.flow]
  if (!flow) throw new Error(`unknown flow: ${vector.flow}`)
  const connection = connectionOf({ ...flow, ...(vector.refused && { refusedByProvider: true }) })
  return judgeConnection(connection, observationsOf(vector), config)
}

function check(vector: Vector): void {
  const judgement = judgeVector(vector)
  expect(judgement.state).toBe(vector.expect)
  for (const key of ['reason', 'lean', 'confidence', 'observedIp'] as const) {
    if (vector[key] !== undefined) expect([key, judgement[key]]).toEqual([key, vector[key]])
  }
}

describe('decision vectors', () => {
  it.each(
    z
      .array(vectorSchema)
      .parse(authored.vectors)
      .map((vector) => [vector.name, vector] as const),
  )('%s', (_, vector) => check(vector))
})

const CORPUS = path.resolve(import.meta.dirname, '../../../shared/corpus/nat/evidence-vectors.json')

describe.skipIf(!existsSync(CORPUS))('vectors of the corpus', () => {
  const vectors = existsSync(CORPUS)
    ? z.object({ vectors: z.array(vectorSchema) }).parse(JSON.parse(readFileSync(CORPUS, 'utf8'))).vectors
    : []
  it.each(vectors.filter(({ counts }) => !counts).map((vector) => [vector.n, vector] as const))(
    'vector %d',
    (_, vector) => check(vector),
  )
  it.each(vectors.filter(({ counts }) => counts).map((vector) => [vector.n, vector] as const))(
    'group vector %d',
    (_, vector) => {
      const total = Object.values(vector.counts ?? {}).reduce((sum, count) => sum + count, 0)
      const seen = vector.obs.map((one) => ({
        judgement: judgeVector({ ...vector, flow: undefined, obs: [one] }),
        weight: one.count ?? 1,
      }))
      const rest = total - seen.reduce((sum, { weight }) => sum + weight, 0)
      const door = summariseDoor([
        ...seen,
        { judgement: judgeVector({ ...vector, flow: undefined, obs: [] }), weight: rest },
      ])
      expect(door.state).toBe(vector.expect)
      expect(door.counts).toMatchObject(vector.counts ?? {})
    },
  )
})

const anyObservation: fc.Arbitrary<EgressObservation> = fc.record(
  {
    kind: fc.constantFrom(...observationSchema.shape.kind.options),
    ip: fc.constantFrom('203.0.113.10', '198.51.100.7', '10.0.0.220', '10.0.1.5', 'nonsense', '2001:db8::1'),
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
const trusted = anyObservation.map((one) => ({
  ...one,
  trustedChannel: true,
  atMs: T0,
  hopFinal: true,
  isReply: false,
}))
const observations = fc.array(fc.oneof(anyObservation, trusted), { maxLength: 5 })
const refused = fc.boolean()
const config = configOf({ paths: [{ ...NAT_PATH, publicByPrivate: { '10.0.0.220': '203.0.113.10' } }] })
const judge = (list: readonly EgressObservation[], isRefused = false) =>
  judgeConnection(connectionOf({ refusedByProvider: isRefused }), list, config)
const RUNS = { numRuns: 500 }

describe('laws', () => {
  it('taking an observation away never turns sanctioned into violation or the other way round', () => {
    fc.assert(
      fc.property(observations, fc.nat(), (list, nth) => {
        const before = judge(list).state
        const after = judge(list.filter((_, index) => index !== nth % Math.max(1, list.length))).state
        if (before !== 'unverified') expect([before, 'unverified']).toContain(after)
      }),
      RUNS,
    )
  })
  it('what the workload could have written never yields sanctioned or violation', () => {
    fc.assert(
      fc.property(observations, refused, (list, isRefused) => {
        const forged = list.map((one) => ({ ...one, trustedChannel: false }))
        expect(judge(forged, isRefused).state).toBe('unverified')
        // Intent comes from configuration, not from the workload: it alone may lean towards "ok".
        const withoutIntent = forged.filter(({ kind }) => kind !== 'cegp-intent')
        expect(judge(withoutIntent, isRefused).lean).not.toBe('likely_ok')
      }),
      RUNS,
    )
  })
  it('adding what the workload could have written changes no verdict', () => {
    fc.assert(
      fc.property(observations, anyObservation, refused, (list, extra, isRefused) => {
        const before = judge(list).state
        expect(judge([...list, { ...extra, trustedChannel: false }], isRefused).state).toBe(before)
      }),
      RUNS,
    )
  })
  it('the order of observations does not matter', () => {
    fc.assert(
      fc.property(observations, fc.infiniteStream(fc.nat()), refused, (list, keys, isRefused) => {
        const shuffled = list
          .map((one) => ({ one, key: keys.next().value ?? 0 }))
          .sort((left, right) => left.key - right.key)
          .map(({ one }) => one)
        expect(judge(shuffled, isRefused)).toEqual(judge(list, isRefused))
      }),
      RUNS,
    )
  })
  it('a verdict has a conclusive observation first, of the address that it names', () => {
    let verdicts = 0
    fc.assert(
      fc.property(observations, (list) => {
        const { state, observations: shown } = judge(list)
        expect(shown).toHaveLength(list.length)
        if (state !== 'sanctioned' && state !== 'violation') return
        verdicts += 1
        expect(shown[0]).toMatchObject({ trustedChannel: true })
        expect(['J2', 'J3']).toContain(shown[0]?.join)
      }),
      RUNS,
    )
    expect(verdicts).toBeGreaterThan(20)
  })
})

const FINAL_OUTSIDE: EgressObservation = {
  kind: 'conntrack-gw',
  ip: '198.51.100.7',
  join: 'J3',
  hop: 'aws-natgw',
  trustedChannel: true,
  atMs: T0,
}

describe('what a judgement says', () => {
  it('the address, the point that holds it, what would have been right, and the version', () => {
    expect(judge([FINAL_OUTSIDE])).toMatchObject({
      state: 'violation',
      observedIp: '198.51.100.7',
      expected: ['nat-a (203.0.113.10/32)'],
      rule: 'ml-through-nat',
      configVersion: config.version,
    })
    expect(judge([{ ...FINAL_OUTSIDE, ip: '203.0.113.10' }])).toMatchObject({
      state: 'sanctioned',
      egressPoint: 'nat-a',
    })
  })
  it('no address is named where only a refusal is proven', () => {
    const judgement = judge([
      { kind: 'provider-refusal', join: 'J2', trustedChannel: true, atMs: T0 },
      { ...FINAL_OUTSIDE, ip: '203.0.113.10', join: 'J1' },
    ])
    expect(judgement.state).toBe('violation')
    expect(judgement.observedIp).toBeUndefined()
  })
  it('a hop that is final in one path and not in another is not final', () => {
    const two = configOf({
      paths: [NAT_PATH, { ...NAT_PATH, name: 'b', hops: ['aws-natgw', 'firewall'], finalHop: 'firewall' }],
    })
    expect(judgeConnection(connectionOf(), [FINAL_OUTSIDE], two)).toMatchObject({
      state: 'unverified',
      reason: 'partial_hop',
    })
  })
  it('a path of another cluster declares nothing here', () => {
    const other = configOf({ paths: [{ ...NAT_PATH, clusters: ['staging'] }] })
    expect(judgeConnection(connectionOf(), [FINAL_OUTSIDE], other).reason).toBe('partial_hop')
  })
  it('a rule whose egress point is gone convicts nobody', () => {
    const gone = configOf({ rules: [{ ...RULE, egressPoints: ['nat-gone'] }] })
    expect(judgeConnection(connectionOf(), [FINAL_OUTSIDE], gone)).toMatchObject({
      state: 'unverified',
      reason: 'rule_ambiguous',
    })
  })
  it('two maps that disagree about a private address map nothing', () => {
    const maps = configOf({
      paths: ['203.0.113.10', '198.51.100.7'].map((to, index) => ({
        ...NAT_PATH,
        name: `p${index}`,
        publicByPrivate: { '10.0.0.220': to },
      })),
    })
    expect(judgeConnection(connectionOf(), [{ ...FINAL_OUTSIDE, ip: '10.0.0.220' }], maps).reason).toBe(
      'unmapped_nat_address',
    )
  })
  it('a record without a time proves nothing', () => {
    expect(judge([{ ...FINAL_OUTSIDE, atMs: undefined }]).state).toBe('unverified')
  })
  it('a record whose life covers the connection is in time', () => {
    expect(judge([{ ...FINAL_OUTSIDE, atMs: T0 - 3_600_000, endMs: T0 + 10 }]).state).toBe('violation')
    expect(judge([{ ...FINAL_OUTSIDE, atMs: T0 - 3_600_000, endMs: T0 - 10_000 }]).state).toBe('unverified')
  })
})

describe('which rule', () => {
  const hostRule = { ...RULE, name: 'own', providers: [], hosts: ['*.llm.example.com'] }
  it('the higher priority wins, then the more specific', () => {
    const strict = { ...RULE, name: 'strict', priority: 99, sanctionedSources: [{ cidr: '198.51.100.7/32' }] }
    expect(judgeConnection(connectionOf(), [FINAL_OUTSIDE], configOf({ rules: [RULE, strict] }))).toMatchObject({
      state: 'sanctioned',
      rule: 'strict',
    })
    const narrow = { ...strict, priority: RULE.priority, workloads: { ...RULE.workloads, names: ['planner'] } }
    expect(judgeConnection(connectionOf(), [FINAL_OUTSIDE], configOf({ rules: [RULE, narrow] })).rule).toBe('strict')
  })
  it('a host that the rule names itself needs no catalogue', () => {
    const mine = configOf({ rules: [hostRule] })
    const to = (serverHost: string) =>
      judgeConnection(connectionOf({ provider: undefined, serverHost }), [FINAL_OUTSIDE], mine).state
    expect(to('a.llm.example.com')).toBe('violation')
    expect(to('llm.example.com')).toBe('no_rule')
    expect(to('evil-llm.example.com')).toBe('no_rule')
  })
  it.each([
    ['category', { providers: ['category:llm'] }, true],
    ['all', { providers: ['*'] }, true],
    ['another provider', { providers: ['anthropic'] }, false],
    ['another cluster', { clusters: ['staging'] }, false],
    ['pod labels it lacks', { workloads: { ...RULE.workloads, podLabels: { tier: 'x' } } }, false],
    ['a service account it lacks', { workloads: { ...RULE.workloads, serviceAccounts: ['sa'] } }, false],
    ['inherited labels', { workloads: { ...RULE.workloads, podLabels: { toString: 'x' } } }, false],
  ])('%s', (_, parts, isSelected) => {
    const state = judgeConnection(connectionOf(), [FINAL_OUTSIDE], configOf({ rules: [{ ...RULE, ...parts }] })).state
    expect(state).toBe(isSelected ? 'violation' : 'no_rule')
  })
  it('namespace labels hold where Cilium adds them to the pod', () => {
    const rules = [{ ...RULE, workloads: { ...RULE.workloads, namespaceLabels: { env: 'prod' } } }]
    const labels = { 'io.cilium.k8s.namespace.labels.env': 'prod' }
    const workload = { namespace: 'ml', name: 'planner', labels, isAi: true }
    expect(judgeConnection(connectionOf({ workload }), [FINAL_OUTSIDE], configOf({ rules })).state).toBe('violation')
    expect(judgeConnection(connectionOf(), [FINAL_OUTSIDE], configOf({ rules })).state).toBe('no_rule')
  })
})
