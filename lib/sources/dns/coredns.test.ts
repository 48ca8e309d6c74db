import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { recogniseRecord } from '../recognise'
import { createCorednsDecoder } from './coredns'

const AT = Date.parse('2026-11-24T12:00:00.123Z')
const QUERY = '10.244.1.7:41370 - 5 "A IN api.openai.com. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s'
const CRI = '2026-11-24T12:00:00.123456789Z stdout F '

function decode(...lines: readonly string[]) {
  const decoder = createCorednsDecoder()
  for (const [index, line] of lines.entries()) decoder.pushLine(line, index + 1)
  return decoder.finish()
}
function decodeJson(...values: readonly unknown[]) {
  const decoder = createCorednsDecoder()
  for (const [index, value] of values.entries()) decoder.push(value, index + 1)
  return decoder.finish()
}
const asked = (...lines: readonly string[]) => decode(...lines).dnsRecords

describe('a query in CoreDNS’ log', () => {
  it('is a question of its client, at the time of the line', () => {
    expect(decode(`${CRI}[INFO] ${QUERY}`)).toMatchObject({
      dnsRecords: [{ kind: 'question', line: 1, atMs: AT, clientIp: '10.244.1.7', name: 'api.openai.com', family: 4 }],
      rejects: [],
      ignored: {},
    })
  })

  it.each([
    ['the class {combined}', `${CRI}[INFO] ${QUERY} "0"`],
    ['kubectl logs --timestamps', `2026-11-24T12:00:00.123Z [INFO] ${QUERY}`],
    [
      'kubectl logs --timestamps --prefix',
      `[pod/coredns-5dd5756b68-x2x5v/coredns] 2026-11-24T12:00:00.123Z [INFO] ${QUERY}`,
    ],
    ['another zone', `2026-11-24T13:00:00.123+01:00 stderr F [INFO] ${QUERY}`],
    ['upper case', `${CRI}[INFO] ${QUERY.replace('api.openai.com', 'API.OpenAI.com')}`],
    ['Docker’s JSON', JSON.stringify({ log: `[INFO] ${QUERY}\n`, stream: 'stdout', time: '2026-11-24T12:00:00.123Z' })],
    ['Fluent Bit, time in seconds', JSON.stringify({ date: 1_795_521_600.123, log: `[INFO] ${QUERY}` })],
    ['Fluent Bit, iso8601', JSON.stringify({ date: '2026-11-24T12:00:00.123Z', message: `[INFO] ${QUERY}` })],
    ['Vector', JSON.stringify({ timestamp: '2026-11-24T12:00:00.123Z', message: `[INFO] ${QUERY}` })],
    ['a runtime’s line in a wrapper read later', JSON.stringify({ date: 1_795_521_660, log: `${CRI}[INFO] ${QUERY}` })],
    [
      'the runtime’s time before the shipper’s',
      JSON.stringify({ date: 1_795_521_660, time: '2026-11-24T12:00:00.123Z', log: `[INFO] ${QUERY}` }),
    ],
    [
      'a wrapper in a wrapper',
      JSON.stringify({ message: JSON.stringify({ log: `[INFO] ${QUERY}`, time: '2026-11-24T12:00:00.123Z' }) }),
    ],
  ])('is read as %s', (_form, line) => {
    expect(asked(line)).toMatchObject([{ atMs: AT, clientIp: '10.244.1.7', name: 'api.openai.com', family: 4 }])
  })

  it('may come from an IPv6 client, in brackets, and ask for IPv6', () => {
    const line = `${CRI}[INFO] [fd00:10:244::7]:41370 - 5 "AAAA IN api.openai.com. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s`
    expect(asked(line)).toMatchObject([{ clientIp: 'fd00:10:244::7', family: 6 }])
  })

  it.each([
    ['another type', QUERY.replace('"A IN', '"HTTPS IN')],
    ['a name that does not exist', QUERY.replace('NOERROR', 'NXDOMAIN')],
    ['a service of the cluster', QUERY.replace('api.openai.com', 'redis.ml.svc.cluster.local')],
    ['a search list’s expansion', QUERY.replace('api.openai.com', 'api.openai.com.eu-west-1.compute.internal')],
    ['a reverse look-up', QUERY.replace('api.openai.com', '7.1.244.10.in-addr.arpa')],
    ['a bare label', QUERY.replace('api.openai.com', 'redis')],
    ['the root', QUERY.replace('api.openai.com.', '.')],
  ])('names nothing where it is %s', (_what, query) => {
    expect(decode(`${CRI}[INFO] ${query}`)).toMatchObject({
      dnsRecords: [],
      rejects: [],
      ignored: { names_nothing: 1 },
    })
  })

  it('that CoreDNS took through the search list itself (autopath) is one for the bare name', () => {
    const expanded = (name: string) => `${CRI}[INFO] ${QUERY.replace('api.openai.com', `${name}.ml.svc.cluster.local`)}`
    expect(asked(expanded('api.openai.com'))).toMatchObject([{ name: 'api.openai.com' }])
    expect(asked(expanded('redis-0.redis'), expanded('redis'))).toEqual([])
  })

  it('without any time is refused, with what to do', () => {
    for (const result of [decode(`[INFO] ${QUERY}`), decodeJson({ log: `[INFO] ${QUERY}` })])
      expect(result).toMatchObject({ dnsRecords: [], rejects: [{ line: 1, reason: 'missing_time' }] })
  })

  it('in a format of one’s own is refused, not half read', () => {
    expect(decode(`${CRI}[INFO] 10.244.1.7:41370 - 5 "A IN api.openai.com."`).rejects).toMatchObject([
      { reason: 'bad_value' },
    ])
    expect(decode(`${CRI}[INFO] ${QUERY.replace('10.244.1.7', 'pod-7')}`).rejects).toMatchObject([
      { reason: 'bad_value' },
    ])
  })

  it('has one key wherever it is read again, and another one at another time', () => {
    const [first, again, later] = [CRI, '2026-11-24T12:00:00.123Z ', '2026-11-24T12:00:01.123Z '].map(
      (prefix) => asked(`${prefix}[INFO] ${QUERY}`)[0]?.recordKey,
    )
    expect(again).toBe(first)
    expect(later).not.toBe(first)
  })
})

