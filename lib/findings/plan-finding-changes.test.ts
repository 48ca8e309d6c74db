import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summariseDoor } from '@/lib/egress/summarise-door'
import type { DoorSummary } from '@/lib/model/egress'
import type { Acceptance, FindingChange, TrackedFinding } from '@/lib/model/finding'
import { HOUR_MS, MINUTE_MS } from '@/lib/model/units'
import { d0 as d0Violation } from './d0-violation'
import { d0u as d0uUnverified } from './d0u-unverified'
import {
  type ClusterDetector,
  type ClusterFacts,
  DETECTOR_NEEDS,
  type Detection,
  type EdgeFacts,
  type Shown,
  SLOT_MS,
} from './facts'
import { planFindingChanges, QUIET_MS, REOPEN_WINDOW_MS } from './plan-finding-changes'
import { runDetectors } from './run-detectors'
import type { Liveness, SourceLiveness } from './source-liveness'

/** On a slot's edge. */
const T0 = Math.floor(1_790_000_000_000 / SLOT_MS) * SLOT_MS
const up: Liveness = { isKnown: true, isAlive: true }
const down: Liveness = { isKnown: true, isAlive: false }
const NONE: Liveness = { isKnown: false, isAlive: false }
const ALIVE: SourceLiveness = { flows: up, evidence: up, dns: up, spans: up, inventory: up }
const live = (parts: Partial<SourceLiveness> = {}): ReadonlyMap<string, SourceLiveness> =>
  new Map([['prod-eu', { ...ALIVE, ...parts }]])
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

/** A door, with where it is. */
interface Door extends Pick<EdgeFacts, 'door' | 'violation' | 'unverified' | 'mode'> {
  readonly edgeId: string
  readonly dataset: string
  readonly target: string
}

const edge = (parts: Partial<Door> = {}): Door => ({
  edgeId: 'e1',
  dataset: '',
  target: 'OpenAI',
  door: VIOLATION,
  ...parts,
})

function factsOf(dataset: string, doors: readonly Door[], nowMs: number): ClusterFacts {
  const peer = (name: string) => ({
    endpointId: name,
    class: 'workload' as const,
    namespace: 'agents',
    name,
    label: name,
    labels: {},
    ips: [],
  })
  return {
    dataset,
    cluster: 'prod-eu',
    nowMs,
    edges: doors.map(({ dataset: _dataset, target, ...door }) => ({
      client: { ...peer('planner'), label: 'agents/planner' },
      server: { ...peer(target), class: 'external' as const },
      protocol: 'tcp',
      serverPort: 443,
      firstEverMs: T0,
      firstMs: T0,
      lastMs: T0,
      variants: [],
      slots: [],
      wire: { httpRequests: 0, encryptedRecords: 0, httpSpans: 0, httpsSpans: 0, hasMesh: false },
      ...door,
    })),
    workloads: [],
    names: [],
    volumes: new Map(),
    met: new Set(DETECTOR_NEEDS),
    deniedProviders: new Set(),
    confirmedAllowLists: new Set(),
    allowLists: new Map(),
  }
}

/** Findings as a store would keep them: the current ones, and those that others went on from. */
class Store {
  findings: TrackedFinding[] = []
  past: TrackedFinding[] = []
  log: string[] = []

  constructor(readonly detectors: readonly ClusterDetector[] = [d0Violation, d0uUnverified]) {}

  plan(
    doors: readonly Door[],
    nowMs: number,
    liveness: ReadonlyMap<string, SourceLiveness> = live(),
  ): readonly FindingChange[] {
    const datasets = [...new Set(doors.map(({ dataset }) => dataset))]
    const facts = datasets.map((dataset) =>
      factsOf(
        dataset,
        doors.filter((door) => door.dataset === dataset),
        nowMs,
      ),
    )
    const runs = facts.map((one) => runDetectors(one, this.detectors))
    const changes = planFindingChanges({ detectors: this.detectors, runs, findings: this.findings, liveness, nowMs })
    for (const change of changes) this.apply(change)
    return changes
  }

  apply(change: FindingChange): void {
    this.log.push(change.kind)
    if (change.kind === 'open') {
      this.past.push(...this.findings.filter(({ id }) => id === change.replaces))
      this.findings = this.findings.filter(({ id }) => id !== change.replaces)
      this.findings.push({ ...change.finding, id: `f${this.findings.length + this.past.length}` })
      return
    }
    this.findings = this.findings.map((finding) =>
      finding.id === change.findingId ? applied(finding, change) : finding,
    )
  }

  accept(accepted: Acceptance): void {
    this.findings = this.findings.map((finding) => ({ ...finding, accepted }))
  }

