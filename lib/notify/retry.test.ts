import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GIVE_UP_MS, nextStep } from './retry'

const NOW = Date.UTC(2026, 10, 26, 12)
const step = (outcome: { status?: number; retryAfter?: string; isRefused?: boolean }, more = {}) =>
  nextStep({
    outcome: { tookMs: 1, answer: 'why', isRefused: false, ...outcome },
    attempts: 1,
    createdMs: NOW,
    nowMs: NOW,
    random: 0,
    ...more,
  })

describe('nextStep', () => {
  it.each([200, 201, 202, 204])('%i is sent', (status) => expect(step({ status })).toEqual({ kind: 'sent' }))

  it.each([500, 502, 503, 504, 408, 425, 429, undefined])('%s is tried again', (status) =>
    expect(step(status === undefined ? {} : { status })).toMatchObject({ kind: 'retry' }),
  )

  it.each([400, 401, 403, 404, 410, 413, 301, 307])('%i is given up at once, and says so', (status) =>
    expect(step({ status })).toMatchObject({ kind: 'failed', reason: expect.stringContaining(String(status)) }),
  )

  it('an address that is refused is not asked again', () =>
    expect(step({ isRefused: true })).toEqual({ kind: 'failed', reason: 'why' }))

  it('pauses double, with jitter of a half, up to an hour', () => {
    const pause = (attempts: number, random: number) => {
      const next = step({ status: 500 }, { attempts, random })
      return next.kind === 'retry' ? next.atMs - NOW : undefined
    }
    expect([1, 2, 3].map((attempts) => pause(attempts, 0))).toEqual([2500, 5000, 10_000])
    expect([1, 2, 3].map((attempts) => pause(attempts, 0.98))).toEqual([4950, 9900, 19_800])
    expect(pause(60, 0.999999)).toBe(3_599_998)
  })

  it('Retry-After is waited for, in seconds or as a date; nonsense is not', () => {
    expect(step({ status: 429, retryAfter: '120' })).toEqual({ kind: 'retry', atMs: NOW + 120_000 })
    expect(step({ status: 503, retryAfter: new Date(NOW + 600_000).toUTCString() })).toEqual({
      kind: 'retry',
      atMs: NOW + 600_000,
    })
    for (const retryAfter of ['soon', '-5', '', 'Thu, 01 Jan 1970 00:00:00 GMT'])
      expect(step({ status: 503, retryAfter })).toEqual({ kind: 'retry', atMs: NOW + 2500 })
  })

  it('nothing is tried later than 24 h after it came to be', () => {
    expect(step({ status: 503, retryAfter: '999999999' })).toMatchObject({ kind: 'failed' })
    fc.assert(
      fc.property(
        fc.nat(GIVE_UP_MS),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (ageMs, attempts, random) => {
          const next = step({ status: 500 }, { createdMs: NOW - ageMs, attempts, random })
          const atMs = next.kind === 'retry' ? next.atMs : NOW + 1
          expect([
            next.kind !== 'sent',
            atMs > NOW,
            next.kind === 'failed' || atMs <= NOW - ageMs + GIVE_UP_MS,
          ]).toEqual([true, true, true])
        },
      ),
    )
  })
})
