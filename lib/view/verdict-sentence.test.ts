import { describe, expect, it } from 'vitest'
import type { SideIsolation } from '@/lib/model/edge-detail'
import type { EdgeVariant } from '@/lib/model/graph'
import type { EdgeState } from '@/lib/model/verdict'
import { deciderNames, edgeSentences, hitWords, reportSentence, verdictSteps } from './verdict-sentence'

const COUNTERS = { connections: 1, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 0, bytesReceived: 0 }
const variant = (part: Partial<EdgeVariant>): EdgeVariant => ({
  id: '1',
  source: 'calico',
  observer: 'server',
  outcome: 'denied',
  basis: 'default',
  pending: 'same',
  layer: 'L4',
  counters: COUNTERS,
  firstMs: 0,
  lastMs: 0,
  ...part,
})
const say = (state: EdgeState, variants: readonly EdgeVariant[], isolation?: readonly SideIsolation[], spans = 0) =>
  edgeSentences({
    edge: { state, variants, passed: 12, denied: 3, counters: { ...COUNTERS, spans } },
    clientNode: { label: 'web / shop' },
    serverNode: { label: 'agents / planner' },
    ...(isolation && { isolation }),
  })

const END_OF_TIER = variant({
  enforced: [
    {
      kind: 'EndOfTier',
      namespace: '',
      tier: 'security',
      name: '',
      action: 'deny',
      trigger: { kind: 'CalicoNetworkPolicy', namespace: 'agents', tier: 'security', name: 'isolate' },
    },
  ],
})
const CILIUM_DEFAULT_DENY = variant({ source: 'hubble', enforced: [] })
const isolated = (...names: readonly string[]): SideIsolation[] => [
  {
    side: 'server',
    direction: 'ingress',
    atMs: 0,
    isolating: names.map((name) => ({ kind: 'CiliumNetworkPolicy', namespace: 'agents', tier: '', name })),
    undecided: [],
  },
]
const ALLOW = {
  kind: 'CalicoNetworkPolicy',
  namespace: 'agents',
  tier: 'security',
  name: 'allow',
  action: 'allow',
} as const

describe('edgeSentences', () => {
  it('the end of a tier names the tier and the policy that brought it into play', () => {
    expect(say('denied_no_rule', [END_OF_TIER])).toEqual([
      'web / shop → agents / planner: denied at the server (ingress): no rule matched in tier security; denied because policy agents/isolate selects the pod.',
    ])
  })

  it('Cilium’s default deny says that the source names no policy, or names it from the inventory and says so', () => {
    expect(say('denied_no_rule', [CILIUM_DEFAULT_DENY])).toEqual([
      'web / shop → agents / planner: denied at the server (ingress): no rule allows it; denied because a policy selects the pod, which the source did not name.',
    ])
    expect(say('denied_no_rule', [CILIUM_DEFAULT_DENY], isolated('mine'))).toEqual([
      'web / shop → agents / planner: denied at the server (ingress): no rule allows it; denied because policy agents/mine selects the pod (by the inventory).',
    ])
    expect(say('denied_no_rule', [CILIUM_DEFAULT_DENY], isolated('a', 'b'))[0]).toContain(
      'denied because policies agents/a, agents/b select the pod (by the inventory).',
    )
  })

  it('an edge without evidence of a verdict says so, why, and what would give one', () => {
    expect(say('no_verdict', [], undefined, 4)).toEqual([
      'web / shop → agents / planner: no verdict. Only traces tell of it, and traces know no policies.',
    ])
    expect(say('no_verdict', [variant({ outcome: 'observed', basis: 'not_reported' })])).toEqual([
      'web / shop → agents / planner: no verdict. The traffic was seen, and no source gave a policy’s verdict for it.',
    ])
    expect(say('no_verdict', [variant({ source: 'nat', outcome: 'observed', basis: 'not_reported' })])[0]).toContain(
      'no verdict. Only a NAT tells of it',
    )
    const edge = { state: 'no_verdict', variants: [], passed: 0, denied: 0, counters: COUNTERS } as const
    expect(verdictSteps({ edge })[0]).toContain('Connect a flow source of this cluster')
    expect(verdictSteps({ edge: { ...edge, state: 'allowed_by_policy' } })).toEqual([])
  })

  it.each<[string, EdgeState, Partial<EdgeVariant>]>([
    [
      'allowed at the server (ingress): by policy agents/allow (tier security, rule 2).',
      'allowed_by_policy',
      { outcome: 'allowed', basis: 'rule', enforced: [{ ...ALLOW, ruleIndex: 2 }] },
    ],
    [
      'allowed at the client (egress): by default, no policy selects the pod.',
      'allowed_no_policy',
      { outcome: 'allowed', basis: 'no_policy', observer: 'client' },
    ],
    [
      'denied at layer 7 at the server (ingress): by policy agents/allow (tier security).',
      'denied_by_rule',
      { basis: 'rule', layer: 'L7', enforced: [{ ...ALLOW, action: 'deny' }] },
    ],
    [
      'allowed at the server (ingress): the source named no policy; would be denied by staged policy agents/lock.',
      'would_be_denied',
      {
        outcome: 'allowed',
        basis: 'not_reported',
        pending: 'would_deny',
        pendingTrace: [{ kind: 'StagedNetworkPolicy', namespace: 'agents', tier: '', name: 'lock', action: 'deny' }],
      },
    ],
  ])('%s', (sentence, state, part) => {
    expect(say(state, [variant(part)])).toEqual([`web / shop → agents / planner: ${sentence}`])
  })

  it('a mixture leads with its counts and tells what denied; equal sentences are said once', () => {
    expect(say('mixed', [END_OF_TIER, END_OF_TIER, variant({ outcome: 'allowed', basis: 'rule' })])).toEqual([
      'web / shop → agents / planner: mixed, 12 passed and 3 were denied.',
      expect.stringContaining('no rule matched in tier security'),
    ])
  })
})

