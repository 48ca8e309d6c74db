import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TextLineSplitter } from './text-lines'

function split(chunks: readonly Uint8Array[]): [string, number][] {
  const lines: [string, number][] = []
  const splitter = new TextLineSplitter((line, n) => lines.push([line, n]))
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}
const bytes = (text: string) => new TextEncoder().encode(text)

it('lines are the same wherever the body is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 12 })),
      fc.integer({ min: 1, max: 7 }),
      (texts, size) => {
        const clean = texts.map((text) => text.replace(/[\r\n]/g, ''))
        const body = bytes(clean.map((text) => `${text}\n`).join(''))
        const chunks = Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
          body.subarray(index * size, (index + 1) * size),
        )
        expect(split(chunks)).toEqual(clean.map((text, index) => [text, index + 1]))
      },
    ),
    { seed: 2 },
  )
})

it('a last line without an end is a line, and CRLF ends one', () => {
  expect(split([bytes('a\r\nb')])).toEqual([
    ['a', 1],
    ['b', 2],
  ])
})

it('a line without end keeps only its beginning, and the next line is whole', () => {
  const flood = Array.from({ length: 100 }, () => bytes('x'.repeat(65_536)))
  const lines = split([...flood, bytes('tail\nnext\n')])
  expect(lines.map(([line, n]) => [line.length, n])).toEqual([
    [65_536, 1],
    [4, 2],
  ])
})
