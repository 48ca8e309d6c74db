import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectGolden } from '@/lib/sources/golden'
import { fieldsOfParameter } from './aws-vpc'
import { isNatFormat, NAT_FORMATS, type NatDecoderOptions, type NatFormat, natFormatList } from './formats'

const GOLDEN = path.join(import.meta.dirname, '__golden__')
const FIXTURES = path.join(import.meta.dirname, '__fixtures__')

function decode(format: NatFormat, input: string | readonly unknown[], options?: NatDecoderOptions) {
  const decoder = NAT_FORMATS[`nat/${format}`].createDecoder(options)
  const items = typeof input === 'string' ? input.split('\n') : input
  for (const [index, item] of items.entries()) {
    if (typeof item === 'string' && 'pushLine' in decoder) decoder.pushLine(item, index + 1)
    else if ('push' in decoder) decoder.push(item, index + 1)
  }
  return decoder.finish()
}

const fixture = (name: string) => readFileSync(path.join(FIXTURES, name), 'utf8')
const jsonFixture = (name: string): unknown[] =>
  fixture(name)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe('authored records', () => {
  it('of an AWS NAT gateway mean what was reviewed', () =>
    expectGolden(path.join(GOLDEN, 'aws-vpc.json'), decode('aws-vpc', fixture('aws-vpc.txt'))))
  it.each(['gcp-nat', 'gcp-vpc', 'gcp-audit', 'azure-natgw', 'azure-openai', 'cloudtrail'] as const)(
    'of %s mean what was reviewed',
    (format) => expectGolden(path.join(GOLDEN, `${format}.json`), decode(format, jsonFixture(`${format}.jsonl`))),
  )
})

describe('AWS flow logs', () => {
  const HEADER = 'start end srcaddr dstaddr pkt-srcaddr pkt-dstaddr'
  const INTO = '1700000000 1700000060 10.1.0.9 10.1.0.200 10.1.0.9 192.0.2.80'

  it('of the same window under another order of fields, inside JSON, or with fields told by URL, are one record', () => {
    const plain = decode('aws-vpc', `${HEADER}\n${INTO}`)
    const other = decode(
      'aws-vpc',
      `pkt-dstaddr pkt-srcaddr dstaddr srcaddr end start\n${INTO.split(' ').reverse().join(' ')}`,
    )
    const fields = fieldsOfParameter(
      HEADER.split(' ')
        .map((name) => `\${${name}}`)
        .join(' '),
    )
    const told = decode('aws-vpc', INTO, { ...(fields && { fields }) })
    const shipped = decode(
      'aws-vpc',
      [{ message: INTO }, { messageType: 'DATA_MESSAGE', logEvents: [{ message: INTO }] }],
      {
        ...(fields && { fields }),
      },
    )
    const members = { start: 1_700_000_000, end: '1700000060', srcaddr: '10.1.0.9', dstaddr: '10.1.0.200' }
    const parsed = decode('aws-vpc', [{ ...members, pkt_srcaddr: '10.1.0.9', pkt_dstaddr: '192.0.2.80' }])
    const keys = [plain, other, told, shipped, parsed].map(({ natRecords, rejects }) => {
      expect(rejects).toEqual([])
      expect(natRecords).toHaveLength(1)
      return natRecords[0]?.recordKey
    })
    expect(new Set(keys).size).toBe(1)
  })

  it.each([
    ['what leaves the gateway', '10.1.0.200 192.0.2.80 10.1.0.200 192.0.2.80'],
    ['what comes back to it', '192.0.2.80 10.1.0.200 192.0.2.80 10.1.0.200'],
    ['what it sends back', '10.1.0.200 10.1.0.9 192.0.2.80 10.1.0.9'],
    ['a pod behind its node’s interface', '10.1.0.5 192.0.2.80 10.1.0.9 192.0.2.80'],
    ['traffic that stays inside', '10.1.0.9 10.1.0.200 10.1.0.9 10.2.0.1'],
  ])('%s is no translation', (_name, addresses) => {
    const result = decode('aws-vpc', `${HEADER}\n1700000000 1700000060 ${addresses}`)
    expect(result).toMatchObject({ natRecords: [], rejects: [], ignored: { no_translation: 1 } })
  })

  it.each([
    [
      'the default format',
      '2 1 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1700000000 1700000060 ACCEPT OK',
      'missing_endpoints',
    ],
    ['another number of values', '1 2 3', 'unsupported_dialect'],
    ['no times', 'srcaddr dstaddr pkt-srcaddr pkt-dstaddr\n10.1.0.9 10.1.0.200 10.1.0.9 192.0.2.80', 'missing_time'],
    [
      'an address that is none',
      `${HEADER}\n1700000000 1700000060 10.1.0.9 10.1.0.200 10.1.0.9 192.0.2.800`,
      'bad_value',
    ],
    ['an overlong line', 'x'.repeat(5000), 'line_too_long'],
  ])('without what evidence needs are refused alone: %s', (_name, text, reason) => {
    expect(decode('aws-vpc', text).rejects).toMatchObject([{ reason }])
  })

  it('keep none of what they were not asked for', () => {
    const { natRecords } = decode('aws-vpc', [
      { message: undefined, start: 1_700_000_000, end: 1_700_000_060, srcaddr: '10.1.0.9', dstaddr: '10.1.0.200' },
      {
        start: 1_700_000_000,
        end: 1_700_000_060,
        dstaddr: '10.1.0.200',
        pkt_srcaddr: '10.1.0.9',
        pkt_dstaddr: '192.0.2.80',
        password: 'hunter2',
      },
    ])
    expect(natRecords[0]?.raw).not.toContain('hunter2')
  })
})

