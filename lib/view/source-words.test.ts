import { describe, expect, it } from 'vitest'
import { formatDuration, formatRate } from './format'
import { nodesSentence } from './source-words'

describe('nodes of a collector', () => {
  it('are counted, and those that are missing named', () => {
    expect(nodesSentence({ connected: 11, unavailable: 1, unavailableNames: ['worker-3'] })).toBe(
      '11 of 12 nodes reporting (worker-3 unavailable)',
    )
    expect(nodesSentence({ connected: 1, unavailable: 0, unavailableNames: [] })).toBe('1 of 1 node reporting')
    expect(nodesSentence({ connected: 0, unavailable: 3, unavailableNames: ['a'] })).toBe(
      '0 of 3 nodes reporting (a, 2 more unavailable)',
    )
    expect(nodesSentence({ connected: 2, unavailable: 3, unavailableNames: [] })).toBe('2 of 5 nodes reporting')
  })
})

describe('figures of a source', () => {
  it('a rate is by the second, a slow one by the minute', () => {
    expect([0, 0.001, 0.5, 1.26, 2400, 25_000].map(formatRate)).toEqual([
      '0/s',
      '<1/min',
      '30/min',
      '1.3/s',
      '2,400/s',
      '25K/s',
    ])
  })

  it('a lag is told in the largest unit that fits', () => {
    expect([-5, 1240, 65_000, 600_000, 10_800_000, 864_000_000].map(formatDuration)).toEqual([
      '0.0 s',
      '1.2 s',
      '65 s',
      '10 min',
      '3 h',
      '10 d',
    ])
  })
})
