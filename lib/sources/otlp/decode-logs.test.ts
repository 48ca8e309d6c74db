import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '@/lib/errors'
import { decodeOtlpLogs, type OtlpLogs } from './decode-logs'
import { countDataPoints } from './metrics-count'
import { ProtobufWriter } from './protobuf-writer'

type Any = string | number | boolean | bigint | null | readonly Any[] | { readonly [key: string]: Any }

function putAny(writer: ProtobufWriter, value: Any): void {
  if (typeof value === 'string') writer.text(1, value)
  else if (typeof value === 'boolean') writer.int64(2, value ? 1n : 0n)
  else if (typeof value === 'bigint') writer.int64(3, value)
  else if (typeof value === 'number') writer.double(4, value)
  else if (Array.isArray(value))
    writer.message(5, (list) => {
      for (const item of value) list.message(1, (inner) => putAny(inner, item))
    })
  else if (value !== null) writer.message(6, (list) => putEntries(list, 1, value))
}
function putEntries(writer: ProtobufWriter, field: number, entries: object): void {
  for (const [key, value] of Object.entries(entries))
    writer.message(field, (entry) => {
      entry.text(1, key)
      entry.message(2, (inner) => putAny(inner, value))
    })
}
interface Log {
  readonly body?: Any
  readonly attributes?: object
}
/** With the resource behind its records, as a sender may write it. */
function protobuf(records: readonly Log[], resource: object = {}): Uint8Array {
  const request = new ProtobufWriter()
  request.message(1, (one) => {
    one.message(2, (scope) => {
      for (const { body, attributes = {} } of records)
        scope.message(2, (log) => {
          log.fixed64(1, 1_764_000_000_000_000_000n)
          if (body !== undefined) log.message(5, (inner) => putAny(inner, body))
          putEntries(log, 6, attributes)
        })
    })
    one.message(1, (inner) => putEntries(inner, 1, resource))
  })
  return request.finish()
}
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const json = (...logRecords: unknown[]): OtlpLogs =>
  decodeOtlpLogs(bytes({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }), 'json')
const reasons = ({ rejects }: OtlpLogs): string[] => rejects.map((reject) => reject.reason)

const FLOW = { key: { sourceName: 'a', destPort: '6333' }, startTime: '1764000000', endTime: '1764000015' }
const HUBBLE = { flow: { verdict: 'FORWARDED', IP: { source: '10.0.0.1' } }, node_name: 'n' }

