import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summariseDoor } from '@/lib/egress/summarise-door'
import type { DoorSummary } from '@/lib/model/egress'
import type { Finding, FindingChange } from '@/lib/model/finding'
import { MINUTE_MS } from '@/lib/model/units'
import type { JudgedEdge, Shown } from './detector'
import { planFindingChanges, QUIET_MS } from './plan-finding-changes'
import type { SourceLiveness } from './source-liveness'

const T0 = 1_790_000_000_000
const ALIVE: SourceLiveness = { flows: { isAlive: true }, evidence: { isAlive: true } }
const shown = (count: number, lastMs = T0, rest: Partial<Shown> = {}): Shown => ({
  count,
  firstMs: T0,
  lastMs,
  ...rest,
})

const VIOLATION: DoorSummary = summariseDoor([
  {
    weight: 1,
    judgement: {
      state: 'violation',
      lean: 'none',
      observedIp: '198.51.100.7',
      rule: 'r',
      expected: ['nat-a (203.0.113.10/32)'],
    },
  },
])
const UNVERIFIED: DoorSummary = summariseDoor([
  { weight: 1, judgement: { state: 'unverified', reason: 'no_nat_evidence', lean: 'none' } },
])
const SANCTIONED: DoorSummary = summariseDoor([{ weight: 1, judgement: { state: 'sanctioned', lean: 'none' } }])

const edge = (parts: Partial<JudgedEdge> = {}): JudgedEdge => ({
  edgeId: 'e1',
  dataset: '',
  cluster: 'prod-eu',
  workload: 'agents/planner',
  target: 'OpenAI',
  door: VIOLATION,
  ...parts,
})

/** Findings as a store would keep them. */
class Store {
  findings: Finding[] = []
  log: string[] = []

  plan(
    edges: readonly JudgedEdge[],
    nowMs: number,
    liveness: ReadonlyMap<string, SourceLiveness> = new Map([['prod-eu', ALIVE]]),
  ): readonly FindingChange[] {
    const changes = planFindingChanges({ edges, findings: this.findings, liveness, nowMs })
    for (const change of changes) this.apply(change)
    return changes
  }

  apply(change: FindingChange): void {
    this.log.push(change.kind)
    if (change.kind === 'open') {
      this.findings.push({ ...change.finding, id: `f${this.findings.length}` })
      return
    }
    this.findings = this.findings.map((finding) => {
      if (finding.id !== change.findingId) return finding
      if (change.kind === 'resolve') return { ...finding, status: 'resolved', resolvedMs: change.resolvedMs }
      if (change.kind === 'stale') return { ...finding, status: 'stale' }
      return { ...finding, ...change.set, status: 'open', resolvedMs: undefined }
    })
  }

  get only(): Finding {
    const [finding, ...rest] = this.findings
    if (!finding || rest.length > 0) throw new Error(`${this.findings.length} findings`)
    return finding
  }
}

const violated = (count: number, lastMs = T0, rest: Partial<Shown> = {}) =>
  edge({ violation: shown(count, lastMs, rest) })

describe('opening', () => {
  it('a proven violation opens one critical finding with a plain title', () => {
    const store = new Store()
    store.plan([violated(1)], T0)
    expect(store.only).toMatchObject({
      detector: 'D0',
      status: 'open',
      severity: 'critical',
      title: 'agents/planner → OpenAI left by 198.51.100.7, not by nat-a (203.0.113.10).',
      count: 1,
      firstSeenMs: T0,
      lastSeenMs: T0,
    })
  })
  it('the same violation a hundred times is one finding with count 100', () => {
    const store = new Store()
    for (let n = 1; n <= 100; n++) store.plan([violated(n, T0 + n * 1000)], T0 + n * 1000)
    expect(store.only).toMatchObject({ count: 100, status: 'open', lastSeenMs: T0 + 100_000 })
    expect(new Set(store.log)).toEqual(new Set(['open', 'update']))
  })
  it('a hundred at once are one finding with count 100', () => {
    const store = new Store()
    store.plan([violated(100)], T0)
    expect(store.only.count).toBe(100)
  })
  it('two edges are two findings', () => {
    const store = new Store()
    store.plan([violated(1), { ...violated(1), edgeId: 'e2' }], T0)
    expect(store.findings.map(({ edgeId }) => edgeId)).toEqual(['e1', 'e2'])
  })
  it.each([
    ['a sanctioned door', edge({ door: SANCTIONED })],
    ['a violation in observe mode', { ...violated(1), mode: 'observe' as const }],
    ['an unverified door in observe mode', edge({ door: UNVERIFIED, unverified: shown(1), mode: 'observe' })],
    ['a few unjudged connections within the tolerance', edge({ door: SANCTIONED, unverified: shown(1) })],
    ['a count of none', edge({ violation: shown(0) })],
  ])('%s opens nothing', (_, quiet) => {
    expect(new Store().plan([quiet], T0)).toEqual([])
  })
  it('an unverified door opens D0u, as information', () => {
    const store = new Store()
    store.plan([edge({ door: UNVERIFIED, unverified: shown(7) })], T0)
    expect(store.only).toMatchObject({
      detector: 'D0u',
      severity: 'info',
      count: 7,
      title:
        'agents/planner → OpenAI: by which address it leaves is not verified, because no NAT evidence was received for it.',
    })
  })
  it('an accused door is low, and never called a violation', () => {
    const store = new Store()
    store.plan([edge({ door: { ...UNVERIFIED, lean: 'likely_violation' }, unverified: shown(7) })], T0)
    expect(store.only.severity).toBe('low')
    expect(store.only.title).toContain('It is likely a violation.')
  })
  it('beside a violation the unverified rest opens nothing of its own', () => {
    const store = new Store()
    store.plan([{ ...violated(1), unverified: shown(50) }], T0)
    expect(store.only.detector).toBe('D0')
  })
})

