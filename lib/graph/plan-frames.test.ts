import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planFrames } from './plan-frames'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ALL = { slots: Number.NEGATIVE_INFINITY, minutes: Number.NEGATIVE_INFINITY, hours: Number.NEGATIVE_INFINITY }
const T0 = Date.parse('2026-11-24T10:00:00Z')

describe('frames of a window', () => {
  it.each([
    [15 * MINUTE, 15_000, 60],
    [HOUR, 30_000, 120],
    [6 * HOUR, 5 * MINUTE, 72],
    [24 * HOUR, 15 * MINUTE, 96],
    [7 * 24 * HOUR, 2 * HOUR, 84],
    [30 * 24 * HOUR, 6 * HOUR, 120],
  ])('of %i ms are as short as 120 of them allow', (length, stepMs, count) => {
    // A Thursday: weeks of the epoch begin on one.
    const fromMs = Date.parse('2026-11-26T00:00:00Z')
    expect(planFrames({ fromMs, toMs: fromMs + length }, 120, ALL)).toEqual({ fromMs, stepMs, count })
  })

  it('are no finer than what is kept of the window', () => {
    const window = { fromMs: T0, toMs: T0 + 15 * MINUTE }
    expect(planFrames(window, 120, { ...ALL, slots: T0 + MINUTE }).stepMs).toBe(MINUTE)
    expect(planFrames(window, 120, { ...ALL, slots: T0 + HOUR, minutes: T0 + 1 })).toEqual({
      fromMs: T0,
      stepMs: HOUR,
      count: 1,
    })
  })

  it('cover the window, are at most as many as asked, and never reach further than one frame beyond it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 1000, max: 10 * 366 * 24 * HOUR }),
        fc.integer({ min: 2, max: 240 }),
        (fromMs, length, most) => {
          const plan = planFrames({ fromMs, toMs: fromMs + length }, most, ALL)
          const endMs = plan.fromMs + plan.stepMs * plan.count
          expect(plan.count).toBeLessThanOrEqual(most)
          expect(plan.fromMs).toBeLessThanOrEqual(fromMs)
          expect(endMs).toBeGreaterThanOrEqual(fromMs + length)
          expect(endMs - fromMs - length).toBeLessThan(plan.stepMs)
          expect(fromMs - plan.fromMs).toBeLessThan(plan.stepMs)
        },
      ),
    )
  })
})
