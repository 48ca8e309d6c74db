import { describe, expect, it } from 'vitest'
import { InternTable, RawMemo } from './raw-memo'

describe('a memo of raw text', () => {
  it('never answers for another text, though their hashes are equal', () => {
    const memo = new RawMemo<string>({ entries: 10, chars: 1000 })
    memo.learn(1, 'one text', () => 'one')
    expect(memo.get(1, 'one text')).toBe('one')
    expect(memo.get(1, 'another!')).toBeUndefined()
    memo.learn(1, 'another!', () => 'other')
    expect([memo.get(1, 'one text'), memo.get(1, 'another!')]).toEqual([undefined, 'other'])
  })

  it.each([
    ['entries', { entries: 4, chars: 1_000_000 }],
    ['characters', { entries: 1_000_000, chars: 80 }],
  ])('holds two generations at most, by %s, and keeps what is asked for', (_name, bounds) => {
    const memo = new RawMemo<number>(bounds)
    const text = (index: number) => `text of twenty chars${index}`.slice(-20)
    memo.learn(-1, 'kept', () => -1)
    for (let index = 0; index < 50; index += 1) {
      memo.learn(index, text(index), () => index)
      expect(memo.get(-1, 'kept')).toBe(-1)
    }
    const known = Array.from({ length: 50 }, (_, index) => memo.get(index, text(index))).filter(
      (one) => one !== undefined,
    )
    expect(known.length).toBeGreaterThan(0)
    expect(known.length).toBeLessThanOrEqual(8)
  })

  it('counts what values grow by', () => {
    const memo = new RawMemo<number>({ entries: 1000, chars: 100 })
    memo.learn(1, 'a', () => 1)
    for (let index = 0; index < 3; index += 1) {
      memo.charge(100)
      memo.learn(10 + index, 'b', () => 2)
    }
    expect(memo.get(1, 'a')).toBeUndefined()
  })
})

it('an intern table gives one object for equal content, and begins anew when it is full', () => {
  const table = new InternTable<object>({ entries: 2, chars: 100 })
  const [a, b] = [{}, {}]
  expect(table.intern('a', a)).toBe(a)
  expect(table.intern('a', b)).toBe(a)
  table.intern('b', {})
  table.intern('c', {})
  expect(table.intern('a', b)).toBe(b)
})
