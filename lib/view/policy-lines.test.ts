import { describe, expect, it } from 'vitest'
import type { PolicyLine, PolicyReport } from '@/lib/model/policy-report'
import { filterLines, groupLines, policyTotals } from './policy-lines'
import { cannotKnow, hitWords, policyTitle, wouldWords } from './policy-words'

const NONE = { allowed: 0, denied: 0, deniedByDefault: 0, passed: 0, wouldDeny: 0, wouldAllow: 0, wouldAgree: 0 }
const line = (name: string, change: Partial<PolicyLine> = {}): PolicyLine => ({
  id: name,
  cluster: 'c',
  kind: 'CalicoNetworkPolicy',
  namespace: 'ml',
  tier: 'default',
  name,
  counts: NONE,
  isAtMost: false,
  edges: { decides: 0, wouldDeny: 0, wouldAllow: 0 },
  use: 'hit',
  ...change,
})
const names = (lines: readonly PolicyLine[]) => lines.map(({ name }) => name)
const ALL = { only: [], kind: '', namespaces: [], text: '' } as const

describe('lines of the policies page', () => {
  const lines = [
    line('allow'),
    line('isolate', { counts: { ...NONE, deniedByDefault: 3 } }),
    line('later', { kind: 'StagedNetworkPolicy', use: 'never' }),
    line('lock', { kind: 'StagedNetworkPolicy', edges: { decides: 0, wouldDeny: 1, wouldAllow: 0 } }),
    line('old', { use: 'never', namespace: 'shop' }),
    line('who', { use: 'unknown' }),
    line('', { kind: 'EndOfTier', namespace: '', tier: 'security', counts: { ...NONE, deniedByDefault: 3 } }),
  ]

  it('are narrowed by all that is chosen at once; "not known" is never shown as "never hit"', () => {
    expect(names(filterLines(lines, { ...ALL, only: ['never'] }))).toEqual(['later', 'old'])
    expect(names(filterLines(lines, { ...ALL, only: ['never', 'staged'] }))).toEqual(['later'])
    expect(names(filterLines(lines, { ...ALL, only: ['denying'] }))).toEqual(['isolate', ''])
    expect(names(filterLines(lines, { ...ALL, namespaces: ['shop'] }))).toEqual(['old'])
    expect(names(filterLines(lines, { ...ALL, text: 'NO RULE' }))).toEqual([''])
    expect(names(filterLines(lines, { ...ALL, kind: 'StagedNetworkPolicy', text: 'lo' }))).toEqual(['lock'])
  })

  it('stand by tier in the order of evaluation, then by kind; what has no tier after them', () => {
    const all = [...lines, line('cnp', { tier: '', kind: 'CiliumNetworkPolicy' }), line('x', { tier: 'aaa' })]
    const titles = (order: PolicyReport['tierOrder']) => groupLines(all, order).map(({ title }) => title)
    expect(titles({ c: ['security', 'default'] })).toEqual([
      'Tier security · End of tier',
      'Tier default · Calico NetworkPolicy',
      'Tier default · StagedNetworkPolicy',
      'Tier aaa · Calico NetworkPolicy',
      'CiliumNetworkPolicy',
    ])
    expect(titles({})[0]).toBe('Tier aaa · Calico NetworkPolicy')
  })

  it('are counted without what is no policy', () => {
    expect(policyTotals(lines)).toEqual({
      policies: 6,
      hit: 3,
      never: 2,
      unknown: 1,
      staged: 2,
      wouldDeny: 1,
      denying: 1,
      denyingOther: 1,
    })
  })
})

describe('words', () => {
  it('say never with since when, and unknown with why', () => {
    expect(hitWords(line('a', { use: 'never', neverSinceMs: 0 }))).toBe('Never hit since 1970-01-01 00:00:00 UTC')
    expect(hitWords(line('a', { use: 'unknown', whyUnknown: 'lost' }))).toBe(
      'Not known: the source lost records in this window',
    )
    expect(policyTitle({ kind: 'EndOfTier', namespace: '', tier: 'security', name: '' })).toBe(
      'No rule matched in tier security',
    )
    expect(policyTitle(line('x\u202ey', { namespace: 'a\u200bb' }))).toBe('a⟨U+200B⟩b / x⟨U+202E⟩y')
    const edges = { decides: 0, wouldDeny: 1, wouldAllow: 0 }
    expect(wouldWords({ counts: { ...NONE, wouldDeny: 12 }, edges })).toBe('would deny 12 on 1 edge')
  })

  it('say what cannot be known: no inventory, no names, some names', () => {
    const report: PolicyReport = {
      window: { fromMs: 0, toMs: 1 },
      dataset: '',
      lines: [],
      total: 0,
      tierOrder: {},
      clusters: [
        { cluster: 'a', naming: ['calico'], silent: [], unnamed: 0, hasPending: true, hasInventory: true },
        { cluster: 'b', naming: [], silent: ['hubble'], unnamed: 4, hasPending: false, hasInventory: true },
        { cluster: 'c', naming: ['hubble'], silent: [], unnamed: 4, hasPending: false, hasInventory: false },
      ],
      coverage: [],
      isInventoryCut: false,
    }
    expect(cannotKnow(report)).toEqual([
      expect.stringContaining('No Kubernetes inventory of cluster c is connected'),
      expect.stringMatching(/^Cluster b: Hubble named no policy, so .* not known\.$/),
      expect.stringMatching(/^Cluster c: 4 verdicts came without the name of a policy/),
    ])
    const many = Array.from({ length: 200 }, (_, at) => ({
      cluster: `c${at}`,
      naming: [],
      silent: ['hubble' as const],
      unnamed: 1,
      hasPending: false,
      hasInventory: true,
    }))
    expect(cannotKnow({ ...report, clusters: many })).toEqual([
      'Clusters c0, c1, c2 and 197 more: Hubble named no policy, so what policies decide there is not known.',
    ])
    expect(cannotKnow({ ...report, dataset: 'demo', clusters: [] })).toEqual([
      expect.stringContaining('pinned dataset'),
    ])
    expect(cannotKnow({ ...report, clusters: report.clusters.slice(0, 1) })).toEqual([])
  })
})
