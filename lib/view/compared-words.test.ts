import { describe, expect, it } from 'vitest'
import { changeText } from './compared-words'

describe('changeText', () => {
  it.each([
    [0, 5, 'new'],
    [5, 0, 'gone'],
    [5, 5, 'same'],
    [2, 5, '×2.5'],
    [9, 3, '÷3'],
    [1, 12_345, '×12.3K'],
    [100, 101, '×1'],
  ])('%i then %i is %s', (before, now, text) => {
    expect(changeText({ before, now })).toBe(text)
  })
})
