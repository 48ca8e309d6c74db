import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCalicoDnsDecoder } from './calico-dns'

const START_S = 1_795_521_600
const LOG = {
  start_time: START_S,
  end_time: START_S + 300,
  type: 'LOG',
  count: 3,
  client_ip: null,
  client_name: '-',
  client_name_aggr: 'agent-7d9c8b6f5-*',
  client_namespace: 'ml',
  qname: 'api.openai.com',
  qtype: 'A',
  qclass: 'IN',
  rcode: 'NoError',
  rrsets: [{ name: 'api.openai.com', type: 'A', class: 'IN', rdata: ['198.51.100.20', '198.51.100.21'] }],
}

function decode(...values: readonly unknown[]) {
  const decoder = createCalicoDnsDecoder()
  for (const [index, value] of values.entries()) decoder.push(value, index + 1)
  return decoder.finish()
}
const chain = (...links: readonly [string, string, readonly string[]][]) =>
  links.map(([name, type, rdata]) => ({ name, type, class: 'IN', rdata }))

describe('an answer in a DNS log of Calico', () => {
  it('gives its name to every address, for the client that the log names', () => {
    expect(decode(LOG)).toMatchObject({
      dnsRecords: [
        {
          kind: 'answer',
          name: 'api.openai.com',
          ips: ['198.51.100.20', '198.51.100.21'],
          atMs: START_S * 1000,
          endMs: (START_S + 300) * 1000,
          clientNamespace: 'ml',
          clientPod: 'agent-7d9c8b6f5-*',
        },
      ],
      rejects: [],
    })
    expect(decode({ ...LOG, client_name: 'agent-7d9c8b6f5-x2x5v' }).dnsRecords).toMatchObject([
      { clientPod: 'agent-7d9c8b6f5-x2x5v' },
    ])
  })

  it('follows aliases from the asked name in any order, keeps that name, and takes no address of another one', () => {
    const rrsets = chain(
      ['edge.cdn.example', 'A', ['198.51.100.30']],
      ['evil.example', 'A', ['203.0.113.66']],
      ['alias.example', 'CNAME', ['Edge.CDN.example.']],
      ['api.openai.com', 'CNAME', ['alias.example.']],
    )
    expect(decode({ ...LOG, rrsets }).dnsRecords).toMatchObject([{ name: 'api.openai.com', ips: ['198.51.100.30'] }])
  })

  it('ends where its aliases go round', () => {
    const rrsets = chain(['api.openai.com', 'CNAME', ['b.example']], ['b.example', 'CNAME', ['api.openai.com']])
    expect(decode({ ...LOG, rrsets })).toMatchObject({ dnsRecords: [], ignored: { names_nothing: 1 } })
  })

  it('is read inside a shipper’s wrapper, with times in RFC 3339', () => {
    const record = { ...LOG, start_time: '2026-11-24T12:00:00Z', end_time: '2026-11-24T12:05:00Z' }
    expect(decode({ log: JSON.stringify(record) }).dnsRecords).toMatchObject([{ atMs: START_S * 1000 }])
  })

  it('may have IPv6 addresses, in canonical form', () => {
    const rrsets = chain(['api.openai.com', 'AAAA', ['2001:DB8:0:0::1', 'not an address']])
    expect(decode({ ...LOG, rrsets }).dnsRecords).toMatchObject([{ ips: ['2001:db8::1'] }])
  })

  it.each([
    ['a refusal', { rcode: 'NXDomain' }],
    ['a count of dropped logs', { type: 'UNLOGGED' }],
    ['an answer without address', { rrsets: [] }],
    ['an answer of another type', { rrsets: chain(['api.openai.com', 'TXT', ['198.51.100.20']]) }],
  ])('names nothing where it is %s', (_what, change) => {
    expect(decode({ ...LOG, ...change })).toMatchObject({ dnsRecords: [], rejects: [], ignored: { names_nothing: 1 } })
  })

  it.each([
    ['missing_time', { start_time: undefined }],
    ['bad_value', { end_time: START_S - 1 }],
    ['bad_value', { qname: 'a name' }],
    ['bad_value', { rrsets: 'many' }],
    ['no_flow', { qname: undefined, rrsets: undefined, rcode: undefined, only: 1 }],
  ])('is refused as %s where a field is wrong', (reason, change) => {
    const record = JSON.parse(JSON.stringify({ ...LOG, ...change }))
    expect(decode(record, LOG)).toMatchObject({ dnsRecords: [{ line: 2 }], rejects: [{ line: 1, reason }] })
  })
})

it('an answer of many aliases costs no more than its length', () => {
  const names = (letter: string) => Array.from({ length: 64 }, (_, index) => `${letter}${index}.example`)
  const wide = Array.from({ length: 128 }, (_, index) => [`b${index % 64}.example`, 'CNAME', names('c')] as const)
  const rrsets = chain(
    ['api.openai.com', 'CNAME', names('b')],
    ...wide.map(([a, b, c]): [string, string, string[]] => [a, b, c]),
  )
  expect(decode({ ...LOG, rrsets }).dnsRecords).toEqual([])
})

it('no value makes it throw', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      qname: fc.anything(),
      rrsets: fc.anything(),
      rcode: fc.constant('NoError'),
      start_time: fc.anything(),
    }),
  )
  fc.assert(fc.property(value, (one) => void decode(one)))
})