  get only(): TrackedFinding {
    const [finding, ...rest] = this.findings
    if (!finding || rest.length > 0) throw new Error(`${this.findings.length} findings`)
    return finding
  }
}

function applied(finding: TrackedFinding, change: Exclude<FindingChange, { kind: 'open' }>): TrackedFinding {
  switch (change.kind) {
    case 'resolve':
      return { ...finding, status: 'resolved', resolvedMs: change.resolvedMs }
    case 'stale':
      return { ...finding, status: 'stale' }
    case 'expire-acceptance': {
      const { accepted: _over, ...rest } = finding
      return rest
    }
    default: {
      const { resolvedMs: _resolved, ...rest } = finding
      return { ...rest, ...change.set, status: 'open' }
    }
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
  it('two targets are two findings', () => {
    const store = new Store()
    store.plan([violated(1), { ...violated(1), edgeId: 'e2', target: 'Anthropic' }], T0)
    expect(store.findings.map(({ edgeIds }) => edgeIds)).toEqual([['e2'], ['e1']])
  })
  it('two addresses of one target are one finding, with both edges and the count of both', () => {
    const store = new Store()
    store.plan([violated(1), { ...violated(4), edgeId: 'e2' }], T0)
    expect(store.only).toMatchObject({ edgeIds: ['e2', 'e1'], count: 5 })
  })
  it('names from outside are cut, and hold nothing that a database refuses', () => {
    const store = new Store()
    store.plan([{ ...violated(1), target: `\0\ud800${'x'.repeat(5000)}` }], T0)
    expect(store.only.target).toBe(`\ufffd\ufffd${'x'.repeat(298)}`)
    expect(store.plan([{ ...violated(1), target: `\0\ud800${'x'.repeat(5000)}` }], T0)).toEqual([])
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
    ['evidence', { evidence: down }],
    ['flows', { flows: down }],
  ])('without %s quiet proves nothing: stale, not resolved', (_, parts) => {
    const store = opened()
    store.plan([], T0 + QUIET_MS, live(parts))
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
    const since = (watchedSinceMs?: number): ReadonlyMap<string, SourceLiveness> => {
      const watched = { ...up, ...(watchedSinceMs !== undefined && { watchedSinceMs }) }
      return live({ flows: watched, evidence: watched })
    }
    store.plan([], T0 + QUIET_MS, new Map())
    const backMs = T0 + 60 * MINUTE_MS
    expect(store.plan([], backMs + MINUTE_MS, since())).toEqual([])
    expect(store.plan([], backMs + QUIET_MS - 1, since(backMs))).toEqual([])
    store.plan([], backMs + QUIET_MS, since(backMs))
    expect(store.only.status).toBe('resolved')
  })
  it('a source that was away for a part of the quiet time does not resolve', () => {
    const store = opened()
    const back = { ...up, aliveSinceMs: T0 + 10 * MINUTE_MS }
    expect(store.plan([], T0 + QUIET_MS, live({ flows: back }))).toEqual([])
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
    store.plan([], T0 + QUIET_MS, live({ evidence: NONE }))
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
    store.plan([{ ...violated(1), door: { ...VIOLATION, violatingIps: ['198.51.100.9'] } }], T0 + 1000)
    expect(store.only.title).toContain('198.51.100.9')
    expect(store.log).toEqual(['open', 'update'])
  })
})

describe('after the reopen window', () => {
  const ended = () => {
    const store = new Store()
    store.plan([violated(3)], T0)
    store.plan([], T0 + QUIET_MS)
    return store
  }
  const againMs = T0 + QUIET_MS + REOPEN_WINDOW_MS
  it('a millisecond before its end it is the same finding', () => {
    const store = ended()
    store.plan([violated(4, againMs - 1)], againMs - 1)
    expect(store.past).toEqual([])
    expect(store.only).toMatchObject({ count: 4, firstSeenMs: T0 })
  })
  it('a new finding begins, which counts from there on; the old one stays as it ended', () => {
    const store = ended()
    store.plan([violated(4, againMs)], againMs)
    expect(store.past).toMatchObject([{ status: 'resolved', count: 3 }])
    expect(store.only).toMatchObject({ status: 'open', count: 1, firstSeenMs: againMs, openedMs: againMs })
    store.plan([violated(9, againMs + 1000)], againMs + 1000)
    expect(store.only).toMatchObject({ count: 6, firstSeenMs: againMs, lastSeenMs: againMs + 1000 })
  })
  it('what it counted stays out of the count of the third, too', () => {
    const store = ended()
    store.plan([violated(5, againMs)], againMs)
    store.plan([], againMs + QUIET_MS)
    const thirdMs = againMs + QUIET_MS + REOPEN_WINDOW_MS
    store.plan([violated(6, thirdMs)], thirdMs)
    expect(store.only.count).toBe(1)
  })
  it('the old violation alone, still on record, opens nothing', () => {
    expect(ended().plan([violated(3)], againMs)).toEqual([])
  })
  it.each([
    ['an acceptance that lasts goes on', againMs + 1, true],
    ['an acceptance that is over does not', againMs, false],
  ])('%s', (_, untilMs, isKept) => {
    const store = ended()
    store.accept({ by: 'ada', atMs: T0, reason: 'known', untilMs })
    store.plan([violated(4, againMs)], againMs)
    expect(store.only.accepted !== undefined).toBe(isKept)
  })
})

