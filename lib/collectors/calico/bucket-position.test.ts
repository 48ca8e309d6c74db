import { describe, expect, it } from 'vitest'
import { BucketPosition } from './bucket-position'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const at = (secondsAgo: number) => ({ startMs: NOW - secondsAgo * 1000 })
const read = (secondsAgo: number) => new BucketPosition({ bucketMs: NOW - secondsAgo * 1000 })

describe('where a stream begins', () => {
  it.each([
    ['at first with all that is kept', new BucketPosition(null), 3600],
    ['with a cursor that cannot be read as at first', new BucketPosition({ bucketMs: 'x' }), 3600],
    ['a minute before the newest bucket', read(100), 160],
    ['with what is kept, where nobody read for longer', read(9000), 3600],
    ['at least a minute back, where the server’s clock is ahead', read(-30), 60],
  ])('%s', (_name, position, seconds) => {
    expect(position.beginStream(NOW)).toBe(seconds)
  })
})

describe('gaps', () => {
  it('there is none where the newest bucket comes again', () => {
    const position = read(100)
    position.beginStream(NOW)
    expect(position.advance([at(160), at(100)], NOW)).toEqual([])
    expect(position.cursor()).toEqual({ bucketMs: NOW - 100_000 })
  })

  it('there is one where it does not, told once', () => {
    const position = read(100)
    position.beginStream(NOW)
    expect(position.advance([at(40)], NOW)).toMatchObject([{ atMs: NOW - 85_000, endMs: NOW - 40_000 }])
    expect(position.advance([at(25)], NOW)).toEqual([])
  })

  it('one that begins with the very next bucket lost at most that one', () => {
    const position = read(100)
    position.beginStream(NOW)
    expect(position.advance([at(85)], NOW)).toMatchObject([{ atMs: NOW - 85_000, endMs: NOW - 70_000 }])
  })

  it('there is none at the very first start, nor before anything came', () => {
    const position = new BucketPosition(null)
    position.beginStream(NOW)
    expect(position.advance([], NOW)).toEqual([])
    expect(position.advance([at(40)], NOW)).toEqual([])
  })
})

it('a record of the future does not move the cursor beyond now, and none moves it back', () => {
  const position = read(100)
  position.beginStream(NOW)
  position.advance([at(-86_400), at(400)], NOW)
  expect(position.cursor()).toEqual({ bucketMs: NOW })
})
