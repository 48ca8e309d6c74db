import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EdgeVariant } from '@/lib/model/graph'
import type { VariantRow } from '@/lib/model/graph-input'
import type { PolicyHit } from '@/lib/model/policy'
import { combineVerdicts } from './combine-verdicts'
import { collectPolicyHits, hitsOfEdge } from './policy-hits'

const counters = (connections: number) => ({
  connections,
  events: 0,
  requests: 0,
  requestErrors: 0,
  spans: 0,
  bytesSent: 0,
  bytesReceived: 0,
})
let made = 0
const variant = (change: Partial<EdgeVariant> & { readonly n?: number }): EdgeVariant => {
  made += 1
  const { n = 1, ...rest } = change
  return {
    id: String(made),
    source: 'calico',
    observer: 'server',
    outcome: 'allowed',
    basis: 'rule',
    pending: 'same',
    layer: 'L4',
    counters: counters(n),
    firstMs: 1000,
    lastMs: 2000,
    ...rest,
  }
}
const hit = (name: string, change: Partial<PolicyHit> = {}): PolicyHit => ({
  kind: 'CalicoNetworkPolicy',
  namespace: 'data',
  tier: 'default',
  name,
  action: 'allow',
  ruleIndex: 0,
  ...change,
})
const edge = (...variants: readonly EdgeVariant[]) => ({ cluster: 'c', variants })
const named = (variants: readonly EdgeVariant[], name: string) => {
  const found = hitsOfEdge(edge(...variants)).find((one) => one.name === name)
  if (!found) throw new Error(`no hits of ${name}`)
  return found
}

describe('what one policy did on an edge', () => {
  it('is what the larger side counts: both sides of one connection are never added', () => {
    const hits = named(
      [
        variant({ n: 4, observer: 'client', enforced: [hit('both')] }),
        variant({ n: 6, observer: 'server', enforced: [hit('both')] }),
      ],
      'both',
    )
    expect(hits.counts.allowed).toBe(6)
    expect(hits.rules.map(({ direction, count }) => [direction, count])).toEqual([
      ['egress', 4],
      ['ingress', 6],
    ])
  })

  it('steps before the last handed on; the last decided', () => {
    const trace = [hit('first', { tier: 'security', action: 'pass', ruleIndex: 2 }), hit('last', { ruleIndex: 7 })]
    const all = [variant({ n: 5, enforced: trace })]
    expect(named(all, 'first').counts).toMatchObject({ passed: 5, allowed: 0 })
    expect(named(all, 'last').counts).toMatchObject({ passed: 0, allowed: 5 })
    expect(named(all, 'last').rules).toEqual([
      { direction: 'ingress', index: 7, action: 'allow', isPending: false, count: 5, edges: 1, lastMs: 2000 },
    ])
  })

  it('what the end of a tier refuses counts for the tier, and for the policy that brought it into play, by default and by no rule', () => {
    const end = hit('', { kind: 'EndOfTier', namespace: '', tier: 'security', action: 'deny', trigger: hit('isolate') })
    const { ruleIndex: _none, ...unruled } = end
    const all = [variant({ n: 3, outcome: 'denied', basis: 'default', enforced: [unruled] })]
    const [tier, policy] = [hitsOfEdge(edge(...all)).find(({ kind }) => kind === 'EndOfTier'), named(all, 'isolate')]
    expect(tier).toMatchObject({ tier: 'security', name: '', counts: { denied: 0, deniedByDefault: 3 } })
    expect(policy.counts).toMatchObject({ denied: 0, deniedByDefault: 3 })
    expect(policy.rules).toEqual([])
  })

  it('every policy that Cilium names for a connection allowed it by itself', () => {
    const all = [variant({ n: 2, source: 'hubble', enforced: [hit('a'), hit('b')] })]
    expect([named(all, 'a').counts.allowed, named(all, 'b').counts.allowed]).toEqual([2, 2])
  })

  it('a policy that one record names twice decided once', () => {
    expect(named([variant({ n: 2, source: 'hubble', enforced: [hit('a'), hit('a')] })], 'a').counts.allowed).toBe(2)
  })

  it('a hit that contradicts the traffic decided nothing, and neither does a staged policy among the enforced', () => {
    const contradicts = [variant({ n: 2, basis: 'not_reported', enforced: [hit('a', { action: 'deny' })] })]
    const staged = [variant({ n: 2, outcome: 'unknown', enforced: [hit('s', { kind: 'StagedNetworkPolicy' })] })]
    expect(named(contradicts, 'a').counts).toMatchObject({ allowed: 0, denied: 0 })
    expect(named(staged, 's').counts).toMatchObject({ allowed: 0, denied: 0, wouldAgree: 0 })
    expect(collectPolicyHits([edge(...contradicts)])[0]?.edges.decides).toBe(0)
  })

  it('records split by policies repeat one counter: a policy has at most what its side counted, and that is said', () => {
    const hits = named(
      [
        variant({ n: 10, enforced: [hit('p', { ruleIndex: 0 })] }),
        variant({ n: 8, repeats: true, enforced: [hit('p', { ruleIndex: 1 })] }),
      ],
      'p',
    )
    expect(hits).toMatchObject({ counts: { allowed: 10 }, isAtMost: true })
    const other = named(
      [variant({ n: 10, enforced: [hit('x')] }), variant({ n: 8, repeats: true, enforced: [hit('p')] })],
      'p',
    )
    expect(other).toMatchObject({ counts: { allowed: 8 }, isAtMost: true })
  })
})