const POLICY = {
  kind: 'CiliumNetworkPolicy',
  namespace: 'agents',
  tier: '',
  name: 'allow-openai',
  action: 'allow',
} as const

it('deciders are those of the state: a policy that allowed at the client did not deny at the server, and profiles are none', () => {
  const named = (name: string, action: 'allow' | 'deny', kind = 'CalicoNetworkPolicy') =>
    ({ kind, namespace: 'agents', tier: 'default', name, action }) as const
  const allowed = variant({ observer: 'client', outcome: 'allowed', basis: 'rule', enforced: [named('out', 'allow')] })
  const audited = variant({ outcome: 'allowed', pending: 'would_deny', pendingTrace: [named('next', 'deny')] })
  const same = variant({ outcome: 'allowed', pendingTrace: [named('kept', 'allow')] })
  expect(deciderNames({ state: 'denied_no_rule', variants: [allowed, END_OF_TIER] })).toEqual(['agents/isolate'])
  expect(deciderNames({ state: 'allowed_by_policy', variants: [allowed, END_OF_TIER] })).toEqual(['agents/out'])
  expect(deciderNames({ state: 'would_be_denied', variants: [allowed, audited, same] })).toEqual(['agents/next'])
  const profile = variant({ outcome: 'allowed', enforced: [named('p', 'allow', 'Profile')] })
  expect(deciderNames({ state: 'allowed_by_policy', variants: [profile] })).toEqual([])
})

it('characters of a policy’s name that nobody sees are written by their code, wherever it is named', () => {
  const named = { ...POLICY, name: 'al\u202elow', namespace: 'age\u200bnts' }
  const allowed = variant({ outcome: 'allowed', basis: 'rule', enforced: [named] })
  const shown = 'age⟨U+200B⟩nts/al⟨U+202E⟩low'
  expect(say('allowed_by_policy', [allowed])[0]).toContain(`by policy ${shown}`)
  expect(reportSentence(allowed)).toContain(shown)
  expect(hitWords(named)).toContain(shown)
  expect(deciderNames({ state: 'allowed_by_policy', variants: [allowed] })).toEqual([shown])
})

describe('reportSentence', () => {
  it.each<[string, Partial<EdgeVariant>]>([
    [
      'Seen by a NAT, from the address of a pod; no policy is told.',
      { source: 'nat', observer: 'unknown', outcome: 'observed', basis: 'not_reported', pending: 'unknown' },
    ],
    ['Allowed at the client (egress): by policy agents/allow-openai (CiliumNetworkPolicy).', { enforced: [POLICY] }],
    ['Allowed at the client (egress): the source named no policy.', { basis: 'not_reported' }],
    [
      'Allowed at the client (egress): by default, no policy selects the pod (kns.agents).',
      {
        basis: 'no_policy',
        enforced: [{ kind: 'Profile', namespace: '', tier: '', name: 'kns.agents', action: 'allow' }],
      },
    ],
    [
      'Denied at the server (ingress): no rule allows it; denied because a policy selects the pod, which the source did not name.',
      { observer: 'server', outcome: 'denied', basis: 'default' },
    ],
    [
      'Denied at the server (ingress): no rule matched in tier security; denied because policy agents/isolate selects the pod.',
      { observer: 'server', outcome: 'denied', basis: 'default', enforced: END_OF_TIER.enforced ?? [] },
    ],
    [
      'Denied at layer 7 at the server (ingress): by policy agents/allow-openai (CiliumNetworkPolicy, rule 3).',
      { observer: 'server', outcome: 'denied', layer: 'L7', enforced: [{ ...POLICY, action: 'deny', ruleIndex: 3 }] },
    ],
    [
      'Seen at the client (egress): the source gave no policy verdict for it.',
      { outcome: 'observed', basis: 'not_reported' },
    ],
    [
      'Seen at the client (egress): the source gave no policy verdict for it; would be denied: a policy is in audit mode.',
      { outcome: 'observed', basis: 'not_reported', pending: 'would_deny' },
    ],
    [
      'Allowed at the client (egress): the source named no policy; would be denied: a policy is in audit mode.',
      { basis: 'not_reported', pending: 'would_deny' },
    ],
    [
      'Dropped at the client (egress) for another cause than policy (NO_EGRESS_GATEWAY).',
      { outcome: 'dropped', basis: 'not_reported', dropReason: 'NO_EGRESS_GATEWAY' },
    ],
  ])('%s', (sentence, part) => {
    const told = { source: 'hubble', observer: 'client', outcome: 'allowed', basis: 'rule', ...part } as const
    expect(reportSentence(variant(told))).toBe(sentence)
  })
})

it('a step of an evaluation says policy, kind, place and action, and of the end of a tier what brought it into play', () => {
  expect(hitWords({ ...ALLOW, kind: 'StagedNetworkPolicy', ruleIndex: 2 })).toBe(
    'agents/allow (StagedNetworkPolicy, tier security, rule 2, staged): allow',
  )
  expect(END_OF_TIER.enforced?.map(hitWords)).toEqual([
    'end of tier security: deny; policy agents/isolate selects the pod',
  ])
})

it('a policy whose name turns or hides text is named by codes, in sentences and beside an edge', () => {
  const hostile = { ...POLICY, namespace: 'a\u202eb', name: 'x\u200by' }
  const told = variant({ observer: 'client', outcome: 'allowed', basis: 'rule', enforced: [hostile] })
  expect(reportSentence(told)).toContain('by policy a⟨U+202E⟩b/x⟨U+200B⟩y')
  expect(hitWords(hostile)).not.toMatch(/\p{Cf}/u)
})
