import { expect, it } from 'vitest'
import { connectionCursorText, doorStateOf, readConnectionCursor } from './panel-params'

it('a cursor of judged connections is read back as it was written, and nothing else is one', () => {
  for (const isViolation of [true, false]) {
    const cursor = {
      after: { isViolation, firstUs: '1764234000123456', id: '-9223372036854775808' },
      window: { fromMs: 1, toMs: 2 },
    }
    expect(readConnectionCursor(connectionCursorText(cursor))).toEqual(cursor)
  }
  for (const text of [
    '',
    '1_2_3_4',
    '2_1_1_1_2',
    '1_1_9223372036854775808_1_2',
    '1_1_1_2_2',
    '1_-1_1_1_2',
    "1_1_1_1_2'",
  ])
    expect(readConnectionCursor(text), text).toBeUndefined()
})

it('a judgement that is none asks for connections of any', () => {
  expect(doorStateOf(new URLSearchParams('door=violation'))).toBe('violation')
  expect(doorStateOf(new URLSearchParams('door=constructor'))).toBeUndefined()
})