describe('accepted risks', () => {
  it('are counted, and come back when their time is over', () => {
    const store = new Store()
    store.plan([violated(1)], T0)
    store.accept({ by: 'ada', atMs: T0, reason: 'known', untilMs: T0 + HOUR_MS })
    store.plan([violated(2, T0 + MINUTE_MS)], T0 + MINUTE_MS)
    expect(store.only).toMatchObject({ count: 2, accepted: { by: 'ada' } })
    expect(store.plan([violated(2, T0 + HOUR_MS)], T0 + HOUR_MS).map(({ kind }) => kind)).toContain('expire-acceptance')
    expect(store.only.accepted).toBeUndefined()
  })
  it('without an end stay until a person ends them', () => {
    const store = new Store()
    store.plan([violated(1)], T0)
    store.accept({ by: 'ada', atMs: T0, reason: 'known' })
    store.plan([violated(1, T0 + 400 * 24 * HOUR_MS)], T0 + 400 * 24 * HOUR_MS)
    expect(store.only.accepted).toBeDefined()
  })
})

/** A detector that says what it is told. */
function told(parts: Partial<ClusterDetector> = {}) {
  const says: { detections: Detection[] } = { detections: [] }
  const detector: ClusterDetector = {
    id: 'D6',
    name: 'Told',
    needs: ['flows'],
    isLearning: false,
    detect: () => says.detections,
    ...parts,
  }
  return { says, detector, store: new Store([detector]) }
}
const slots = (
  counts: readonly (readonly [slot: number, count: number])[],
  parts: Partial<Detection> = {},
): Detection => ({
  workload: 'agents/planner',
  target: 'OpenAI',
  severity: 'medium',
  certainty: 'fact',
  title: 'Denied.',
  facts: [],
  disproof: '',
  cause: 'provider:openai',
  edgeIds: ['e1'],
  shown: {
    kind: 'slots',
    slots: counts.map(([slot, count]) => ({ startMs: T0 + slot * SLOT_MS, count })),
    firstMs: T0 + Math.min(...counts.map(([slot]) => slot)) * SLOT_MS,
    lastMs: T0 + Math.max(...counts.map(([slot]) => slot)) * SLOT_MS,
  },
  ...parts,
})

