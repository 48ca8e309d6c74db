import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createConntrackDecoder } from './conntrack'

const decode = (...lines: readonly string[]) => {
  const decoder = createConntrackDecoder()
  for (const [index, line] of lines.entries()) decoder.pushLine(line, index + 1)
  return decoder.finish()
}

const TUPLES =
  'src=10.1.0.4 dst=192.0.2.80 sport=40001 dport=443 [UNREPLIED] src=192.0.2.80 dst=198.51.100.9 sport=443 dport=52001'
const NEW = `[1700000100.500250]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT ${TUPLES} id=77`
const UPDATE = `[1700000100.600000]\t [UPDATE] ipv4     2 tcp      6 60 SYN_RECV ${TUPLES} [ASSURED] mark=0 zone-orig=3 use=1 id=77`
const DESTROY =
  '[1700000104.600000]\t[DESTROY] ipv4     2 tcp      6 src=10.1.0.4 dst=192.0.2.80 sport=40001 dport=443 packets=9 bytes=800 src=192.0.2.80 dst=198.51.100.9 sport=443 dport=52001 packets=7 bytes=4000 [ASSURED] delta-time=4 id=77'

describe('conntrack lines', () => {
  it('takes the translated source from where the answers go', () => {
    expect(decode(NEW).natRecords).toEqual([
      {
        source: 'conntrack',
        recordKey: expect.stringMatching(/^[0-9a-f]{64}$/),
        protocol: 'tcp',
        atMs: 1_700_000_100_500,
        originalIp: '10.1.0.4',
        originalPort: 40001,
        destinationIp: '192.0.2.80',
        destinationPort: 443,
        translatedIp: '198.51.100.9',
        translatedPort: 52001,
        connectionId: '77',
        raw: NEW.replaceAll('\t', ' '),
      },
    ])
  })

  it('gives one record per connection of a batch, with its beginning, its end, and the first and the last line', () => {
    const [record, ...others] = decode(NEW, UPDATE.replace(' zone-orig=3', ''), DESTROY).natRecords
    expect(others).toEqual([])
    expect(record).toMatchObject({ atMs: 1_700_000_100_500, endMs: 1_700_000_104_600 })
    expect(record?.raw.split('\n')).toEqual([NEW.replaceAll('\t', ' '), DESTROY.replaceAll('\t', ' ')])
  })

  it('gives NEW and DESTROY of one connection the same key when they come in different batches', () => {
    const [born] = decode(NEW).natRecords
    const [died] = decode(DESTROY).natRecords
    expect(died?.recordKey).toBe(born?.recordKey)
    expect(died).toMatchObject({ atMs: 1_700_000_100_600, endMs: 1_700_000_104_600 })
  })

  it('tells a reused tuple and kernel id of a later hour from the first connection', () => {
    const later = NEW.replace('1700000100', '1700007300')
    const keys = decode(NEW, DESTROY, later).natRecords.map((record) => record.recordKey)
    expect(new Set(keys).size).toBe(2)
  })

  it('keeps keys unique within a batch when a tuple is reused at once', () => {
    const again = [NEW, DESTROY].map((line) => line.replace('17000001', '17000002'))
    const records = decode(NEW, DESTROY, ...again).natRecords
    expect(records).toHaveLength(1)
    expect(records[0]).toMatchObject({ atMs: 1_700_000_100_500, endMs: 1_700_000_204_600 })
  })

  it('tells equal tuples of two zones apart', () => {
    expect(decode(NEW, NEW.replace(' id=77', ' zone=5 id=77')).natRecords).toHaveLength(2)
  })

  it('keeps a connection that was not translated, with the translated source equal to the original', () => {
    const plain =
      '[1700000100.5] [NEW] udp      17 30 src=2001:db8:0:0::1 dst=2001:DB8::53 sport=5353 dport=53 [UNREPLIED] src=2001:db8::53 dst=2001:db8::1 sport=53 dport=5353 id=9'
    expect(decode(plain).natRecords).toMatchObject([
      {
        protocol: 'udp',
        originalIp: '2001:db8::1',
        destinationIp: '2001:db8::53',
        translatedIp: '2001:db8::1',
        translatedPort: 5353,
        atMs: 1_700_000_100_500,
      },
    ])
  })

  it('keeps the destination that the client addressed and tells who answered where it was translated too', () => {
    const dnat =
      '[1700000100.500000] [NEW] ipv4     2 tcp      6 120 SYN_SENT src=10.1.0.4 dst=10.96.0.10 sport=40001 dport=80 [UNREPLIED] src=10.1.9.9 dst=10.1.0.4 sport=8080 dport=40001 id=5'
    expect(decode(dnat).natRecords).toMatchObject([
      {
        destinationIp: '10.96.0.10',
        destinationPort: 80,
        translatedIp: '10.1.0.4',
        replySourceIp: '10.1.9.9',
        replySourcePort: 8080,
      },
    ])
  })

  it('reads a line without id, without `extended`, in a CRI log and in a shipper’s wrapper as the same tuple', () => {
    const bare = `[1700000100.500250\t]     [NEW] tcp      6 120 SYN_SENT ${TUPLES}`
    const forms = [
      bare,
      `2023-11-14T22:15:00.5Z stdout F ${bare}`,
      JSON.stringify({ log: `${bare}\n`, stream: 'stdout' }),
    ]
    const keys = forms.map((line) => decode(line).natRecords[0]?.recordKey)
    expect(keys[0]).toBeDefined()
    expect(new Set(keys).size).toBe(1)
  })

  it('takes the kernel’s own times as UTC where the line has no other', () => {
    const line = `[DESTROY] ipv4     2 tcp      6 ${TUPLES} [start=Tue Nov 14 22:15:00 2023] [stop=Tue Nov 14 22:15:04 2023] id=77`
    expect(decode(line).natRecords).toMatchObject([{ atMs: 1_700_000_100_000, endMs: 1_700_000_104_000 }])
  })

  it.each([
    [
      'igmp',
      '[1700000100.5] [NEW] ipv4     2 unknown  2 600 src=10.0.1.1 dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 dst=10.0.1.1 id=2',
    ],
    [
      'icmp',
      '[1700000100.5] [NEW] icmp     1 30 src=10.0.1.1 dst=192.0.2.1 type=8 code=0 id=7 [UNREPLIED] src=192.0.2.1 dst=10.0.1.1 type=0 code=0 id=7 id=99',
    ],
    [
      'icmpv6',
      '[1700000100.5] [NEW] ipv6     10 icmpv6   58 30 src=fe80::1 dst=ff02::1 type=128 code=0 id=7 [UNREPLIED] src=ff02::1 dst=fe80::1 type=129 code=0 id=7',
    ],
    [
      'multicast',
      '[1700000100.5] [NEW] udp      17 30 src=10.0.1.1 dst=224.0.0.251 sport=5353 dport=5353 [UNREPLIED] src=224.0.0.251 dst=10.0.1.1 sport=5353 dport=5353',
    ],
    [
      'loopback',
      '[1700000100.5] [NEW] tcp      6 120 SYN_SENT src=127.0.0.1 dst=127.0.0.1 sport=5000 dport=6000 [UNREPLIED] src=127.0.0.1 dst=127.0.0.1 sport=6000 dport=5000',
    ],
  ])('counts %s as never translated', (_name, line) => {
    const result = decode(line)
    expect(result).toMatchObject({ natRecords: [], rejects: [], ignored: { no_translation: 1 } })
  })

  it('counts the closing words of the tool as no traffic, and blank lines as nothing', () => {
    const result = decode('', '  ', 'conntrack v1.4.7 (conntrack-tools): 12 flow events have been shown.')
    expect(result).toMatchObject({ natRecords: [], rejects: [], ignored: { not_traffic: 1 } })
  })

  it.each([
    ['an event without a time', `[NEW] ipv4     2 tcp      6 120 SYN_SENT ${TUPLES} id=77`, 'missing_time'],
    ['a listing', `ipv4     2 tcp      6 431999 ESTABLISHED ${TUPLES} [ASSURED] use=1`, 'missing_time'],
    ['JSON of another tool', '{"level": "info"}', 'unsupported_dialect'],
    ['prose', 'hello', 'unsupported_dialect'],
    ['an address that is none', NEW.replace('192.0.2.80', '192.0.2.999'), 'bad_value'],
    ['a port that is none', NEW.replace('sport=40001', 'sport=70000'), 'bad_value'],
    ['one direction only', NEW.slice(0, NEW.indexOf(' [UNREPLIED]')), 'bad_value'],
    ['an overlong line', `${NEW} ${'x'.repeat(5000)}`, 'line_too_long'],
  ])('refuses %s alone, with its line', (_name, line, reason) => {
    const result = decode(NEW, line)
    expect(result.natRecords).toHaveLength(1)
    expect(result.rejects).toEqual([{ line: 2, reason, detail: expect.any(String) }])
  })

  it('says how to run the tool where the time is missing', () => {
    expect(decode(`[NEW] tcp      6 120 SYN_SENT ${TUPLES}`).rejects[0]?.detail).toContain('-o extended,timestamp,id')
  })

  it('keeps no control character and no unbounded text as evidence', () => {
    const [record] = decode(`${NEW} \u0000\u0007secctx=${'y'.repeat(2000)}`).natRecords
    expect(record?.raw.length).toBe(512)
    expect(record?.raw).not.toMatch(/\p{Cc}/u)
  })
})

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/nat/linux-conntrack')
const decodeFile = (name: string) => decode(...readFileSync(path.join(corpus, name), 'utf8').split('\n'))