describe('what staged policies would do', () => {
  const staged = hit('lock-down', { kind: 'StagedNetworkPolicy', tier: 'security', action: 'deny', ruleIndex: 1 })

  it('is counted for the staged policy and changes nothing of what decided', () => {
    const all = [variant({ n: 7, pending: 'would_deny', enforced: [hit('allow')], pendingTrace: [staged] })]
    expect(named(all, 'lock-down')).toMatchObject({ counts: { wouldDeny: 7, denied: 0 } })
    expect(named(all, 'lock-down').rules).toMatchObject([{ index: 1, isPending: true, count: 7 }])
    expect(named(all, 'allow').counts).toMatchObject({ allowed: 7, wouldDeny: 0 })
  })

  it('at the end of a tier it is the staged policy that brings the tier into play', () => {
    const end: PolicyHit = {
      kind: 'EndOfTier',
      namespace: '',
      tier: 'security',
      name: '',
      action: 'deny',
      trigger: staged,
    }
    const all = [variant({ n: 2, pending: 'would_deny', enforced: [hit('allow')], pendingTrace: [end] })]
    expect(named(all, 'lock-down').counts.wouldDeny).toBe(2)
    expect(hitsOfEdge(edge(...all)).some(({ kind }) => kind === 'EndOfTier')).toBe(false)
  })

  it('what is denied today and would be allowed is told as such; what stays is agreement, and enforced policies are not told again', () => {
    const would = { ...staged, action: 'allow' } as const
    const denied = { n: 3, outcome: 'denied', enforced: [hit('deny', { action: 'deny' })] } as const
    expect(
      named([variant({ ...denied, pending: 'would_allow', pendingTrace: [would] })], 'lock-down').counts.wouldAllow,
    ).toBe(3)
    const same = [variant({ n: 4, enforced: [hit('allow')], pendingTrace: [would] })]
    expect(named(same, 'lock-down').counts).toMatchObject({ wouldAgree: 4, allowed: 0 })
    const plain = [variant({ n: 4, enforced: [hit('allow')], pendingTrace: [hit('allow')] })]
    expect(named(plain, 'allow').counts).toMatchObject({ wouldAgree: 0, allowed: 4 })
  })

  it('audit mode of Cilium: refused by its word, let through all the same', () => {
    const all = [
      variant({
        n: 2,
        source: 'hubble',
        basis: 'not_reported',
        pending: 'would_deny',
        enforced: [hit('a', { action: 'deny' })],
      }),
    ]
    expect(named(all, 'a').counts).toMatchObject({ wouldDeny: 2, denied: 0 })
  })
})

describe('agreement with the graph', () => {
  const decided = fc.record({
    observer: fc.constantFrom('client' as const, 'server' as const),
    outcome: fc.constantFrom('allowed' as const, 'denied' as const),
    policy: fc.constantFrom('p', 'q', 'r', 'EndOfTier'),
    n: fc.integer({ min: 0, max: 50 }),
  })
  const variantOf = ({ observer, outcome, policy, n }: Decided) =>
    variant({
      n,
      observer,
      outcome,
      basis: policy === 'EndOfTier' ? 'default' : 'rule',
      enforced: [
        policy === 'EndOfTier'
          ? { kind: 'EndOfTier', namespace: '', tier: 't', name: '', action: outcome === 'allowed' ? 'allow' : 'deny' }
          : hit(policy, { action: outcome === 'allowed' ? 'allow' : 'deny' }),
      ],
    })

  it('of edges that one side reports, policies and ends of tiers together decided exactly what the graph counts', () => {
    fc.assert(
      fc.property(fc.array(fc.array(decided, { minLength: 1, maxLength: 6 }), { maxLength: 6 }), (shapes) => {
        const edges = shapes.map((shape) => edge(...shape.map((one) => variantOf({ ...one, observer: 'server' }))))
        const hits = collectPolicyHits(edges)
        const sum = (of: (one: (typeof hits)[number]) => number) => hits.reduce((all, one) => all + of(one), 0)
        const graph = edges.map(({ variants }) => combineVerdicts(variants.map(rowOf)))
        expect(sum(({ counts }) => counts.denied + counts.deniedByDefault)).toBe(
          graph.reduce((all, { denied }) => all + denied, 0),
        )
        expect(sum(({ counts }) => counts.allowed)).toBe(graph.reduce((all, { passed }) => all + passed, 0))
      }),
    )
  })

  it('of edges that both sides report, no policy has more than the larger side, and each edge is counted once', () => {
    fc.assert(
      fc.property(fc.array(decided, { minLength: 1, maxLength: 8 }), (shape) => {
        const variants = shape.map(variantOf)
        const sideSum = (side: string) =>
          variants.filter(({ observer }) => observer === side).reduce((all, one) => all + one.counters.connections, 0)
        for (const { counts, edges } of collectPolicyHits([edge(...variants)])) {
          const most = Math.max(sideSum('client'), sideSum('server'))
          for (const count of Object.values(counts)) expect(count).toBeLessThanOrEqual(most)
          expect(edges.decides).toBe(1)
        }
      }),
    )
  })

  it('does not depend on the order of records or edges', () => {
    fc.assert(
      fc.property(fc.array(decided, { maxLength: 10 }), (shape) => {
        const variants = shape.map(variantOf)
        const back = [...variants].reverse()
        expect(collectPolicyHits([edge(...variants)])).toEqual(collectPolicyHits([edge(...back)]))
      }),
    )
  })
})

interface Decided {
  readonly observer: 'client' | 'server'
  readonly outcome: 'allowed' | 'denied'
  readonly policy: string
  readonly n: number
}
const rowOf = (one: EdgeVariant): VariantRow => ({ ...one, edgeId: 'e', repeats: false })