describe('ending', () => {
  const opened = () => {
    const store = new Store()
    store.plan([violated(3)], T0)
    return store
  }
  it('resolves after 15 min of quiet while its sources are alive, and not before', () => {
    const store = opened()
    store.plan([], T0 + QUIET_MS - 1)
    expect(store.only.status).toBe('open')
    store.plan([], T0 + QUIET_MS)
    expect(store.only).toMatchObject({ status: 'resolved', resolvedMs: T0 + QUIET_MS, count: 3 })
  })
  it('resolves although the old violation is still on record', () => {
    const store = opened()
    store.plan([violated(3)], T0 + QUIET_MS)
    expect(store.only.status).toBe('resolved')
    expect(store.plan([violated(3)], T0 + 2 * QUIET_MS)).toEqual([])
  })
  it.each([
    ['evidence', { flows: { isAlive: true }, evidence: { isAlive: false } }],
    ['flows', { flows: { isAlive: false }, evidence: { isAlive: true } }],
  ])('without %s quiet proves nothing: stale, not resolved', (_, liveness) => {
    const store = opened()
    store.plan([], T0 + QUIET_MS, new Map([['prod-eu', liveness]]))
    expect(store.only.status).toBe('stale')
    expect(store.only.resolvedMs).toBeUndefined()
  })
  it('a cluster nobody heard of is not alive', () => {
    const store = opened()
    store.plan([], T0 + QUIET_MS, new Map())
    expect(store.only.status).toBe('stale')
  })
  it('stale stays so until its sources have been alive for the whole quiet time', () => {
    const store = opened()
    const since = (aliveSinceMs?: number): ReadonlyMap<string, SourceLiveness> =>
      new Map([['prod-eu', { flows: { isAlive: true, aliveSinceMs }, evidence: { isAlive: true, aliveSinceMs } }]])
    store.plan([], T0 + QUIET_MS, new Map())
    const backMs = T0 + 60 * MINUTE_MS
    expect(store.plan([], backMs + MINUTE_MS, since())).toEqual([])
    expect(store.plan([], backMs + QUIET_MS - 1, since(backMs))).toEqual([])
    store.plan([], backMs + QUIET_MS, since(backMs))
    expect(store.only.status).toBe('resolved')
  })
  it('a source that was away for a part of the quiet time does not resolve', () => {
    const store = opened()
    const back = { isAlive: true, aliveSinceMs: T0 + 10 * MINUTE_MS }
    expect(store.plan([], T0 + QUIET_MS, new Map([['prod-eu', { flows: back, evidence: back }]]))).toEqual([])
    expect(store.only.status).toBe('open')
  })
  it('late evidence of an old connection counts from when it was learned', () => {
    const store = new Store()
    const nowMs = T0 + 20 * MINUTE_MS
    store.plan([violated(1, T0, { learnedMs: nowMs })], nowMs)
    expect(store.plan([violated(1, T0, { learnedMs: nowMs })], nowMs + MINUTE_MS)).toEqual([])
    store.plan([violated(1, T0, { learnedMs: nowMs })], nowMs + QUIET_MS)
    expect(store.only.status).toBe('resolved')
  })
  it('connections that leave rightly do not undo a violation', () => {
    const store = opened()
    expect(store.plan([edge({ door: SANCTIONED })], T0 + MINUTE_MS)).toEqual([])
  })
  it('a verified door ends "not verified" at once', () => {
    const store = new Store()
    store.plan([edge({ door: UNVERIFIED, unverified: shown(7) })], T0)
    store.plan([edge({ door: SANCTIONED })], T0 + 1000)
    expect(store.only.status).toBe('resolved')
  })
  it('"not verified" resolves without evidence sources: it says that there are none', () => {
    const store = new Store()
    store.plan([edge({ door: UNVERIFIED, unverified: shown(7) })], T0)
    store.plan([], T0 + QUIET_MS, new Map([['prod-eu', { flows: { isAlive: true }, evidence: { isAlive: false } }]]))
    expect(store.only.status).toBe('resolved')
  })
  it('a pinned dataset stands still', () => {
    const store = new Store()
    store.plan([{ ...violated(1), dataset: 'replay' }], T0)
    expect(store.plan([], T0 + 100 * QUIET_MS)).toEqual([])
    expect(store.plan([], T0 + 100 * QUIET_MS, new Map())).toEqual([])
  })
})

