import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Severity } from '@/lib/model/finding'
import type { ChannelFilter, ChannelKind, NotifiedFinding } from '@/lib/model/notification'
import { MINUTE_MS } from '@/lib/model/units'
import { FLAP_MS, planNotice, type ToldState } from './plan-notice'

const NOW = Date.UTC(2026, 10, 26, 12)
const FILTER: ChannelFilter = {
  minSeverity: 'high',
  detectors: [],
  clusters: [],
  withPossible: false,
  sendResolved: true,
}
const FINDING: NotifiedFinding = {
  id: 'f',
  detector: 'D0',
  severity: 'high',
  certainty: 'fact',
  status: 'open',
  isAccepted: false,
  dataset: '',
  cluster: 'prod',
  workload: 'agents/planner',
  target: 'OpenAI',
  title: 't',
  count: 1,
  firstSeenMs: NOW,
  lastSeenMs: NOW,
}

/** A channel that is told of one finding over time; what it is sent, in order. */
function channel(filter: Partial<ChannelFilter> = {}, kind: ChannelKind = 'generic') {
  let told: ToldState | undefined
  let held: { kind: string; dueMs: number } | undefined
  const sent: { kind: string; atMs: number; key: string }[] = []
  const passTime = (nowMs: number) => {
    if (held && held.dueMs <= nowMs) {
      sent.push({ kind: held.kind, atMs: held.dueMs, key: '' })
      held = undefined
      if (told) told = { ...told, isHeld: false }
    }
  }
  return {
    sent,
    kinds: () => sent.map(({ kind: word }) => word),
    passTime,
    tell(event: string, atMs = NOW, finding: Partial<NotifiedFinding> = {}) {
      passTime(atMs)
      const plan = planNotice({
        kind,
        filter: { ...FILTER, ...filter },
        finding: { ...FINDING, ...finding },
        event,
        told,
        nowMs: atMs,
      })
      if (!plan) return
      told = plan.state
      if (plan.dropHeld) held = undefined
      if (plan.notice && plan.notice.dueMs > atMs) held = plan.notice
      else if (plan.notice) sent.push({ kind: plan.notice.kind, atMs, key: plan.notice.key })
    },
  }
}

