import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketParts } from './bucket-parts'

const T = Date.parse('2026-11-24T12:00:00Z')
const counts = { connections: 7, events: 0, requests: 0, requestErrors: 0, bytesSent: 1001, bytesReceived: 3 }
const parts = (startMs: number, endMs: number) => bucketParts({ startMs, endMs, counts })

describe('bucketParts', () => {
  it('an instant adds to its 15 seconds', () => {
    expect(parts(T + 14_999, T + 14_999)).toMatchObject([{ bucketStartMs: T, grainS: 15, connections: 7 }])
  })

  it("Goldmane's interval is one bucket: the end is not in the next", () => {
    expect(parts(T, T + 15_000)).toMatchObject([{ bucketStartMs: T, grainS: 15, firstMs: T, lastMs: T + 15_000 }])
  })

  it.each([
    [16, 60],
    [60, 60],
    [61, 3600],
    [300, 3600],
    [7200, 3600],
  ])('%i seconds enter at the tier of %i seconds', (seconds, grainS) => {
    expect(new Set(parts(T, T + seconds * 1000).map((part) => part.grainS))).toEqual(new Set([grainS]))
  })

  it('an interval over a boundary is spread by time', () => {
    expect(parts(T - 45_000, T + 15_000)).toMatchObject([
      { bucketStartMs: T - 60_000, connections: 5, bytesSent: 751, firstMs: T - 45_000, lastMs: T },
      { bucketStartMs: T, connections: 2, bytesSent: 250, firstMs: T, lastMs: T + 15_000 },
    ])
  })

  it('parts add up to the record and lie within their buckets', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000_000 }),
        fc.integer({ min: 0, max: 40_000_000 }),
        (offset, length) => {
          const list = parts(T + offset, T + offset + length)
          expect(list.reduce((sum, part) => sum + part.bytesSent, 0)).toBe(counts.bytesSent)
          expect(list.reduce((sum, part) => sum + part.connections, 0)).toBe(counts.connections)
          for (const part of list) {
            expect(part.bytesSent).toBeGreaterThanOrEqual(0)
            expect(part.firstMs).toBeGreaterThanOrEqual(part.bucketStartMs)
            expect(part.lastMs).toBeLessThanOrEqual(part.bucketStartMs + part.grainS * 1000)
          }
        },
      ),
      { seed: 5 },
    )
  })
})
