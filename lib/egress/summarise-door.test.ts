import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DOOR_STATES } from '@/lib/model/egress'
import { summariseDoor, type WeightedJudgement } from './summarise-door'

const row = (
  state: WeightedJudgement['judgement']['state'],
  weight: number,
  rest: Partial<WeightedJudgement['judgement']> = {},
) => ({
  judgement: { state, lean: 'none', ...rest } as const,
  weight,
})
const unknown = (weight: number, rest: Partial<WeightedJudgement['judgement']> = {}) =>
  row('unverified', weight, { reason: 'no_nat_evidence', ...rest })

describe('the state of a door', () => {
  it('one proven violation among ten thousand makes it a violation, with its counts', () => {
    const door = summariseDoor([
      row('sanctioned', 9999),
      row('violation', 1, { observedIp: '198.51.100.7' }),
      unknown(5),
    ])
    expect(door).toMatchObject({ state: 'violation', observedIps: ['198.51.100.7'] })
    expect(door.counts).toMatchObject({ sanctioned: 9999, violation: 1, unverified: 5 })
  })
  it.each([
    [99, 1, 'sanctioned'],
    [98, 2, 'unverified'],
    [1, 0, 'sanctioned'],
    [0, 1, 'unverified'],
  ])('%d sanctioned and %d unjudged: %s', (sanctioned, rest, state) => {
    expect(summariseDoor([row('sanctioned', sanctioned), unknown(rest)]).state).toBe(state)
  })
  it('beyond the tolerance it is partial coverage, not the rest’s own reason', () => {
    expect(summariseDoor([row('sanctioned', 50), unknown(50)])).toMatchObject({
      state: 'unverified',
      reason: 'partial_coverage',
    })
  })
  it('the tolerance does not swallow what leans to violation', () => {
    const door = summariseDoor([
      row('sanctioned', 9999),
      unknown(1, { lean: 'likely_violation', reason: 'provider_refused' }),
    ])
    expect(door).toMatchObject({ state: 'unverified', reason: 'partial_coverage', lean: 'likely_violation' })
  })
  it('connections without a rule are unjudged too', () => {
    expect(summariseDoor([row('sanctioned', 50), row('no_rule', 50)]).reason).toBe('partial_coverage')
  })
  it('the commonest reason is the door’s', () => {
    expect(summariseDoor([unknown(3), unknown(7, { reason: 'partial_hop' })]).reason).toBe('partial_hop')
  })
  it('leans to ok only if all of the rest does', () => {
    expect(summariseDoor([unknown(3, { lean: 'likely_ok' }), unknown(1)]).lean).toBe('none')
    expect(summariseDoor([unknown(3, { lean: 'likely_ok' })]).lean).toBe('likely_ok')
  })
  it('what was stopped does not speak for what passed', () => {
    expect(summariseDoor([row('blocked', 100), row('sanctioned', 1)]).state).toBe('sanctioned')
    expect(summariseDoor([row('blocked', 100), unknown(1)]).state).toBe('unverified')
    expect(summariseDoor([row('blocked', 100), row('no_rule', 1)]).state).toBe('no_rule')
    expect(summariseDoor([row('blocked', 100)]).state).toBe('blocked')
    expect(summariseDoor([row('blocked', 1), row('broken', 1)]).state).toBe('broken')
    expect(summariseDoor([row('not_applicable', 1, { reason: 'private_endpoint' })])).toMatchObject({
      state: 'not_applicable',
      reason: 'private_endpoint',
    })
  })
  it('nothing at all is not known, and so is a weight of nothing', () => {
    expect(summariseDoor([])).toMatchObject({ state: 'unverified', reason: 'no_nat_evidence' })
    expect(summariseDoor([row('violation', 0), row('sanctioned', 0)]).state).toBe('unverified')
  })
  it('an acquittal is as sure as its weakest proof, a conviction as its strongest', () => {
    const words = (state: 'sanctioned' | 'violation') =>
      summariseDoor([
        row(state, 1, { confidence: 'proven by provider' }),
        row(state, 1, { confidence: 'observed at the final hop' }),
      ])
    expect(words('sanctioned').confidence).toBe('observed at the final hop')
    expect(words('violation').confidence).toBe('proven by provider')
  })
  it('addresses are by frequency, at most eight', () => {
    const rows = Array.from({ length: 12 }, (_, index) => unknown(index + 1, { observedIp: `203.0.113.${index}` }))
    expect(summariseDoor(rows).observedIps).toEqual([11, 10, 9, 8, 7, 6, 5, 4].map((last) => `203.0.113.${last}`))
  })
})

describe('laws', () => {
  const rows = fc.array(
    fc.record({
      weight: fc.nat(1000),
      judgement: fc.record({
        state: fc.constantFrom(...DOOR_STATES),
        lean: fc.constantFrom('none' as const, 'likely_ok' as const, 'likely_violation' as const),
      }),
    }),
    { maxLength: 12 },
  )
  it('one violation always gives violation, and no violation never does', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const isViolation = list.some(({ judgement, weight }) => judgement.state === 'violation' && weight > 0)
        expect(summariseDoor(list).state === 'violation').toBe(isViolation)
        expect(summariseDoor([...list, row('violation', 1)]).state).toBe('violation')
      }),
    )
  })
  it('nothing sanctioned never gives sanctioned', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const without = list.filter(({ judgement }) => judgement.state !== 'sanctioned')
        expect(summariseDoor(without).state).not.toBe('sanctioned')
      }),
    )
  })
  it('counts add up, and grouping equal rows changes nothing', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const door = summariseDoor(list)
        expect(Object.values(door.counts).reduce((sum, count) => sum + count, 0)).toBe(
          list.reduce((sum, { weight }) => sum + weight, 0),
        )
        expect(summariseDoor([...list].reverse())).toEqual(door)
      }),
    )
  })
})