describe('planNotice', () => {
  it('a finding is told when it opens, gets worse, ends; each once, however often it is said', () => {
    const one = channel()
    for (const event of ['opened', 'opened', 'acknowledged', 'commented', 'assigned', 'stale']) one.tell(event)
    for (let n = 0; n < 3; n += 1) one.tell('escalated', NOW + 1, { severity: 'critical' })
    one.tell('escalated', NOW + 2, { severity: 'high' })
    one.tell('escalated', NOW + 3, { severity: 'critical' })
    for (let n = 0; n < 3; n += 1) one.tell('resolved', NOW + 4, { status: 'resolved' })
    expect(one.kinds()).toEqual(['opened', 'escalated', 'resolved'])
    expect(new Set(one.sent.map(({ key }) => key)).size).toBe(3)
  })

  it.each([
    [{ severity: 'medium' }, {}],
    [{ certainty: 'possible' }, {}],
    [{ dataset: 'import' }, {}],
    [{ isAccepted: true }, {}],
    [{ status: 'resolved' }, {}],
    [{}, { detectors: ['D1'] }],
    [{}, { clusters: ['dev'] }],
  ] as const)('%j is not told where the filter is %j, and neither is its end', (finding, filter) => {
    const one = channel(filter)
    one.tell('opened', NOW, finding)
    one.tell('resolved', NOW, { ...finding, status: 'resolved' })
    expect(one.kinds()).toEqual([])
  })

  it('what the filter names is told', () => {
    const one = channel({ minSeverity: 'info', detectors: ['D0', 'D1'], clusters: ['prod'], withPossible: true })
    one.tell('opened', NOW, { severity: 'info', certainty: 'possible' })
    expect(one.kinds()).toEqual(['opened'])
  })

  it('what becomes bad enough later is told then, as open', () => {
    const one = channel()
    one.tell('opened', NOW, { severity: 'low' })
    one.tell('escalated', NOW + 1, { severity: 'critical' })
    one.tell('resolved', NOW + 2, { status: 'resolved' })
    expect(one.kinds()).toEqual(['opened', 'resolved'])
  })

  it('an accepted risk falls silent: Alertmanager is told the end of its alert, others nothing', () => {
    const [mail, alerts] = [channel(), channel({}, 'alertmanager')]
    for (const one of [mail, alerts]) {
      one.tell('opened')
      one.tell('accepted', NOW + 1, { isAccepted: true })
      one.tell('escalated', NOW + 2, { isAccepted: true, severity: 'critical' })
      one.tell('reopened', NOW + 3, { isAccepted: true })
      one.tell('resolved', NOW + 4, { isAccepted: true, status: 'resolved' })
    }
    expect(mail.kinds()).toEqual(['opened'])
    expect(alerts.kinds()).toEqual(['opened', 'accepted'])
  })

  it.each(['acceptance-expired', 'acceptance-ended'])(
    '%s tells of what is still open, and of nothing else',
    (event) => {
      const [open, over] = [channel(), channel()]
      for (const one of [open, over]) {
        one.tell('opened')
        one.tell('accepted', NOW + 1, { isAccepted: true })
      }
      open.tell(event, NOW + FLAP_MS, { isAccepted: true })
      over.tell(event, NOW + FLAP_MS, { status: 'resolved' })
      expect([open.kinds(), over.kinds()]).toEqual([['opened', 'reopened'], ['opened']])
    },
  )

  it('who does not want ends is told none, Alertmanager always', () => {
    const [mail, alerts] = [channel({ sendResolved: false }), channel({ sendResolved: false }, 'alertmanager')]
    for (const one of [mail, alerts]) {
      one.tell('opened')
      one.tell('resolved', NOW + 1, { status: 'resolved' })
    }
    expect([mail.kinds(), alerts.kinds()]).toEqual([['opened'], ['opened', 'resolved']])
  })

  it('what flaps is told once in half an hour, and then again only if it is still open', () => {
    const one = channel()
    one.tell('opened')
    one.tell('resolved', NOW + MINUTE_MS, { status: 'resolved' })
    for (let n = 2; n < 20; n += 2) {
      one.tell('reopened', NOW + n * MINUTE_MS)
      one.tell('escalated', NOW + n * MINUTE_MS, { severity: 'critical' })
      one.tell('resolved', NOW + (n + 1) * MINUTE_MS, { status: 'resolved' })
    }
    expect(one.kinds()).toEqual(['opened', 'resolved'])
    one.tell('reopened', NOW + 22 * MINUTE_MS)
    one.passTime(NOW + FLAP_MS)
    expect(one.sent.at(-1)).toMatchObject({ kind: 'reopened', atMs: NOW + FLAP_MS })
  })

  it('whatever happens: at most one opening in half an hour, opening and end by turns, each severity once', () => {
    const severity = fc.constantFrom<Severity>('critical', 'high', 'medium')
    const step = fc.record({
      event: fc.constantFrom('opened', 'reopened', 'escalated', 'resolved', 'accepted', 'acceptance-expired', 'stale'),
      afterMs: fc.nat(20 * MINUTE_MS),
      severity,
      isAccepted: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const one = channel()
        let nowMs = NOW
        for (const { event, afterMs, ...finding } of steps) {
          nowMs += afterMs
          one.tell(event, nowMs, { ...finding, status: event === 'resolved' ? 'resolved' : 'open' })
        }
        const openings = one.sent.filter(({ kind }) => kind === 'opened' || kind === 'reopened')
        for (const [at, opening] of openings.entries())
          expect(opening.atMs - (openings[at - 1]?.atMs ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(FLAP_MS)
        let [isOpen, worse] = [false, 0]
        for (const { kind } of one.sent) {
          if (kind === 'resolved') expect(isOpen).toBe(true)
          if (kind === 'escalated') worse += 1
          if (kind !== 'escalated') [isOpen, worse] = [kind !== 'resolved', 0]
          expect(worse).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})
