import { describe, expect, it } from 'vitest'
import { sampleFlow } from '@/lib/demo/sample-flow'
import { OVERLAP_MS, readCursor, StreamPosition } from './stream-position'

const T = Date.parse('2026-11-24T12:00:00Z')
const NOW = T + 3_600_000
let serial = 0
const at = (node: string, seconds: number) => {
  serial += 1
  return sampleFlow({ recordKey: `r${serial}`, startMs: T + seconds * 1000, node })
}
/** A position that has read so far, as a new process takes it up. */
function takenUp(...flows: ReturnType<typeof at>[]): StreamPosition {
  const position = new StreamPosition(undefined)
  position.beginStream()
  position.advance(flows, NOW)
  const cursor = readCursor(JSON.parse(JSON.stringify(position.cursor())))
  const next = new StreamPosition(cursor?.atMs, cursor?.nodes)
  next.beginStream()
  return next
}

describe('where a stream begins', () => {
  it('is before the newest record, by the overlap; never beyond our own clock', () => {
    expect(takenUp(at('a', 10), at('b', 9)).sinceMs).toBe(T + 10_000 - OVERLAP_MS)
    const fast = new StreamPosition(undefined)
    fast.advance([at('fast', 7200), at('a', 3)], NOW)
    expect(fast.sinceMs).toBe(NOW - OVERLAP_MS)
    expect(new StreamPosition(undefined).sinceMs).toBeUndefined()
  })

  it('does not go back', () => {
    const position = takenUp(at('a', 10))
    position.advance([at('a', 2)], NOW)
    expect(position.sinceMs).toBe(T + 10_000 - OVERLAP_MS)
  })

  it('is not taken from a cursor that is none', () => {
    for (const stored of [null, 3, {}, { atMs: 'x', nodes: [] }, { atMs: 1, nodes: [['a']] }])
      expect(readCursor(stored)).toBeUndefined()
  })
})

describe('what may be missing', () => {
  it('is told of the node whose ring was overwritten, not of those that repeat their last record', () => {
    const position = takenUp(at('a', 10), at('b', 9))
    const gaps = position.advance([at('b', 9), at('b', 70), at('a', 80), at('a', 81)], NOW)
    expect(gaps).toMatchObject([{ node: 'a', atMs: T + 10_000, endMs: T + 80_000 }])
    expect(gaps[0]?.reason).toMatch(/^possibly missed/)
  })

  it('is told of all where nobody repeats anything', () => {
    const position = takenUp(at('a', 10))
    const [gap, ...others] = position.advance([at('new', 300), at('new', 301)], NOW)
    expect(gap).toMatchObject({ atMs: T + 10_000, endMs: T + 300_000 })
    expect(gap?.node).toBeUndefined()
    expect(others).toEqual([])
  })

  it('is nothing at the very first start, nor of a node that was quiet, nor in a second of disorder', () => {
    const first = new StreamPosition(undefined)
    first.beginStream()
    expect(first.advance([at('a', 10)], NOW)).toEqual([])
    const position = takenUp(at('quiet', 0), at('a', 60))
    expect(position.advance([at('a', 60.5), at('quiet', 90), at('a', 200)], NOW)).toEqual([])
  })

  it('is not told twice in one stream', () => {
    const position = takenUp(at('a', 10))
    expect(position.advance([at('a', 90)], NOW)).toHaveLength(1)
    expect(position.advance([at('a', 300)], NOW)).toEqual([])
  })
})

it('keeps no more than 500 nodes in its cursor, whatever their names', () => {
  const position = new StreamPosition(undefined)
  position.advance(
    Array.from({ length: 900 }, (_, n) => at(n === 0 ? '__proto__' : `n${n}`, 5)),
    NOW,
  )
  expect(position.cursor()?.nodes).toHaveLength(500)
  expect(readCursor(position.cursor())).toBeDefined()
})
