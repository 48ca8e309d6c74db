import { describe, expect, it } from 'vitest'
import { isAppError } from '@/lib/errors'
import { seededRandom } from '../fuzz/mutate'
import {
  KEEP_ALL,
  TraceRequest as Request,
  readTraces as read,
  referenceTraces as reference,
} from '../fuzz/otlp-reference'
import { encodeTracesProtobuf } from './encode'
import { ProtobufWriter } from './protobuf-writer'

const SAMPLE = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'wörker ✓' } }, { key: 'empty' }] },
      scopeSpans: [
        {
          scope: { name: 'scope', version: '1' },
          spans: [
            {
              traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'),
              spanId: Buffer.from('eee19b7ec3c1b174', 'hex'),
              parentSpanId: Buffer.from('eee19b7ec3c1b173', 'hex'),
              name: 'chat gpt',
              kind: 3,
              startTimeUnixNano: '1769904000123456789',
              endTimeUnixNano: '18446744073709551615',
              attributes: [
                { key: 'int', value: { intValue: '-5' } },
                { key: 'big', value: { intValue: '9223372036854775807' } },
                { key: 'double', value: { doubleValue: 0.1 } },
                { key: 'bool', value: { boolValue: true } },
                { key: 'bytes', value: { bytesValue: Buffer.from([1, 2, 255]) } },
                { key: 'nothing', value: {} },
                { key: '__proto__', value: { stringValue: 'polluted' } },
                {
                  key: 'nested',
                  value: {
                    kvlistValue: {
                      values: [
                        {
                          key: '__proto__',
                          value: { kvlistValue: { values: [{ key: 'x', value: { intValue: 1 } }] } },
                        },
                        { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, {}, { intValue: 2 }] } } },
                      ],
                    },
                  },
                },
              ],
              events: [{ timeUnixNano: 5, name: 'exception', attributes: [{ key: 'e', value: { stringValue: 'x' } }] }],
              status: { message: 'failed', code: 2 },
            },
            { name: 'second' },
          ],
        },
      ],
    },
    { resource: {}, scopeSpans: [{ spans: [{ traceId: Buffer.alloc(40, 7) }] }] },
  ],
}
const sampleBytes = (): Uint8Array => Uint8Array.from(Request.encode(Request.fromObject(SAMPLE)).finish())