describe('coming back', () => {
  it.each(['resolved', 'stale'] as const)('a new violation reopens a %s finding, with its history', (status) => {
    const store = new Store()
    store.plan([violated(3)], T0)
    store.plan([], T0 + QUIET_MS, status === 'stale' ? new Map() : undefined)
    expect(store.only.status).toBe(status)
    const againMs = T0 + 2 * QUIET_MS
    const changes = store.plan([violated(4, againMs)], againMs)
    expect(changes.map(({ kind }) => kind)).toEqual(['reopen'])
    expect(store.only).toMatchObject({ status: 'open', count: 4, firstSeenMs: T0, lastSeenMs: againMs })
    expect(store.only.resolvedMs).toBeUndefined()
  })
  it('retention that removes old rows does not shrink the count', () => {
    const store = new Store()
    store.plan([violated(100)], T0)
    store.plan([violated(2, T0 + 1000)], T0 + 1000)
    expect(store.only).toMatchObject({ count: 100, lastSeenMs: T0 + 1000 })
  })
  it('a later violation reopens, even where retention has shrunk the total', () => {
    const store = new Store()
    store.plan([violated(100)], T0)
    store.plan([], T0 + QUIET_MS)
    store.plan([violated(2, T0 + 2 * QUIET_MS)], T0 + 2 * QUIET_MS)
    expect(store.only).toMatchObject({ status: 'open', count: 100, lastSeenMs: T0 + 2 * QUIET_MS })
  })
  it('a changed title is an update, not news', () => {
    const store = new Store()
    store.plan([violated(1)], T0)
    store.plan([{ ...violated(1), target: 'api.openai.com' }], T0 + 1000)
    expect(store.only.title).toContain('api.openai.com')
    expect(store.log).toEqual(['open', 'update'])
  })
})

describe('laws', () => {
  const arbitraryEdge: fc.Arbitrary<JudgedEdge> = fc.record({
    edgeId: fc.constantFrom('e1', 'e2'),
    dataset: fc.constant(''),
    cluster: fc.constant('prod-eu'),
    workload: fc.constant('agents/planner'),
    target: fc.constant('OpenAI'),
    door: fc.constantFrom(VIOLATION, UNVERIFIED, SANCTIONED),
    violation: fc.option(fc.record({ count: fc.nat(5), firstMs: fc.constant(T0), lastMs: fc.constant(T0) }), {
      nil: undefined,
    }),
    unverified: fc.option(fc.record({ count: fc.nat(5), firstMs: fc.constant(T0), lastMs: fc.constant(T0) }), {
      nil: undefined,
    }),
  })
  it('planning again counts nothing twice and settles, with one finding per detector and edge', () => {
    const step = fc.record({
      edges: fc.uniqueArray(arbitraryEdge, { selector: ({ edgeId }) => edgeId, maxLength: 2 }),
      minutes: fc.nat(30),
      isAlive: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const store = new Store()
        let nowMs = T0
        for (const { edges, minutes, isAlive } of steps) {
          nowMs += minutes * MINUTE_MS
          const liveness = new Map([['prod-eu', { flows: { isAlive }, evidence: { isAlive } }]])
          store.plan(edges, nowMs, liveness)
          const counts = store.findings.map(({ count }) => count)
          for (const { kind } of store.plan(edges, nowMs, liveness)) expect(['resolve', 'stale']).toContain(kind)
          expect(store.findings.map(({ count }) => count)).toEqual(counts)
          expect(store.plan(edges, nowMs, liveness)).toEqual([])
          const keys = store.findings.map(({ detector, edgeId }) => `${detector} ${edgeId}`)
          expect(new Set(keys).size).toBe(keys.length)
        }
      }),
    )
  })
  it('no evidence alive never resolves a violation', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.boolean(), (minutes, hasFlows) => {
        const store = new Store()
        store.plan([violated(1)], T0)
        store.plan(
          [],
          T0 + minutes * MINUTE_MS,
          new Map([['prod-eu', { flows: { isAlive: hasFlows }, evidence: { isAlive: false } }]]),
        )
        expect(store.only.status).not.toBe('resolved')
      }),
    )
  })
})