const LOGS = Object.keys(NAT_FORMATS)
  .map((name) => name.slice('nat/'.length))
  .filter(isNatFormat)

describe('every format', () => {
  it('is named in the answer to whoever asks for another', () => {
    for (const format of LOGS) expect(natFormatList()).toContain(`/api/ingest/nat/${format}`)
  })

  const authored = LOGS.flatMap((format) =>
    existsSync(path.join(FIXTURES, `${format}.jsonl`)) ? jsonFixture(`${format}.jsonl`) : [],
  )
  const anyRecord = fc.oneof(fc.anything(), fc.constantFrom(...authored).chain(mutated))

  it('survives any JSON: nothing throws, no value is lost without a word, and all texts are bounded', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LOGS), anyRecord, (format, value) => {
        const decoder = NAT_FORMATS[`nat/${format}`].createDecoder()
        if (!('push' in decoder)) return
        decoder.push(value, 1)
        const { natRecords, rejects, ignored, gaps } = decoder.finish()
        const outcomes = natRecords.length + rejects.length + gaps.length + Object.values(ignored).length
        expect(outcomes > 0 || holdsEmptyList(value)).toBe(true)
        for (const { detail } of rejects) expect(detail?.length ?? 0).toBeLessThanOrEqual(120)
        for (const record of natRecords) {
          expect(record.raw.length).toBeLessThanOrEqual(512)
          expect(Number.isFinite(record.atMs)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('one record of a list that cannot be opened is refused beside the others', () => {
    const [first] = authored.filter((value) => JSON.stringify(value).includes('nat_ip'))
    expect(decode('gcp-nat', [{ entries: [first, { message: 'cut' }, 7] }])).toMatchObject({
      natRecords: [{ originalPort: 51000 }],
      rejects: [{ reason: 'unsupported_dialect' }, { reason: 'unsupported_dialect' }],
    })
  })
})

const holdsEmptyList = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((item) => Array.isArray(item) && item.length === 0)

/** One member of a record, at some depth, as something else. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null) return fc.oneof(fc.constant(value), fc.anything())
  const keys = Object.keys(value)
  if (keys.length === 0) return fc.constant(value)
  return fc
    .constantFrom(...keys)
    .chain((key) => mutated(Reflect.get(value, key)).map((inner) => ({ ...value, [key]: inner })))
}

const CORPUS = path.resolve(import.meta.dirname, '../../../../shared/corpus/nat')

describe.skipIf(!existsSync(CORPUS))('vendors’ own samples', () => {
  const json = (name: string): unknown => JSON.parse(readFileSync(path.join(CORPUS, name), 'utf8'))

  it('GCP Cloud NAT: both tuples', () => {
    expect(decode('gcp-nat', [json('gcp/cloud-nat.nat_flows.json')])).toMatchObject({
      rejects: [],
      natRecords: [
        {
          originalIp: '10.1.0.2',
          originalPort: 48678,
          destinationPort: 80,
          translatedIp: '34.140.47.0',
          translatedPort: 1024,
        },
      ],
    })
  })

  it('CloudTrail: who the provider saw', () => {
    expect(decode('cloudtrail', [json('aws/cloudtrail-bedrock-invokemodel.json')])).toMatchObject({
      rejects: [],
      natRecords: [{ translatedIp: '182.70.74.235', destinationHost: 'bedrock-runtime.us-west-2.amazonaws.com' }],
    })
  })

  it('AWS: of the five kinds of line at a NAT gateway and its client one is evidence, once it has a time', () => {
    const lines = readFileSync(path.join(CORPUS, 'aws/vpc-flow-log-nat-gateway.txt'), 'utf8')
      .split('\n')
      .map((line) =>
        line === '' || line.startsWith('#')
          ? line.replace('fields: ', 'fields: start end ')
          : `1700000000 1700000060 ${line}`,
      )
    expect(decode('aws-vpc', lines.join('\n'))).toMatchObject({
      rejects: [],
      ignored: { no_translation: 4 },
      natRecords: [{ originalIp: '10.0.1.5', destinationIp: '203.0.113.5', translatedIp: '10.0.0.220' }],
    })
  })

  it('AWS: the default format is refused with what it lacks, an empty window is nothing', () => {
    const { rejects, ignored } = decode(
      'aws-vpc',
      readFileSync(path.join(CORPUS, 'aws/vpc-flow-log-default.txt'), 'utf8'),
    )
    expect(rejects.map(({ reason }) => reason)).toEqual(['missing_endpoints', 'missing_endpoints'])
    expect(ignored).toEqual({ not_traffic: 1 })
  })

  it('OpenAI’s and Anthropic’s events are refused as administrative', () => {
    const { rejects } = decode('openai-audit', [json('openai/audit-log.json')])
    expect(rejects[0]?.detail).toContain('administrative')
    expect(decode('anthropic-compliance', [json('anthropic/compliance-activity.shape.json')]).rejects).toHaveLength(1)
  })
})