it('other lines of CoreDNS are ignored and counted', () => {
  const chatter = [
    '[ERROR] plugin/errors: 2 api.openai.com. A: i/o timeout',
    '.:53',
    'linux/amd64, go1.21.8, 9faa0d8',
    '[INFO] plugin/reload: Running configuration SHA512 = 12',
  ]
  expect(decode(...chatter, '', ...chatter.map((line) => CRI + line))).toMatchObject({
    dnsRecords: [],
    rejects: [],
    ignored: { not_a_query: 8 },
  })
})

it('lines too long are refused alone', () => {
  const long = `${CRI}[INFO] ${QUERY}${'x'.repeat(LIMITS.textLineBytes)}`
  expect(decode(long, `${CRI}[INFO] ${QUERY}`)).toMatchObject({
    dnsRecords: [{ line: 2 }],
    rejects: [{ line: 1, reason: 'line_too_long' }],
  })
})

it('carriers know a query in a wrapper, and no other text', () => {
  expect(recogniseRecord({ log: `[INFO] ${QUERY}` })).toBe('dns/coredns')
  expect(recogniseRecord({ log: '[INFO] plugin/reload: Running' })).toBeUndefined()
  expect(recogniseRecord({ qname: 'api.openai.com', rcode: 'NoError', rrsets: [] })).toBe('dns/calico')
})

it('no text and no value makes it throw, and every question is sane', () => {
  const part = fc.constantFrom(
    '[INFO] ',
    '[',
    ']',
    ':',
    ' - ',
    '"',
    'A IN ',
    '.',
    CRI,
    '10.244.1.7',
    QUERY,
    '{"log":"',
    '}',
    '\u0000',
  )
  const line = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(fc.oneof(part, fc.string({ maxLength: 8 })), { maxLength: 12 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(line, fc.jsonValue(), (text, value) => {
      const decoder = createCorednsDecoder()
      decoder.pushLine(text, 1)
      decoder.push(value, 2)
      decoder.push({ log: text, date: AT }, 3)
      for (const record of decoder.finish().dnsRecords) {
        expect(record.name).toMatch(/^[!-~]{1,253}$/)
        expect(record.atMs).toBeGreaterThan(0)
      }
    }),
  )
})
