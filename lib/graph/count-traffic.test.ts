import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VariantRow } from '@/lib/model/graph-input'
import { addTrafficCounts, NO_TRAFFIC, type TrafficCount, trafficTotal } from '@/lib/model/traffic-count'
import { makeVariantRow as variant } from './__fixtures__/graphs'
import { countTraffic, trafficOf } from './count-traffic'

const some = (part: Partial<TrafficCount>): TrafficCount => ({ ...NO_TRAFFIC, ...part })

describe('what counts of an edge in a stretch', () => {
  it('connections, of the side that saw more, without the events beside them', () => {
    expect(
      trafficOf([
        variant({}, { connections: 5, events: 40 }),
        variant({ observer: 'server' }, { connections: 7, events: 2 }),
      ]),
    ).toEqual({ passed: some({ connections: 7 }), denied: NO_TRAFFIC, other: NO_TRAFFIC })
  })

  it('events, and said to be events, where no connection is counted: of what passed, of what was denied, of the rest', () => {
    const seen = [
      variant({ outcome: 'observed' }, { events: 4 }),
      variant({ outcome: 'observed', observer: 'server' }, { events: 3 }),
      variant({ outcome: 'dropped' }, { events: 1 }),
      variant({ outcome: 'denied' }, { events: 2 }),
    ]
    expect(trafficOf(seen)).toEqual({
      passed: some({ events: 4 }),
      denied: some({ events: 2 }),
      other: some({ events: 1 }),
    })
  })

  it('requests where layer 7 alone tells; beside connections only those that layer 7 refused', () => {
    const http = (change: Partial<VariantRow>, requests: number) => variant({ layer: 'L7', ...change }, { requests })
    expect(trafficOf([http({}, 9), http({ outcome: 'error' }, 1)])).toEqual({
      passed: some({ requests: 9 }),
      denied: NO_TRAFFIC,
      other: some({ requests: 1 }),
    })
    expect(trafficOf([http({}, 9), variant({}, { connections: 2 })]).passed).toEqual(some({ connections: 2 }))
    expect(trafficOf([http({}, 9), http({ outcome: 'denied' }, 3), variant({}, { connections: 2 })])).toEqual({
      passed: some({ requests: 9 }),
      denied: some({ requests: 3 }),
      other: NO_TRAFFIC,
    })
  })

  it('what the server denied did not pass, and what repeats a sibling’s counters is not counted', () => {
    const both = [
      variant({}, { connections: 3 }),
      variant({ observer: 'server', outcome: 'denied' }, { connections: 3 }),
    ]
    expect(trafficOf(both)).toEqual({ passed: NO_TRAFFIC, denied: some({ connections: 3 }), other: NO_TRAFFIC })
    expect(trafficOf([variant({}, { events: 3 }), variant({ repeats: true }, { events: 3 })]).passed).toEqual(
      some({ events: 3 }),
    )
  })

  const count = fc.record({ connections: fc.nat(3), requests: fc.nat(3), events: fc.nat(3) })
  const sums = fc.record({ passed: count, denied: count, other: count })
  const all = ({ passed, denied, other }: ReturnType<typeof countTraffic>) =>
    [passed, denied, other].reduce((sum, one) => sum + trafficTotal(one), 0)

  it('is never nothing where there was traffic, and nothing is said that was not summed', () => {
    fc.assert(
      fc.property(sums, (one) => {
        const said = countTraffic(one)
        expect(all(said) === 0).toBe(all(one) === 0)
        expect(all(said)).toBeLessThanOrEqual(all(one))
      }),
    )
  })

  it('of edges with the same units is the same, added before or after', () => {
    const units = (one: ReturnType<typeof countTraffic>) =>
      [
        one.denied.requests > 0,
        ...(['connections', 'requests'] as const).map((unit) =>
          [one.passed, one.denied, one.other].some((each) => each[unit] > 0),
        ),
      ].join()
    fc.assert(
      fc.property(sums, sums, (a, b) => {
        fc.pre(units(a) === units(b))
        expect(countTraffic(addTrafficCounts(a, b))).toEqual(addTrafficCounts(countTraffic(a), countTraffic(b)))
      }),
    )
  })
})
