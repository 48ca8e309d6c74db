import { describe, expect, it } from 'vitest'
import type { CaseChange, CaseFinding, IncidentCase } from '@/lib/model/incident-case'
import { HOUR_MS } from '@/lib/model/units'
import { planCases } from './plan-cases'
import { REOPEN_WINDOW_MS } from './plan-finding-changes'

const T0 = Date.UTC(2026, 10, 26, 14, 2)
const ACCEPTED = { by: 'ada', atMs: T0, reason: 'known' }

const finding = (parts: Partial<CaseFinding> = {}): CaseFinding => ({
  id: 'f1',
  detector: 'D0',
  status: 'open',
  severity: 'critical',
  certainty: 'fact',
  dataset: '',
  cluster: 'prod-eu',
  workload: 'agents/planner',
  target: 'OpenAI (api.openai.com)',
  title: 'agents/planner → OpenAI (api.openai.com) left by 198.51.100.7, not by nat-a (203.0.113.10).',
  facts: [],
  disproof: '',
  cause: 'door:198.51.100.7',
  edgeIds: ['1'],
  count: 1,
  firstSeenMs: T0,
  lastSeenMs: T0,
  openedMs: T0,
  isCaseChosen: false,
  ...parts,
})

/** Incidents and findings as a store would keep them. */
class Store {
  cases: IncidentCase[] = []

  constructor(public findings: CaseFinding[]) {}

  plan(nowMs = T0, news: readonly string[] = []): CaseChange[] {
    const changes = planCases({ cases: this.cases, findings: this.findings, news: new Set(news), nowMs })
    for (const change of changes) this.apply(change, nowMs)
    return changes
  }

  apply(change: CaseChange, nowMs: number): void {
    if (change.kind === 'open') {
      const { findingIds, kind: _kind, ...made } = change
      const id = `c${this.cases.length + 1}`
      this.cases.push({ ...made, id, status: 'open', openedBy: 'postern', openedMs: nowMs })
      this.settle(id, findingIds)
      return
    }
    if (change.kind === 'join') this.settle(change.caseId, change.findingIds)
    this.cases = this.cases.map((one) => {
      if (one.id !== change.caseId) return one
      if (change.kind === 'describe') return { ...one, title: change.title, summary: change.summary }
      if (change.kind === 'resolve') return { ...one, status: 'resolved', resolvedMs: nowMs }
      if (change.kind !== 'reopen') return one
      const { resolvedMs: _resolved, ...rest } = one
      return { ...rest, status: 'open' }
    })
  }

  settle(caseId: string, ids: readonly string[]): void {
    this.findings = this.findings.map((one) => (ids.includes(one.id) ? { ...one, caseId } : one))
  }

  set(id: string, parts: Partial<CaseFinding>): void {
    this.findings = this.findings.map((one) => (one.id === id ? { ...one, ...parts } : one))
  }
}

const kinds = (changes: readonly CaseChange[]) => changes.map(({ kind }) => kind)

describe('opening', () => {
  it('bad, proven findings of one cause are one incident, whatever workloads they are of', () => {
    const store = new Store([finding(), finding({ id: 'f2', workload: 'agents/writer' })])
    store.plan()
    expect(store.cases).toHaveLength(1)
    expect(store.findings.map(({ caseId }) => caseId)).toEqual(['c1', 'c1'])
    expect(store.plan()).toEqual([])
  })
  it.each([
    ['another cause', { cause: 'door:198.51.100.8' }],
    ['another cluster', { cluster: 'prod-us' }],
    ['another dataset', { dataset: 'replay' }],
  ])('%s is another incident', (_, parts) => {
    const store = new Store([finding(), finding({ id: 'f2', ...parts })])
    store.plan()
    expect(store.cases).toHaveLength(2)
  })
  it.each([
    ['medium severity', { severity: 'medium' }],
    ['what is only possible', { certainty: 'possible' }],
    ['an accepted risk', { accepted: ACCEPTED }],
    ['what is over', { status: 'resolved' }],
    ['what a person took out of an incident', { isCaseChosen: true }],
    ['no cause', { cause: '' }],
  ] as const)('%s opens none', (_, parts) => {
    expect(new Store([finding(parts)]).plan()).toEqual([])
  })
  it('a lesser finding of the cause joins the incident that is open', () => {
    const store = new Store([finding()])
    store.plan()
    store.findings.push(finding({ id: 'f2', severity: 'low', certainty: 'possible' }))
    expect(kinds(store.plan())).toContain('join')
    expect(store.findings[1]?.caseId).toBe('c1')
  })
})

