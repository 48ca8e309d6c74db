import { describe, expect, it } from 'vitest'
import { localClock, typedTime } from './typed-time'

/** A Thursday, where this process is. */
const NOW = new Date(2026, 10, 26, 15, 30).getTime()
const typed = (text: string, isEnd = false) => typedTime(text, isEnd, NOW, localClock(NOW))
const local = (...parts: [number, number, number, number?, number?]) => String(new Date(...parts).getTime())

describe('what a person writes as a time', () => {
  it.each([
    ['now-6h', 'now-6h'],
    [' now/d ', 'now/d'],
    ['1795416105000', '1795416105000'],
    ['Yesterday', 'now-1d/d'],
    ['last  week', 'now-1w/w'],
    ['2026-11-24 13:05', local(2026, 10, 24, 13, 5)],
    ['2026-11-24', local(2026, 10, 24)],
    ['yesterday 14:00', local(2026, 10, 25, 14)],
    ['last Monday 14:00', local(2026, 10, 23, 14)],
    ['mon 9', local(2026, 10, 23, 9)],
    ['thursday', local(2026, 10, 19)],
  ])('%s is %s', (text, meaning) => expect(typed(text)).toBe(meaning))

  it('a day alone, as an end, is all of it', () => {
    expect(typed('2026-11-24', true)).toBe(local(2026, 10, 25))
    expect(typed('monday', true)).toBe(local(2026, 10, 24))
  })

  it.each(['', 'soon', 'monday 25', 'monday 9:75', 'constructor', '24.11.2026', '2026-13-01'])(
    '%s is no time',
    (text) => expect(typed(text)).toBeUndefined(),
  )
})
