import { describe, expect, it } from 'vitest'
import { TextLineSplitter } from './text-lines'

const split = (chunks: readonly string[], maxLineBytes = 100) => {
  const splitter = new TextLineSplitter({ maxLineBytes })
  return [...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))), ...splitter.end()]
}

describe('TextLineSplitter', () => {
  it('gives equal lines however the body is cut into chunks', () => {
    const body = 'one\r\n\ntwo ü\nlast without end'
    const whole = split([body])
    expect(whole).toEqual([
      { n: 1, text: 'one' },
      { n: 2, text: '' },
      { n: 3, text: 'two ü' },
      { n: 4, text: 'last without end' },
    ])
    for (let at = 1; at < body.length; at += 1) expect(split([body.slice(0, at), body.slice(at)])).toEqual(whole)
  })

  it('joins a character whose bytes arrive in two chunks', () => {
    const splitter = new TextLineSplitter({ maxLineBytes: 10 })
    const bytes = Buffer.from('ü\n')
    expect([...splitter.push(bytes.subarray(0, 1)), ...splitter.push(bytes.subarray(1))]).toEqual([{ n: 1, text: 'ü' }])
  })

  it('keeps one byte more than the limit of an overlong line and leaves its neighbours whole', () => {
    expect(split(['ok\n', 'x'.repeat(500), 'x'.repeat(500), '\nok'], 10)).toEqual([
      { n: 1, text: 'ok' },
      { n: 2, text: 'x'.repeat(11) },
      { n: 3, text: 'ok' },
    ])
  })
})
