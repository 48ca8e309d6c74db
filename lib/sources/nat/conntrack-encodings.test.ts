import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createConntrackDecoder } from './conntrack'

const decode = (...lines: readonly string[]) => {
  const decoder = createConntrackDecoder()
  for (const [index, line] of lines.entries()) decoder.pushLine(line, index + 1)
  return decoder.finish()
}

const LINE =
  '[1700000100.500250]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=10.1.0.4 dst=192.0.2.80 sport=40001 dport=443 [UNREPLIED] src=192.0.2.80 dst=198.51.100.9 sport=443 dport=52001 id=77'
const LINE_END =
  '[1700000104.600000]\t[DESTROY] ipv4     2 tcp      6 src=10.1.0.4 dst=192.0.2.80 sport=40001 dport=443 src=192.0.2.80 dst=198.51.100.9 sport=443 dport=52001 [ASSURED] delta-time=4 id=77'

const direction = (name: string, src: string, sport: number, dst: string, dport: number) =>
  `<meta direction="${name}"><layer3 protonum="2" protoname="ipv4"><src>${src}</src><dst>${dst}</dst></layer3><layer4 protonum="6" protoname="tcp"><sport>${sport}</sport><dport>${dport}</dport></layer4></meta>`
const xml = (event: string, second: number, extra = '') =>
  `<flow type="${event}">${direction('original', '10.1.0.4', 40001, '192.0.2.80', 443)}${direction('reply', '192.0.2.80', 443, '198.51.100.9', 52001)}<meta direction="independent"><state>SYN_SENT</state>${extra}<id>77</id></meta><when><hour>22</hour><min>15</min><sec>${String(second).padStart(2, '0')}</sec><wday>3</wday><day>14</day><month>11</month><year>2023</year></when></flow>`

const ulogd = (parts: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    'orig.ip.protocol': 6,
    'orig.l4.sport': 40001,
    'orig.l4.dport': 443,
    'reply.l4.sport': 443,
    'reply.l4.dport': 52001,
    'ct.id': 77,
    'ct.event': 1,
    'flow.start.sec': 1_700_000_100,
    'flow.start.usec': 500_100,
    src_ip: '10.1.0.4',
    dest_ip: '192.0.2.80',
    'reply.ip.saddr.str': '192.0.2.80',
    'reply.ip.daddr.str': '198.51.100.9',
    ...parts,
  })
const ULOGD_END = ulogd({
  'ct.event': 4,
  'flow.start.usec': 499_900,
  'flow.end.sec': 1_700_000_104,
  'flow.end.usec': 600_000,
})

const meaning = (...lines: readonly string[]) => {
  const { natRecords, rejects } = decode(...lines)
  expect(rejects).toEqual([])
  return natRecords.map(({ raw: _raw, atMs, endMs, ...rest }) => ({
    ...rest,
    atSecond: Math.floor(atMs / 1000),
    endSecond: endMs === undefined ? undefined : Math.floor(endMs / 1000),
  }))
}

describe('one connection in three encodings', () => {
  it('is one record of the same key', () => {
    const expected = meaning(LINE, LINE_END)
    expect(expected).toMatchObject([
      { translatedIp: '198.51.100.9', translatedPort: 52001, atSecond: 1_700_000_100, endSecond: 1_700_000_104 },
    ])
    expect(meaning(xml('new', 0), xml('destroy', 4))).toMatchObject(expected)
    expect(meaning(ulogd(), ULOGD_END)).toMatchObject(expected)
    expect(meaning(LINE, xml('update', 1), ULOGD_END)).toMatchObject(expected)
  })

  it('ends by its id in another batch, in whichever encoding', () => {
    const key = decode(LINE).natRecords[0]?.recordKey
    expect(decode(ULOGD_END).natRecords[0]?.recordKey).toBe(key)
    expect(decode(xml('destroy', 4, '<deltatime>4</deltatime>')).natRecords[0]?.recordKey).toBe(key)
  })
})