describe.skipIf(!existsSync(corpus))('recorded two-hop capture', () => {
  it.each([
    ['10.244.1.7', 41370, '10.0.1.5', 59205, 62782, 'node1'],
    ['10.244.1.7', 35882, '10.0.1.5', 43127, 24328, 'node1'],
    ['10.244.2.9', 37300, '10.0.1.6', 53714, 49314, 'node2'],
    ['10.244.2.9', 39520, '10.0.1.6', 1799, 51024, 'node2'],
  ])('chains %s:%i over the node to the gateway', (podIp, podPort, nodeIp, nodePort, publicPort, node) => {
    const first = decodeFile(`two-hop.${node}.conntrack-E.extended.txt`)
    const second = decodeFile('two-hop.gw.conntrack-E.extended.txt')
    expect([...first.rejects, ...second.rejects]).toEqual([])
    const hop1 = first.natRecords.find((record) => record.originalIp === podIp && record.originalPort === podPort)
    const hop2 = second.natRecords.find(
      (record) => record.originalIp === hop1?.translatedIp && record.originalPort === hop1?.translatedPort,
    )
    expect(hop1).toMatchObject({ translatedIp: nodeIp, translatedPort: nodePort, destinationIp: '203.0.113.200' })
    expect(hop2).toMatchObject({ translatedIp: '203.0.113.10', translatedPort: publicPort, destinationPort: 443 })
    expect(Math.abs(Number(hop1?.atMs) - Number(hop2?.atMs))).toBeLessThan(5)
    expect(Number(hop1?.endMs)).toBeGreaterThan(Number(hop1?.atMs))
  })

  it('reads every line of every text file, and only multicast is no evidence', () => {
    const counts = ['single-hop', 'two-hop.node1', 'two-hop.node2', 'two-hop.gw'].map((name) => {
      const { natRecords, rejects, ignored } = decodeFile(`${name}.conntrack-E.extended.txt`)
      return [name, natRecords.length, rejects.length, ignored.no_translation ?? 0]
    })
    expect(counts).toEqual([
      ['single-hop', 2, 0, 0],
      ['two-hop.node1', 2, 0, 0],
      ['two-hop.node2', 2, 0, 0],
      ['two-hop.gw', 4, 0, 2],
    ])
  })
})
