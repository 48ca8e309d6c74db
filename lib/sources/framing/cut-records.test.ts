import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cutter, JsonCutter, LineCutter, type Slice } from './cut-records'
import { JsonRecordSplitter } from './json-records'

const LIMIT = 1000
const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8')
const cut = (pieces: readonly Uint8Array[], cutter: Cutter = new JsonCutter(LIMIT)): Slice[] => [
  ...pieces.flatMap((piece) => cutter.push(piece)),
  ...cutter.end(),
]
const told = (slice: Slice): string => ('bytes' in slice ? Buffer.from(slice.bytes).toString('utf8') : 'too long')
const whole = (text: string): string[] => cut([bytes(text)]).map(told)
const lines = (text: string): number[] => cut([bytes(text)]).map((slice) => slice.line)

/** What the server reads in a body. */
function read(text: string): unknown[] {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: LIMIT, maxDepth: 64 })
  return [...splitter.push(bytes(text)), ...splitter.end()].map((one) =>
    'value' in one ? one.value : one.reject.reason,
  )
}

describe('records of a JSON file', () => {
  it('are cut out of lines, arrays, concatenation and objects over many lines', () => {
    expect(whole('{"a":1}\n{"b":"}{"}\r\n')).toEqual(['{"a":1}', '{"b":"}{"}'])
    expect(whole('\ufeff[{"a":1},{"b":[2]}]')).toEqual(['{"a":1}', '{"b":[2]}'])
    expect(whole('{"a":1}{"b":2}')).toEqual(['{"a":1}', '{"b":2}'])
    expect(whole('{\n  "a": {\n    "b": 1\n  }\n}\n{"c":2}')).toEqual(['{\n  "a": {\n    "b": 1\n  }\n}', '{"c":2}'])
  })

  it('are taken out of the lists that clouds wrap them in', () => {
    expect(whole('{"Records":[{"a":1},{"b":2}]}')).toEqual(['{"a":1}', '{"b":2}'])
    expect(whole('{ "records" : [\n{"a":1},\n{"b":2}\n] }\n')).toEqual(['{"a":1}', '{"b":2}'])
    expect(whole('{"other":[{"a":1}]}')).toEqual(['{"other":[{"a":1}]}'])
  })

  it('know the lines that they begin on', () => {
    expect(lines('{"a":1}\n\n{\n"b":2\n}\ngarbage\n{"c":3}')).toEqual([1, 3, 6, 7])
  })

  it('that are cut off do not take the next one with them', () => {
    expect(whole('{"a":"x\n{"b":2}')).toEqual(['{"a":"x', '{"b":2}'])
    expect(whole('{"a":[1,\n{"b":2}')).toEqual(['{"a":[1,', '{"b":2}'])
    expect(whole('{"a":1')).toEqual(['{"a":1'])
  })

  it('beyond the limit are named and passed over, wherever they end', () => {
    const long = `{"a":"${'x'.repeat(LIMIT)}`
    for (const rest of ['"}\n{"b":2}', '\n{"b":2}', '"\n{"b":2}'])
      expect(whole(`${long}${rest}`)).toEqual(['too long', '{"b":2}'])
  })

  const part = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.json({ maxDepth: 2 }).map((text) => `{"x":${text}}`),
    fc.object({ maxDepth: 2 }).map((value) => JSON.stringify(value, null, 1)),
    fc.constantFrom('{"a":"x', '{"a":[', '\n', '{"', '{', '}', ']', '[', ',', '"', '\\', '\\\n', 'garbage', '\n{"'),
  )
  const file = fc
    .array(fc.tuple(part, fc.constantFrom('\n', '', ',', '\r\n', ' ')), { maxLength: 14 })
    .map((parts) => parts.flat().join(''))
  // One in the middle is garbage, and at the head of a body it is none.
  const markedFile = fc.tuple(fc.constantFrom('', '\ufeff'), file).map((parts) => parts.join(''))

  it('sent apart, are read by the server as the whole file would be', () => {
    fc.assert(
      fc.property(markedFile, (text) => {
        const slices = whole(text)
        fc.pre(!slices.includes('too long'))
        // The envelopes of clouds are the one thing that the cutter opens by itself.
        expect(read(slices.join('\n'))).toEqual(read(text))
      }),
      { numRuns: 1500 },
    )
  })

  it('are the same however the file is cut', () => {
    fc.assert(
      fc.property(markedFile, fc.array(fc.nat(9), { minLength: 1, maxLength: 9 }), (text, sizes) => {
        expect(cut(piecesOf(bytes(text), sizes)).map(told)).toEqual(whole(text))
        expect(cut(piecesOf(bytes(text), sizes)).map((slice) => slice.line)).toEqual(lines(text))
      }),
      { numRuns: 500 },
    )
  })
})

function piecesOf(all: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0, n = 0; at < all.length; n += 1) {
    const size = (sizes[n % sizes.length] ?? 0) + 1
    pieces.push(all.subarray(at, at + size))
    at += size
  }
  return pieces
}

describe('lines of a text file', () => {
  const cutLines = (pieces: readonly Uint8Array[]) => cut(pieces, new LineCutter(20))

  it('are cut at their ends, with their numbers, the last one without an end included', () => {
    expect(cutLines([bytes('one\n\ntwo\r\nthree')]).map((slice) => [slice.line, told(slice)])).toEqual([
      [1, 'one'],
      [3, 'two\r'],
      [4, 'three'],
    ])
  })

  it('beyond the limit are named and passed over', () => {
    expect(cutLines([bytes(`${'x'.repeat(21)}\nnext\n`)]).map(told)).toEqual(['too long', 'next'])
  })

  it('are the same however the file is cut', () => {
    const text = fc
      .array(fc.constantFrom('a', 'bc', '\n', 'é', 'x'.repeat(15)), { maxLength: 40 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(text, fc.array(fc.nat(9), { minLength: 1, maxLength: 9 }), (all, sizes) => {
        expect(cutLines(piecesOf(bytes(all), sizes)).map(told)).toEqual(cutLines([bytes(all)]).map(told))
      }),
    )
  })
})