describe('XML', () => {
  it('is read as a document, in one line, and over many lines', () => {
    const document = ['<?xml version="1.0" encoding="utf-8"?>', '<conntrack>', xml('new', 0), '</conntrack>']
    expect(decode(...document).natRecords).toHaveLength(1)
    expect(decode(document.join('')).natRecords).toHaveLength(1)
    const spread = decode(...document.join('\n').replaceAll('><', '>\n<').split('\n'))
    expect(spread).toMatchObject({ rejects: [], natRecords: [{ originalPort: 40001 }] })
  })

  it('keeps several flows of one line apart', () => {
    const other = xml('new', 1).replaceAll('40001', '40002').replaceAll('<id>77', '<id>78')
    expect(decode(xml('new', 0) + other).natRecords).toHaveLength(2)
  })

  it('takes the kernel’s time in nanoseconds before that of the line', () => {
    const stamp = '<timestamp><start>1700000100123456789</start></timestamp>'
    expect(decode(xml('new', 5, stamp)).natRecords).toMatchObject([{ atMs: 1_700_000_100_123 }])
  })

  it.each([
    ['a document type', '<!DOCTYPE conntrack [<!ENTITY a "aaaa">]>'],
    ['an entity', xml('new', 0).replace('10.1.0.4', '&a;')],
    ['CDATA', xml('new', 0).replace('10.1.0.4', '<![CDATA[10.1.0.4]]>')],
    ['a reserved name', xml('new', 0).replace('<state>SYN_SENT</state>', '<__proto__><x>1</x></__proto__>')],
    ['deep nesting', `<flow type="new">${'<a>'.repeat(200)}</flow>`],
    ['an address that is none', xml('new', 0).replace('10.1.0.4', '10.1.0.400')],
    ['another root', '<html>'],
    ['no time', xml('new', 0).replace(/<when>.*<\/when>/, '')],
  ])('refuses %s alone', (_name, bad) => {
    const result = decode(xml('new', 0), bad, LINE.replaceAll('40001', '40009'))
    expect(result.natRecords).toHaveLength(2)
    expect(result.rejects.length).toBeGreaterThan(0)
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('a flow that grows without an end is refused once its size is reached, and one cut off at the end of the body', () => {
    const grown = decode('<flow type="new">', ...Array.from({ length: 20 }, () => '<a>'.repeat(100)), xml('new', 0))
    expect(grown.rejects.map(({ reason }) => reason)).toContain('line_too_long')
    expect(grown.natRecords).toHaveLength(1)
    expect(decode('<flow type="new"><meta>').rejects).toMatchObject([{ line: 1, reason: 'bad_value' }])
  })

  it('counts protocols without ports as never translated', () => {
    const icmp = xml('new', 0).replaceAll('protonum="6" protoname="tcp"', 'protonum="1" protoname="icmp"')
    expect(decode(icmp)).toMatchObject({ natRecords: [], rejects: [], ignored: { no_translation: 1 } })
  })
})

describe('ulogd2 JSON', () => {
  it('is read in its own names too, and inside a shipper’s wrapper', () => {
    const { src_ip, dest_ip, ...rest } = JSON.parse(ulogd())
    const own = JSON.stringify({ ...rest, 'orig.ip.saddr.str': src_ip, 'orig.ip.daddr.str': dest_ip })
    const wrapped = JSON.stringify({ log: `${ulogd()}\n`, stream: 'stdout' })
    const keys = [ulogd(), own, wrapped].map((line) => decode(line).natRecords[0]?.recordKey)
    expect(keys[0]).toBeDefined()
    expect(new Set(keys).size).toBe(1)
  })

  it('takes a record of a whole connection as its beginning and its end', () => {
    const whole = ulogd({ 'ct.event': undefined, 'flow.end.sec': 1_700_000_104, 'flow.end.usec': 1 })
    expect(decode(whole).natRecords).toMatchObject([{ atMs: 1_700_000_100_500, endMs: 1_700_000_104_000 }])
  })

  it.each([
    ['numeric addresses', { src_ip: undefined, 'orig.ip.saddr': 167_837_700 }, 'bad_value', 'IP2STR'],
    ['no time', { 'flow.start.sec': undefined }, 'missing_time', 'timestamp'],
    ['a port that is none', { 'orig.l4.sport': 70_000 }, 'bad_value', 'port'],
  ])('refuses %s with what to do', (_name, parts, reason, words) => {
    expect(decode(ulogd(parts)).rejects).toMatchObject([{ line: 1, reason, detail: expect.stringContaining(words) }])
  })
})

const CAPTURES = path.resolve(import.meta.dirname, '../../../../shared/corpus/nat/linux-conntrack')

describe.skipIf(!existsSync(CAPTURES))('recorded captures', () => {
  const decodeFile = (name: string) => decode(...readFileSync(path.join(CAPTURES, name), 'utf8').split('\n'))
  const keysOf = (name: string) =>
    decodeFile(name)
      .natRecords.map(({ recordKey }) => recordKey)
      .sort()

  it.each(['single-hop', 'two-hop.node1', 'two-hop.node2', 'two-hop.gw'])(
    '%s: ulogd2 tells the same connections as the text, by the same keys',
    (name) => {
      expect(decodeFile(`${name}.ulogd2-nfct.jsonl`).rejects).toEqual([])
      expect(keysOf(`${name}.ulogd2-nfct.jsonl`)).toEqual(keysOf(`${name}.conntrack-E.extended.txt`))
    },
  )

  it('single-hop: XML tells the same connections as the text, by the same keys', () => {
    const { rejects, natRecords } = decodeFile('single-hop.conntrack-E.xml')
    expect(rejects).toEqual([])
    expect(natRecords.every(({ endMs }) => endMs !== undefined)).toBe(true)
    expect(keysOf('single-hop.conntrack-E.xml')).toEqual(keysOf('single-hop.conntrack-E.extended.txt'))
  })

  it.each([
    ['10.244.1.7', 41370, 'node1', 62782],
    ['10.244.1.7', 35882, 'node1', 24328],
    ['10.244.2.9', 37300, 'node2', 49314],
    ['10.244.2.9', 39520, 'node2', 51024],
  ])('two-hop: ulogd2 of %s:%i chains over %s to port %i of the gateway', (ip, port, node, publicPort) => {
    const hop1 = decodeFile(`two-hop.${node}.ulogd2-nfct.jsonl`).natRecords.find(
      (record) => record.originalIp === ip && record.originalPort === port,
    )
    const hop2 = decodeFile('two-hop.gw.ulogd2-nfct.jsonl').natRecords.find(
      (record) => record.originalIp === hop1?.translatedIp && record.originalPort === hop1?.translatedPort,
    )
    expect(hop2).toMatchObject({ translatedIp: '203.0.113.10', translatedPort: publicPort })
  })
})