describe('ending and coming back', () => {
  const opened = () => {
    const store = new Store([finding(), finding({ id: 'f2', workload: 'agents/writer' })])
    store.plan()
    return store
  }
  const ended = () => {
    const store = opened()
    store.set('f1', { status: 'resolved' })
    store.set('f2', { accepted: ACCEPTED })
    store.plan(T0 + HOUR_MS)
    expect(store.cases[0]).toMatchObject({ status: 'resolved', resolvedMs: T0 + HOUR_MS })
    return store
  }
  it('it is resolved when every finding is resolved or accepted, and not before', () => {
    const store = opened()
    store.set('f1', { status: 'resolved' })
    store.plan(T0 + HOUR_MS)
    expect(store.cases[0]?.status).toBe('open')
    ended()
  })
  it('a stale finding keeps it open: nobody knows that it is over', () => {
    const store = opened()
    store.set('f1', { status: 'resolved' })
    store.set('f2', { status: 'stale' })
    store.plan()
    expect(store.cases[0]?.status).toBe('open')
  })
  it('news of one of its findings opens it again, within a day', () => {
    const store = ended()
    store.set('f1', { status: 'open' })
    store.plan(T0 + 2 * HOUR_MS, ['f1'])
    expect(store.cases).toMatchObject([{ status: 'open' }])
    expect(store.cases[0]).not.toHaveProperty('resolvedMs')
  })
  it('so does the end of an acceptance', () => {
    const store = ended()
    const { accepted: _over, ...rest } = store.findings[1] ?? finding()
    store.findings = [rest]
    store.plan(T0 + 2 * HOUR_MS, ['f2'])
    expect(store.cases).toMatchObject([{ status: 'open' }])
  })
  it('a new finding of its cause comes into it, within a day', () => {
    const store = ended()
    store.findings.push(finding({ id: 'f3', workload: 'agents/third' }))
    store.plan(T0 + 2 * HOUR_MS, ['f3'])
    expect(store.cases).toMatchObject([{ status: 'open' }])
    expect(store.findings[2]?.caseId).toBe('c1')
  })
  it('later, a new incident begins', () => {
    const store = ended()
    // A store gives the planner no incidents that are too old.
    const laterMs = T0 + HOUR_MS + REOPEN_WINDOW_MS
    store.findings.push(finding({ id: 'f3', workload: 'agents/third' }))
    store.plan(laterMs, ['f3'])
    expect(store.cases.map(({ status }) => status)).toEqual(['resolved', 'open'])
  })
  it('what a person resolved stays so while nothing new happens', () => {
    const store = opened()
    store.cases = store.cases.map((one) => ({ ...one, status: 'resolved', resolvedMs: T0, resolvedReason: 'known' }))
    expect(store.plan(T0 + HOUR_MS)).toEqual([])
  })
})

describe('the words', () => {
  it('follow the findings while it is open', () => {
    const store = new Store([finding()])
    store.plan()
    expect(store.cases[0]?.summary).toContain('agents/planner reached')
    store.set('f1', { count: 37 })
    expect(kinds(store.plan())).toEqual(['describe'])
    expect(store.cases[0]?.summary).toContain('37 connections')
  })
})