describe('flow records in OTLP logs', () => {
  it('are found in a text, in a map, in attributes, and in the wrapper of a shipper', () => {
    const records: Log[] = [
      { body: JSON.stringify(FLOW) },
      { body: FLOW },
      { attributes: FLOW },
      { body: { id: 7n, flow: FLOW } },
      { body: JSON.stringify({ flows: [{ flow: FLOW }] }) },
      { body: 'a line', attributes: HUBBLE },
      { body: { log: JSON.stringify(HUBBLE) } },
      { body: `2026-01-01T00:00:00.0Z stdout F ${JSON.stringify(HUBBLE)}` },
    ]
    const {
      records: found,
      rejects,
      total,
    } = decodeOtlpLogs(protobuf(records, { 'k8s.cluster.name': 'prod' }), 'protobuf')
    expect(rejects).toEqual([])
    expect(total).toBe(8)
    expect(found.map(({ line, cluster }) => [line, cluster])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((line) => [line, 'prod']),
    )
    expect(found.slice(0, 3).map(({ value }) => value)).toEqual([FLOW, FLOW, FLOW])
    expect(found[5]?.value).toEqual(HUBBLE)
  })

  it('both encodings give the same values; integers beyond 2^53 stay text', () => {
    const body = { ...FLOW, n: 7n, big: 2n ** 60n, half: 0.5, yes: true, list: ['a', { b: 'c' }], none: null }
    const asJson = {
      body: {
        kvlistValue: {
          values: [
            {
              key: 'key',
              value: {
                kvlistValue: {
                  values: [
                    { key: 'sourceName', value: { stringValue: 'a' } },
                    { key: 'destPort', value: { stringValue: '6333' } },
                  ],
                },
              },
            },
            { key: 'startTime', value: { stringValue: '1764000000' } },
            { key: 'endTime', value: { string_value: '1764000015' } },
            { key: 'n', value: { intValue: '7' } },
            { key: 'big', value: { intValue: String(2n ** 60n) } },
            { key: 'half', value: { doubleValue: 0.5 } },
            { key: 'yes', value: { boolValue: true } },
            {
              key: 'list',
              value: {
                arrayValue: {
                  values: [
                    { stringValue: 'a' },
                    { kvlistValue: { values: [{ key: 'b', value: { stringValue: 'c' } }] } },
                  ],
                },
              },
            },
            { key: 'none' },
          ],
        },
      },
    }
    const expected = { ...body, n: 7, big: String(2n ** 60n) }
    expect(decodeOtlpLogs(protobuf([{ body }]), 'protobuf').records[0]?.value).toEqual(expected)
    expect(json(asJson).records[0]?.value).toEqual(expected)
  })

  it('hand-written JSON is read: a bare text, a plain object, attributes as an object, bytes as base64', () => {
    const base64 = Buffer.from(JSON.stringify(FLOW)).toString('base64')
    const found = json(
      { body: JSON.stringify(FLOW) },
      { body: FLOW },
      { attributes: FLOW },
      { body: { bytesValue: base64 } },
    )
    expect(found.records.map(({ value }) => value)).toEqual([FLOW, FLOW, FLOW, FLOW])
  })
})

describe('other log records', () => {
  it('are refused by name where they are known, and never with their text', () => {
    const found = decodeOtlpLogs(
      protobuf([
        { body: 'SECRET started' },
        { body: '{"cut":"SECRET' },
        { body: { level: 'SECRET' } },
        { body: 7 },
        {},
        { body: '<134>1 2026-01-01T00:00:00Z SECRET' },
      ]),
      'protobuf',
    )
    expect(reasons(found)).toEqual([
      'unsupported_dialect',
      'not_json',
      'unsupported_dialect',
      'unsupported_dialect',
      'unsupported_dialect',
      'unsupported_dialect',
    ])
    expect(found.rejects[5]?.detail).toContain('syslog')
    expect(JSON.stringify(found.rejects)).not.toContain('SECRET')
  })

  it('spans and metrics that were sent here are told so', () => {
    const spans = new ProtobufWriter()
    spans.message(1, (resource) =>
      resource.message(2, (scope) => scope.message(2, (span) => span.data(1, Buffer.alloc(16, 1)))),
    )
    const found = decodeOtlpLogs(spans.finish(), 'protobuf')
    expect(found.rejects).toMatchObject([
      { reason: 'bad_value', detail: expect.stringContaining('sent to the logs path') },
    ])
    expect(json({ startTimeUnixNano: '1', name: 'x' }, 'text').rejects).toMatchObject([
      { detail: expect.stringContaining('sent to the logs path') },
      { reason: 'not_an_object' },
    ])
  })
})

