import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FramedRecord, JsonRecordSplitter } from './json-records'

const LIMITS = { maxRecordBytes: 1024, maxDepth: 16 }

function split(text: string, cuts: readonly number[] = []): FramedRecord[] {
  const bytes = Buffer.from(text)
  const splitter = new JsonRecordSplitter(LIMITS)
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  const out: FramedRecord[] = []
  let from = 0
  for (const to of [...places, bytes.length]) {
    out.push(...splitter.push(bytes.subarray(from, to)))
    from = to
  }
  return [...out, ...splitter.end()]
}

const values = (records: readonly FramedRecord[]) =>
  records.flatMap((record) => ('value' in record ? [record.value] : []))
const reasons = (records: readonly FramedRecord[]) =>
  records.flatMap((record) => ('reject' in record ? [`${record.reject.line}:${record.reject.reason}`] : []))

const A = { a: 'ä{["', n: [1, { x: 'y\\"' }] }
const B = { b: 2 }

describe('framings', () => {
  it.each([
    ['NDJSON', `${JSON.stringify(A)}\n${JSON.stringify(B)}\n`],
    ['NDJSON with CRLF, blank lines and BOM', `\uFEFF${JSON.stringify(A)}\r\n\r\n${JSON.stringify(B)}`],
    ['an array', JSON.stringify([A, B])],
    ['a pretty-printed array', JSON.stringify([A, B], null, 2)],
    ['concatenated objects', JSON.stringify(A) + JSON.stringify(B)],
  ])('%s gives the same records', (_name, text) => {
    expect(values(split(text))).toEqual([A, B])
    expect(reasons(split(text))).toEqual([])
  })

  it('a single object over many lines is one record', () => {
    expect(values(split(JSON.stringify(A, null, 2)))).toEqual([A])
  })
})

describe('bad records', () => {
  it('a line that was cut off is refused alone, with its line number', () => {
    const text = `${JSON.stringify(A)}\n{"flow":{"a":"b\n${JSON.stringify(B)}\n{"cut":\n${JSON.stringify(B)}\n`
    expect(values(split(text))).toEqual([A, B, B])
    expect(reasons(split(text))).toEqual(['2:not_json', '4:not_json'])
  })

  it('garbage, scalars, over-long and over-deep records are refused alone', () => {
    const long = JSON.stringify({ x: 'x'.repeat(2000) })
    const deep = `{"d":${'['.repeat(40)}${']'.repeat(40)}}`
    const text = `hello\n42\n${long}\n${deep}\n${JSON.stringify(B)}`
    expect(reasons(split(text))).toEqual(['1:not_json', '2:not_an_object', '3:line_too_long', '4:nested_too_deep'])
    expect(values(split(text))).toEqual([B])
  })

  it('an unfinished last record is refused, not lost in silence', () => {
    expect(reasons(split('{"a":1}\n{"b":'))).toEqual(['2:not_json'])
  })
})

describe('streaming', () => {
  it('any cutting of the bytes gives the same records', () => {
    const record = fc.dictionary(
      fc.string({ maxLength: 8 }),
      fc.oneof(fc.string({ maxLength: 20 }), fc.integer(), fc.constant(null)),
      { maxKeys: 4 },
    )
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), fc.array(fc.nat(500), { maxLength: 10 }), (items, cuts) => {
        const text = items.map((item) => JSON.stringify(item)).join('\n')
        expect(values(split(text, cuts))).toEqual(items.map((item) => JSON.parse(JSON.stringify(item))))
      }),
    )
  })
})

describe('a body with broken lines', () => {
  const line = fc.constantFrom(
    '{"a":1}',
    '{"b":{"c":[1,2]}}',
    '{"cut":"off',
    '{"open":[1,',
    'garbage',
    '<13>syslog text',
    '12',
    '',
    '{\n  "pretty": true\n}',
    `{"long":"${'x'.repeat(1500)}"}`,
    `{"long and cut":"${'x'.repeat(1500)}`,
  )

  it('gives the same records and rejects however it is cut', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(3000), { maxLength: 12 }), (lines, cuts) => {
        const text = lines.join('\n')
        expect(split(text, cuts)).toEqual(split(text))
      }),
      { numRuns: 500 },
    )
  })

  it('names a dialect that the source knows, and the line', () => {
    const splitter = new JsonRecordSplitter({
      ...LIMITS,
      recogniseText: (text) => (text.startsWith('<') ? 'syslog' : undefined),
    })
    const records = [...splitter.push(Buffer.from('{"a":1}\n<13>x y')), ...splitter.end()]
    expect(records).toEqual([
      { line: 1, value: { a: 1 } },
      { line: 2, reject: { line: 2, reason: 'unsupported_dialect', detail: 'syslog' } },
    ])
  })
})

describe('an envelope', () => {
  const ENVELOPED = { ...LIMITS, envelopes: ['Records', 'records'] }
  const open = (text: string, size: number) => {
    const splitter = new JsonRecordSplitter(ENVELOPED)
    const bytes = Buffer.from(text)
    const out: FramedRecord[] = []
    for (let from = 0; from < bytes.length; from += size) out.push(...splitter.push(bytes.subarray(from, from + size)))
    return [...out, ...splitter.end()]
  }
  const many = Array.from({ length: 40 }, (_, n) => ({ n, text: 'x'.repeat(100) }))

  it('is opened, however it is cut and spaced, and may be larger than one record', () => {
    for (const text of [JSON.stringify({ Records: many }), JSON.stringify({ records: many }, null, 2)])
      for (const size of [1, 7, 130, 100_000]) {
        const records = open(text, size)
        expect(reasons(records)).toEqual([])
        expect(values(records)).toEqual(many)
      }
  })

  it('may follow others and plain records, and a bad record in it is refused alone', () => {
    const [a = {}, b = {}] = many
    const text = `${JSON.stringify({ Records: [a] })}${JSON.stringify(b)}\n{"Records":[]}\n{"Records":[${JSON.stringify(a)},\nbroken\n${JSON.stringify(b)}]}\n${JSON.stringify(a)}`
    expect(values(open(text, 50))).toEqual([a, b, a, b, a])
    expect(reasons(open(text, 50))).toEqual(['4:not_json'])
  })

  it('of another name is a record', () => {
    expect(values(open('{"Other":[{"a":1}]}', 100))).toEqual([{ Other: [{ a: 1 }] }])
  })
})
