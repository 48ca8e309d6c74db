import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TimeRange } from '@/lib/model/time-range'
import { type BucketState, notCoarserThan, planBuckets } from './plan-buckets'

const MINUTE = 60_000
const HOUR = 3_600_000
const BASE = 490_000 * HOUR
const CLEAN: BucketState = {
  changedMinutes: new Set(),
  changedHours: new Set(),
  floor15sMs: Number.NEGATIVE_INFINITY,
  floor1mMs: Number.NEGATIVE_INFINITY,
}
const range = (fromMs: number, toMs: number): TimeRange => ({ fromMs: BASE + fromMs, toMs: BASE + toMs })

describe('planBuckets', () => {
  test('takes hours where they lie in the window whole, and stitches its edges from minutes and 15 seconds', () => {
    const plan = planBuckets(range(-90_000, 2 * HOUR + 2 * MINUTE + 30_000), CLEAN)
    expect(plan.hours).toEqual([range(0, 2 * HOUR)])
    expect(plan.minutes).toEqual([range(-MINUTE, 0), range(2 * HOUR, 2 * HOUR + 2 * MINUTE)])
    expect(plan.slots).toEqual([range(-90_000, -MINUTE), range(2 * HOUR + 2 * MINUTE, 2 * HOUR + 2 * MINUTE + 30_000)])
  })

  test('an hour in which a minute changed is read from its other minutes, and the minute from its 15 seconds', () => {
    const plan = planBuckets(range(0, 3 * HOUR), { ...CLEAN, changedMinutes: new Set([BASE + HOUR + 5 * MINUTE]) })
    expect(plan.hours).toEqual([range(0, HOUR), range(2 * HOUR, 3 * HOUR)])
    expect(plan.minutes).toEqual([range(HOUR, HOUR + 5 * MINUTE), range(HOUR + 6 * MINUTE, 2 * HOUR)])
    expect(plan.slots).toEqual([range(HOUR + 5 * MINUTE, HOUR + 6 * MINUTE)])
    expect(plan.directHours).toEqual([range(HOUR, 2 * HOUR)])
    expect(plan.directMinutes).toEqual([range(HOUR + 5 * MINUTE, HOUR + 6 * MINUTE)])
  })

  test('where the finer rows are gone, the coarse bucket counts whole, changed or not, in or over the edge', () => {
    const plan = planBuckets(range(10 * MINUTE, 3 * HOUR), {
      changedMinutes: new Set([BASE + 2 * MINUTE]),
      changedHours: new Set([BASE]),
      floor15sMs: BASE + 2 * HOUR,
      floor1mMs: BASE + HOUR,
    })
    expect(plan.hours).toEqual([range(0, 3 * HOUR)])
    expect([...plan.minutes, ...plan.slots]).toEqual([])
  })

  test('an empty window reads nothing', () => {
    expect(planBuckets(range(HOUR, HOUR), CLEAN)).toEqual({
      hours: [],
      minutes: [],
      slots: [],
      directHours: [],
      directMinutes: [],
    })
  })

  test('the newest minutes that have not been added up yet cost no more than themselves', () => {
    const changed = new Set([0, 1, 2].map((minute) => BASE + 5 * HOUR + minute * MINUTE))
    const plan = planBuckets(range(0, 5 * HOUR + 3 * MINUTE), { ...CLEAN, changedMinutes: changed })
    expect(plan.hours).toEqual([range(0, 5 * HOUR)])
    expect(plan.slots).toEqual([range(5 * HOUR, 5 * HOUR + 3 * MINUTE)])
  })

  const states = fc
    .record({
      minutes: fc.array(fc.integer({ min: -120, max: 480 }), { maxLength: 60 }),
      hours: fc.array(fc.integer({ min: -2, max: 8 }), { maxLength: 4 }),
      floor: fc.option(fc.integer({ min: -2, max: 4 }), { nil: undefined }),
    })
    .map(({ minutes, hours, floor }) => ({
      changedMinutes: new Set(minutes.map((minute) => BASE + minute * MINUTE)),
      changedHours: new Set(hours.map((hour) => BASE + hour * HOUR)),
      floor15sMs: floor === undefined ? Number.NEGATIVE_INFINITY : BASE + floor * HOUR,
      floor1mMs: floor === undefined ? Number.NEGATIVE_INFINITY : BASE + (floor - 1) * HOUR,
    }))
  const windows = fc
    .tuple(fc.integer({ min: 0, max: 5 * HOUR }), fc.integer({ min: 1, max: 3 * HOUR }))
    .map(([from, length]) => range(from, from + length))

  /** What is wrong with how a plan reads the 15 seconds that begin at `at`. */
  function faultAt(plan: ReturnType<typeof planBuckets>, state: BucketState, at: number): string | undefined {
    const holds = (ranges: readonly TimeRange[], ms: number) =>
      ranges.filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs).length
    const [minute, hour] = [Math.floor(at / MINUTE) * MINUTE, Math.floor(at / HOUR) * HOUR]
    const [hours, minutes, slots] = [holds(plan.hours, at), holds(plan.minutes, at), holds(plan.slots, at)]
    if (hours + minutes + slots !== 1) return `read ${hours + minutes + slots} times`
    if (slots > 0 && at < state.floor15sMs) return 'the 15-second row is gone'
    if (minutes > 0 && at < state.floor1mMs) return 'the minute is gone'
    if (minutes > 0 && minute >= state.floor15sMs && state.changedMinutes.has(minute)) return 'the minute changed'
    if (hours > 0 && hour >= state.floor1mMs) {
      if (state.changedHours.has(hour)) return 'the hour changed'
      for (const changed of state.changedMinutes)
        if (changed >= hour && changed < hour + HOUR) return 'a minute of the hour changed'
    }
    // What came in at a coarse grain is read with it, or by itself: once.
    if (holds(plan.hours, hour) + holds(plan.directHours, hour) !== 1) return 'direct hours'
    if (hours === 0 && holds(plan.minutes, minute) + holds(plan.directMinutes, minute) !== 1) return 'direct minutes'
    return undefined
  }

  test('every 15 seconds of the window are read exactly once, from rows that are there and up to date', () => {
    fc.assert(
      fc.property(windows, states, (window, state) => {
        const plan = planBuckets(window, state)
        const faults: string[] = []
        for (let at = Math.floor(window.fromMs / 15_000) * 15_000; at < window.toMs; at += 15_000) {
          const fault = faultAt(plan, state, at)
          if (fault) faults.push(`${at - BASE}: ${fault}`)
        }
        expect(faults).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test('however scattered the changes are, a query has at most some 150 parts', () => {
    const scattered = fc
      .array(fc.integer({ min: 0, max: 7 * 24 * 60 }), { minLength: 200, maxLength: 400 })
      .map((minutes) => ({ ...CLEAN, changedMinutes: new Set(minutes.map((minute) => BASE + minute * MINUTE)) }))
    fc.assert(
      fc.property(scattered, (state) => {
        const plan = planBuckets(range(0, 7 * 24 * HOUR), state)
        const parts = Object.values(plan).reduce((sum, ranges: readonly TimeRange[]) => sum + ranges.length, 0)
        expect(parts).toBeLessThanOrEqual(150)
      }),
      { numRuns: 50 },
    )
  })
})

describe('notCoarserThan', () => {
  const whole = range(-MINUTE, 3 * HOUR + MINUTE)
  const planned = (stepMs: number, state = CLEAN) => planBuckets(whole, notCoarserThan(stepMs, whole, state))

  test.each([
    ['hours, for steps of hours', 3 * HOUR, ['hours', 'minutes']],
    ['minutes, for steps of minutes, also beyond an hour', 90 * MINUTE, ['minutes']],
    ['15 seconds, for shorter steps', 30_000, ['slots']],
  ])('nothing is read that is longer than a step is made of: %s', (_name, stepMs, grains) => {
    const { hours, minutes, slots } = planned(stepMs)
    const read = Object.entries({ hours, minutes, slots }).filter(([, ranges]) => ranges.length > 0)
    expect(read.map(([grain]) => grain)).toEqual(grains)
  })

  test('what changed stays so, and what is there as hours alone is read as hours', () => {
    expect(planned(HOUR, { ...CLEAN, changedHours: new Set([BASE]) }).hours).toEqual([range(HOUR, 3 * HOUR)])
    expect(planned(MINUTE, { ...CLEAN, floor1mMs: BASE + HOUR }).hours).toEqual([range(-HOUR, HOUR)])
  })
})