describe('hostile requests', () => {
  it('nesting ends at 64 levels, in maps, lists, and in the JSON of a text', () => {
    let deep: unknown = 'x'
    let deepBytes: Uint8Array = new Uint8Array()
    for (let level = 0; level < 5000; level += 1) {
      if (level < 1000) deep = level % 2 ? [deep] : { a: deep }
      const inner = deepBytes
      const value = new ProtobufWriter()
      if (level % 2) value.message(5, (list) => list.data(1, inner))
      else value.message(6, (list) => list.message(1, (entry) => entry.data(2, inner)))
      deepBytes = value.finish()
    }
    const deepLog = new ProtobufWriter()
    deepLog.message(1, (one) => one.message(2, (scope) => scope.message(2, (log) => log.data(5, deepBytes))))
    expect(reasons(decodeOtlpLogs(deepLog.finish(), 'protobuf'))).toEqual(['nested_too_deep'])
    const text = `{"key":{},"startTime":${'['.repeat(5000)}${']'.repeat(5000)}}`
    expect(reasons(decodeOtlpLogs(protobuf([{ body: text }, { body: FLOW }]), 'protobuf'))).toEqual(['nested_too_deep'])
    expect(reasons(json({ body: deep }, { body: text }))).toEqual(['nested_too_deep', 'nested_too_deep'])
  })

  it('a record of more than 1 MiB is refused alone', () => {
    const large = { body: 'x'.repeat(2 << 20) }
    const many = { body: Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`k${at}`, 1])) }
    expect(reasons(decodeOtlpLogs(protobuf([large, { body: FLOW }]), 'protobuf'))).toEqual(['line_too_long'])
    expect(reasons(json(large, many, { body: FLOW }))).toEqual(['line_too_long', 'line_too_long'])
  })

  it('keys that would change an object do not', () => {
    const body = JSON.parse('{"key":{"__proto__":{"polluted":true}},"startTime":"1","__proto__":{"polluted":true}}')
    for (const found of [decodeOtlpLogs(protobuf([{ body, attributes: body }]), 'protobuf'), json({ body })]) {
      expect(found.records).toHaveLength(1)
      expect(Object.hasOwn(Object(found.records[0]?.value), '__proto__')).toBe(false)
      expect('polluted' in Object(found.records[0]?.value)).toBe(false)
    }
  })

  it('more records than one request may have is too large', () => {
    const body = protobuf([{ body: FLOW }, { body: FLOW }, { body: FLOW }])
    expect(() => decodeOtlpLogs(body, 'protobuf', { maxRecords: 2 })).toThrow('more than 2 log records')
  })

  it('mutated bytes are read or refused, by both readers, and never anything else', () => {
    const valid = protobuf([{ body: FLOW, attributes: HUBBLE }, { body: JSON.stringify(HUBBLE) }], { a: 'b' })
    const positions = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })
    fc.assert(
      fc.property(positions, fc.nat(valid.length), (changes, cut) => {
        const bytes = valid.slice(0, cut)
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
        for (const read of [() => decodeOtlpLogs(bytes, 'protobuf'), () => countDataPoints(bytes, 'protobuf')])
          try {
            read()
          } catch (error) {
            if (!isAppError(error) || error.code !== 'bad_request') throw error
          }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('data points', () => {
  it('are counted over all kinds of metrics, in both encodings', () => {
    const request = new ProtobufWriter()
    request.message(1, (resource) =>
      resource.message(2, (scope) => {
        scope.message(1, (name) => name.text(1, 'scope'))
        for (const kind of [5, 7, 9, 10, 11])
          scope.message(2, (metric) => {
            metric.text(1, 'name')
            metric.message(kind, (data) => {
              data.message(1, (point) => point.fixed64(3, 1n))
              data.message(1, (point) => point.fixed64(3, 1n))
              data.int64(2, 2n)
            })
          })
      }),
    )
    expect(countDataPoints(request.finish(), 'protobuf')).toBe(10)
    const metrics = [
      { name: 'a', gauge: { dataPoints: [{}, {}] } },
      { name: 'b', exponential_histogram: { data_points: [{}] } },
      { name: 'c', summary: 7 },
      'x',
    ]
    expect(countDataPoints(bytes({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }), 'json')).toBe(3)
    expect(countDataPoints(new Uint8Array(), 'protobuf')).toBe(0)
    expect(countDataPoints(bytes({}), 'json')).toBe(0)
    expect(() => countDataPoints(bytes({ resourceSpans: [] }), 'json')).toThrow('OTLP traces, not metrics')
  })
})
