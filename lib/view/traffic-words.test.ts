import { describe, expect, it } from 'vitest'
import { NO_TRAFFIC, type TrafficCount, type TrafficCounts } from '@/lib/model/traffic-count'
import { trafficUnits, trafficWords, unitsPer } from './traffic-words'

const counts = (passed: Partial<TrafficCount>, part: Partial<TrafficCounts> = {}): TrafficCounts => ({
  passed: { ...NO_TRAFFIC, ...passed },
  denied: NO_TRAFFIC,
  other: NO_TRAFFIC,
  ...part,
})
const said = (...all: readonly TrafficCounts[]) => unitsPer(trafficUnits(all), '15 s')

describe('the numbers of a chart', () => {
  it.each<[string, readonly TrafficCounts[]]>([
    ['Connections per 15 s', []],
    ['Connections per 15 s', [counts({ connections: 2 }), counts({})]],
    ['Flow events per 15 s, for no connection is counted', [counts({ events: 2 })]],
    [
      'Connections per 15 s (flow events where no connection is counted)',
      [counts({ connections: 2 }), counts({ events: 1 })],
    ],
    [
      'Connections and requests per 15 s (flow events where neither is counted)',
      [counts({ connections: 2, events: 1 }, { other: { ...NO_TRAFFIC, requests: 1 } })],
    ],
    [
      'Requests per 15 s (flow events where no request is counted)',
      [counts({}, { denied: { ...NO_TRAFFIC, requests: 1, events: 1 } })],
    ],
  ])('are %s', (words, all) => {
    expect(said(...all)).toBe(words)
  })

  it('each with its unit, one as one, and none in the unit of the others', () => {
    const words = (count: Partial<TrafficCount>) => trafficWords({ ...NO_TRAFFIC, ...count }, 'events', String)
    expect(words({})).toBe('0 flow events')
    expect(words({ connections: 1, events: 1 })).toBe('1 connection and 1 flow event')
    expect(words({ connections: 1240, requests: 2, events: 3 })).toBe(
      '1240 connections and 2 requests and 3 flow events',
    )
  })
})