describe('readTracesProtobuf', () => {
  it('reads what protobufjs reads, 64-bit values without loss', () => {
    const got = read(sampleBytes())
    expect(got).toEqual(reference(sampleBytes()))
    expect(got[0]?.span).toMatchObject({ startNs: 1769904000123456789n, endNs: 18446744073709551615n, kind: 3 })
    expect(got[0]?.span.attributes.get('big')).toBe(9223372036854775807n)
    expect(got[0]?.span.attributes.get('__proto__')).toBe('polluted')
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('agrees with protobufjs on 20 000 mutated bodies, but for invalid UTF-8, which it replaces, and groups', () => {
    const random = seededRandom(20261001)
    const bodies = [sampleBytes(), realisticBytes()]
    let bothRead = 0
    for (let round = 0; round < 20_000; round += 1) {
      const body = mutate(bodies[round % bodies.length] ?? new Uint8Array(), random)
      const ours = outcome(() => read(body))
      const theirs = outcome(() => reference(body))
      const why = `round ${round}: ${Buffer.from(body).toString('hex')}`
      if (!ours.isRead && !isAppError(ours.error)) throw new Error(`${why} threw ${String(ours.error)}`)
      if (ours.isRead && theirs.isRead) {
        bothRead += 1
        const values = ours.value.map((one) => ({ ...one, span: { ...one.span, flaw: undefined } }))
        expect(values, why).toEqual(theirs.value)
      } else if (theirs.isRead) expect(String(ours.isRead || ours.error), why).toMatch(/wire type [3467]/)
      else if (ours.isRead && !/not valid for encoding utf-8/.test(String(theirs.error)))
        throw new Error(`${why}: read although protobufjs says ${String(theirs.error)}`)
    }
    expect(bothRead).toBeGreaterThan(2_000)
  }, 60_000)

  it('reads every cut of a body as corrupt, or as the spans that stand before a clean cut', () => {
    const body = sampleBytes()
    for (let length = 0; length < body.length; length += 1) {
      const cut = body.subarray(0, length)
      const got = outcome(() => read(cut))
      if (got.isRead) expect(got.value).toEqual(reference(cut))
      else expect(isAppError(got.error) && got.error.code).toBe('bad_request')
    }
  })

  it('a value nested 5 000 deep flaws its own span only and does not overflow the stack', () => {
    const spans = read(nestedRequest(5_000))
    expect(spans.map(({ span }) => [span.name, span.flaw])).toEqual([
      ['deep', 'nested_too_deep'],
      ['good neighbour', undefined],
    ])
    expect(read(nestedRequest(60))[0]?.span.flaw).toBeUndefined()
  })

  it('invalid UTF-8 is replaced, not refused', () => {
    const writer = new ProtobufWriter()
    writer.message(1, (resourceSpans) =>
      resourceSpans.message(2, (scopeSpans) =>
        scopeSpans.message(2, (span) => span.data(5, Uint8Array.from([0x61, 0xff, 0x62]))),
      ),
    )
    expect(read(writer.finish())[0]?.span.name).toBe('a\ufffdb')
  })

  it('OTLP logs are recognised by the first field of a log record', () => {
    const writer = new ProtobufWriter()
    writer.message(1, (resourceLogs) =>
      resourceLogs.message(2, (scopeLogs) =>
        scopeLogs.message(2, (record) => {
          record.fixed64(1, 1_769_904_000_000_000_000n)
          record.int64(2, 9n)
          record.text(3, 'INFO')
        }),
      ),
    )
    expect(read(writer.finish())[0]?.span.flaw).toBe('log_record')
  })

  it('values of keys that are not kept are never decoded, and text is cut at the bound', () => {
    const body = requestOf({ name: 'n'.repeat(50), attributes: [text('keep', 'x'.repeat(50)), text('drop', 'secret')] })
    const [got] = read(body, { ...KEEP_ALL, maxTextChars: 10, span: (key) => (key === 'keep' ? 'keep' : 'drop') })
    expect(got?.span.name).toBe('n'.repeat(10))
    expect([...(got?.span.attributes ?? [])]).toEqual([['keep', 'x'.repeat(10)]])
  })

  it('lists are cut at the bound without losing the place in the body', () => {
    const values = Array.from({ length: 500 }, () => ({ intValue: 1 }))
    const body = requestOf({ attributes: [{ key: 'list', value: { arrayValue: { values } } }], status: { code: 2 } })
    const [got] = read(body, { ...KEEP_ALL, maxItems: 3 })
    expect(got?.span.attributes.get('list')).toEqual([1, 1, 1])
    expect(got?.span.statusCode).toBe(2)
  })

  it('the resource counts for its spans even where it comes after them', () => {
    const writer = new ProtobufWriter()
    writer.message(1, (resourceSpans) => {
      resourceSpans.message(2, (scopeSpans) => scopeSpans.message(2, (span) => span.text(5, 'early')))
      resourceSpans.message(1, (resource) =>
        resource.message(1, (entry) => {
          entry.message(2, (value) => value.text(1, 'late'))
          entry.text(1, 'service.name')
        }),
      )
    })
    expect(read(writer.finish())[0]?.resource.get('service.name')).toBe('late')
  })
})

const text = (key: string, value: string) => ({ key, value: { stringValue: value } })

function requestOf(...spans: object[]): Uint8Array {
  return Uint8Array.from(Request.encode(Request.fromObject({ resourceSpans: [{ scopeSpans: [{ spans }] }] })).finish())
}

/** A request whose first span has an attribute of `depth` arrays in each other, which protobufjs would refuse to write. */
function nestedRequest(depth: number): Uint8Array {
  let value = Uint8Array.from([0x0a, 0x01, 0x78])
  for (let level = 0; level < depth; level += 1) {
    const writer = new ProtobufWriter()
    writer.message(5, (array) => array.data(1, value))
    value = Uint8Array.from(writer.finish())
  }
  const writer = new ProtobufWriter()
  writer.message(1, (resourceSpans) =>
    resourceSpans.message(2, (scopeSpans) => {
      scopeSpans.message(2, (span) => {
        span.text(5, 'deep')
        span.message(9, (entry) => {
          entry.text(1, 'key')
          entry.data(2, value)
        })
      })
      scopeSpans.message(2, (span) => span.text(5, 'good neighbour'))
    }),
  )
  return writer.finish()
}

function realisticBytes(): Uint8Array {
  return encodeTracesProtobuf([
    {
      resource: { 'service.name': 'worker', 'k8s.namespace.name': 'ai' },
      scope: { name: 'http', version: '1.0' },
      spans: [
        {
          traceId: '5b8efff798038103d269b633813fc60c',
          spanId: 'eee19b7ec3c1b174',
          name: 'POST',
          kind: 3,
          startNs: 1_769_904_000_000_000_000n,
          endNs: 1_769_904_001_000_000_000n,
          attributes: { 'server.address': 'api.openai.com', 'server.port': 443, ratio: 0.5, tags: ['a', 'b'] },
          status: { code: 2, message: 'x' },
        },
      ],
    },
  ])
}

type Outcome<T> = { readonly isRead: true; readonly value: T } | { readonly isRead: false; readonly error: unknown }

function outcome<T>(run: () => T): Outcome<T> {
  try {
    return { isRead: true, value: run() }
  } catch (error) {
    return { isRead: false, error }
  }
}

function mutate(body: Uint8Array, random: () => number): Uint8Array {
  const out = Uint8Array.from(body)
  const changes = 1 + Math.floor(random() * 4)
  for (let change = 0; change < changes; change += 1)
    out[Math.floor(random() * out.length)] = Math.floor(random() * 256)
  return random() < 0.2 ? out.subarray(0, Math.floor(random() * out.length)) : out
}