describe('counts by slots', () => {
  const look = (store: Store, nowMs: number) => store.plan([edge({ door: SANCTIONED })], nowMs)
  it('add up while they slide out of the look-back', () => {
    const { says, store } = told()
    for (let n = 0; n < 40; n++) {
      // The last hour, a slot of one each.
      says.detections = [slots([0, 1, 2, 3].flatMap((back) => (n >= back ? [[n - back, 1] as const] : [])))]
      look(store, T0 + n * SLOT_MS)
      look(store, T0 + n * SLOT_MS)
    }
    expect(store.only.count).toBe(40)
    expect(store.only.tally.slots.length).toBeLessThanOrEqual(9)
  })
  it('a late record counts in its slot, and a replica that saw less takes nothing away', () => {
    const { says, store } = told()
    says.detections = [
      slots([
        [0, 5],
        [1, 2],
      ]),
    ]
    look(store, T0 + SLOT_MS)
    says.detections = [
      slots([
        [0, 3],
        [1, 1],
      ]),
    ]
    expect(look(store, T0 + SLOT_MS)).toEqual([])
    says.detections = [
      slots([
        [0, 6],
        [1, 2],
      ]),
    ]
    look(store, T0 + SLOT_MS)
    expect(store.only.count).toBe(8)
  })
  it('what is still in the look-back after it was resolved is no news', () => {
    const { says, store } = told()
    says.detections = [slots([[0, 5]])]
    look(store, T0)
    look(store, T0 + QUIET_MS)
    expect(store.only.status).toBe('resolved')
    expect(look(store, T0 + 2 * QUIET_MS)).toEqual([])
    says.detections = [
      slots([
        [0, 5],
        [2, 1],
      ]),
    ]
    look(store, T0 + 2 * SLOT_MS)
    expect(store.only).toMatchObject({ status: 'open', count: 6 })
  })
  it('whatever the order and the repeats of looks, a finding counts each slot once', () => {
    const looks = fc.array(fc.record({ fromSlot: fc.nat(3), drop: fc.nat(3) }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(looks, (all) => {
        const { says, store } = told()
        const truth = [4, 3, 2, 5]
        const seen = truth.map(() => 0)
        for (const { fromSlot, drop } of all) {
          const view = truth.flatMap((count, slot) =>
            slot >= fromSlot ? [[slot, Math.max(0, count - drop)] as const] : [],
          )
          for (const [slot, count] of view) seen[slot] = Math.max(seen[slot] ?? 0, count)
          says.detections = [slots(view)]
          look(store, T0 + 3 * SLOT_MS)
        }
        const expected = seen.reduce((sum, count) => sum + count, 0)
        expect(store.findings.map(({ count }) => count)).toEqual(expected > 0 ? [expected] : [])
      }),
    )
  })
})

describe('severity', () => {
  it('rises, and does not fall while it is open', () => {
    const { says, store } = told()
    for (const severity of ['medium', 'high', 'low'] as const) {
      says.detections = [slots([[0, 1]], { severity })]
      store.plan([edge({ door: SANCTIONED })], T0)
    }
    expect(store.only.severity).toBe('high')
  })
})

describe('detectors that say nothing', () => {
  const opened = (parts: Partial<ClusterDetector>) => {
    const made = told(parts)
    made.says.detections = [slots([[0, 1]])]
    made.store.plan([edge({ door: SANCTIONED })], T0)
    expect(made.store.only.status).toBe('open')
    return made
  }
  it('one that throws leaves its findings as they are', () => {
    const { store, says } = opened({})
    Object.defineProperty(says, 'detections', {
      get: () => {
        throw new Error('a defect')
      },
    })
    expect(store.plan([edge({ door: SANCTIONED })], T0 + 2 * QUIET_MS)).toEqual([])
  })
  it('one of another pass leaves its findings as they are', () => {
    const { store } = opened({})
    const nowMs = T0 + 2 * QUIET_MS
    const input = { detectors: [d0Violation], runs: [], findings: store.findings, liveness: live(), nowMs }
    expect(planFindingChanges(input)).toEqual([])
  })
  it('one whose need several sources meet resolves only where each that there is lives', () => {
    const { store } = opened({ needs: [['spans', 'flows']] })
    store.plan([], T0 + QUIET_MS, live({ spans: down }))
    expect(store.only.status).toBe('stale')
  })
  it('and needs none that there never was', () => {
    const { store } = opened({ needs: [['spans', 'flows']] })
    store.plan([], T0 + QUIET_MS, live({ spans: NONE }))
    expect(store.only.status).toBe('resolved')
  })
})

describe('laws', () => {
  const arbitraryEdge: fc.Arbitrary<Door> = fc.record({
    edgeId: fc.constantFrom('e1', 'e2'),
    dataset: fc.constant(''),
    target: fc.constantFrom('OpenAI', 'Anthropic'),
    door: fc.constantFrom(VIOLATION, UNVERIFIED, SANCTIONED),
    violation: fc.option(fc.record({ count: fc.nat(5), firstMs: fc.constant(T0), lastMs: fc.constant(T0) }), {
      nil: undefined,
    }),
    unverified: fc.option(fc.record({ count: fc.nat(5), firstMs: fc.constant(T0), lastMs: fc.constant(T0) }), {
      nil: undefined,
    }),
  })
  it('planning again counts nothing twice and settles, with one finding per detector and target', () => {
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
          const liveness = live(isAlive ? {} : { flows: down, evidence: down })
          store.plan(edges, nowMs, liveness)
          const counts = store.findings.map(({ count }) => count)
          for (const { kind } of store.plan(edges, nowMs, liveness)) expect(['resolve', 'stale']).toContain(kind)
          expect(store.findings.map(({ count }) => count)).toEqual(counts)
          expect(store.plan(edges, nowMs, liveness)).toEqual([])
          const keys = store.findings.map(({ detector, target }) => `${detector} ${target}`)
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
        store.plan([], T0 + minutes * MINUTE_MS, live({ flows: hasFlows ? up : down, evidence: down }))
        expect(store.only.status).not.toBe('resolved')
      }),
    )
  })
})
