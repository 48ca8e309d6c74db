import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, it } from 'vitest'
import type { NatRecord } from '@/lib/model/nat-record'
import { createCorednsDecoder } from '../dns/coredns'
import { createAwsVpcDecoder } from '../nat/aws-vpc'
import { createConntrackDecoder } from '../nat/conntrack'
import { mutateText, pick, seededRandom } from './mutate'
import { CONNTRACK_SEEDS, COREDNS_SEEDS, LINE_SEEDS } from './seeds'

const ROUNDS = 10_000

function decodeConntrack(...lines: readonly string[]) {
  const decoder = createConntrackDecoder()
  for (const [index, line] of lines.entries()) decoder.pushLine(line, index + 1)
  return decoder.finish()
}
function decodeAws(...lines: readonly string[]) {
  const decoder = createAwsVpcDecoder()
  for (const [index, line] of lines.entries()) decoder.pushLine(line, index + 1)
  return decoder.finish()
}
function decodeCoredns(line: string) {
  const decoder = createCorednsDecoder()
  decoder.pushLine(line, 1)
  return decoder.finish()
}

/** Slow and obvious: an address in canonical form. */
function canonical(text: string | undefined): string | undefined {
  const isOne =
    text !== undefined && (ipaddr.IPv4.isValidFourPartDecimal(text) || /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text))
  return isOne && ipaddr.isValid(text) ? ipaddr.process(text).toString() : undefined
}
const isPort = (text: string | undefined): boolean => /^\d{1,5}$/.test(text ?? '') && Number(text) <= 65_535
const rangeOf = (address: string): string => ipaddr.process(address).range()

/** Addresses and ports that a text contains, as it writes them. */
function told(text: string): { readonly addresses: ReadonlySet<string>; readonly numbers: ReadonlySet<number> } {
  const words = text.split(/[^0-9a-fA-F:.]+/)
  // In `10.0.0.1:53`, `[fd00::1]:53` and `"ip":…` the address stands beside punctuation of the line.
  const parts = words.flatMap((word) => [
    word,
    word.replace(/:\d+$/, ''),
    word.replace(/^[a-f:.]*:(?=\d)/i, ''),
    word.replace(/^:|:$/g, ''),
  ])
  return {
    addresses: new Set(parts.flatMap((part) => canonical(part) ?? [])),
    numbers: new Set((text.match(/\d+/g) ?? []).map(Number)),
  }
}

function expectTold(record: NatRecord, text: string, why: string): void {
  const { addresses, numbers } = told(text)
  for (const ip of [record.originalIp, record.destinationIp, record.translatedIp, record.replySourceIp])
    if (ip !== undefined && !addresses.has(ip)) throw new Error(`${why}: ${ip} is not in the line`)
  for (const port of [record.originalPort, record.destinationPort, record.translatedPort, record.replySourcePort])
    if (port !== undefined && !numbers.has(port)) throw new Error(`${why}: port ${port} is not in the line`)
}

interface Connection {
  readonly protocol: string
  readonly event: 'NEW' | 'DESTROY'
  readonly client: readonly [string, number]
  readonly server: readonly [string, number]
  readonly answerer: readonly [string, number]
  readonly translated: readonly [string, number]
  readonly seconds: number
  readonly micros: number
  readonly id: number
}

const NUMBERS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132, dccp: 33 }
const unicast = (address: string) => !['multicast', 'broadcast', 'loopback', 'unspecified'].includes(rangeOf(address))
const anyConnection = (): fc.Arbitrary<Connection> => {
  const port = fc.integer({ min: 0, max: 65_535 })
  const of = (ip: fc.Arbitrary<string>) => {
    const end = fc.tuple(ip.filter(unicast), port)
    return fc.record({
      protocol: fc.constantFrom(...Object.keys(NUMBERS)),
      event: fc.constantFrom('NEW' as const, 'DESTROY' as const),
      client: end,
      server: end,
      answerer: end,
      translated: end,
      seconds: fc.integer({ min: 1_600_000_000, max: 1_900_000_000 }),
      micros: fc.integer({ min: 0, max: 999_999 }),
      id: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    })
  }
  return fc.oneof(of(fc.ipV4()), of(fc.ipV6()))
}

const asText = ({ protocol, event, client, server, answerer, translated, seconds, micros, id }: Connection): string => {
  const family = client[0].includes(':') ? 'ipv6     10' : 'ipv4     2'
  const there = `src=${client[0]} dst=${server[0]} sport=${client[1]} dport=${server[1]}`
  const back = `src=${answerer[0]} dst=${translated[0]} sport=${answerer[1]} dport=${translated[1]}`
  const state = event === 'NEW' ? ' 120 SYN_SENT' : ''
  const head = `[${seconds}.${String(micros).padStart(6, '0')}]\t[${event}] ${family} ${protocol}      ${NUMBERS[protocol]}`
  return `${head}${state} ${there} [UNREPLIED] ${back} id=${id}`
}
const asXml = ({ protocol, event, client, server, answerer, translated, seconds, micros, id }: Connection): string => {
  const meta = (name: string, from: Connection['client'], to: Connection['client']) =>
    `<meta direction="${name}"><layer3 protonum="2"><src>${from[0]}</src><dst>${to[0]}</dst></layer3><layer4 protonum="${NUMBERS[protocol]}" protoname="${protocol}"><sport>${from[1]}</sport><dport>${to[1]}</dport></layer4></meta>`
  const stamp = `${seconds}${String(micros).padStart(6, '0')}000`
  const times = event === 'NEW' ? `<start>${stamp}</start>` : `<start>${stamp}</start><stop>${stamp}</stop>`
  return `<flow type="${event.toLowerCase()}">${meta('original', client, server)}${meta('reply', answerer, translated)}<meta direction="independent"><timestamp>${times}</timestamp><id>${id}</id></meta></flow>`
}
const asUlogd = ({ protocol, event, client, server, answerer, translated, seconds, micros, id }: Connection): string =>
  JSON.stringify({
    'orig.ip.protocol': NUMBERS[protocol],
    src_ip: client[0],
    dest_ip: server[0],
    'orig.l4.sport': client[1],
    'orig.l4.dport': server[1],
    'reply.ip.saddr.str': answerer[0],
    'reply.ip.daddr.str': translated[0],
    'reply.l4.sport': answerer[1],
    'reply.l4.dport': translated[1],
    'ct.id': id,
    'ct.event': event === 'NEW' ? 1 : 4,
    'flow.start.sec': seconds,
    'flow.start.usec': micros,
    ...(event === 'DESTROY' && { 'flow.end.sec': seconds, 'flow.end.usec': micros }),
  })

describe('conntrack', () => {
  it.each([
    ['text', asText],
    ['XML', asXml],
    ['ulogd2 JSON', asUlogd],
  ])('what is written as %s is read back', (_name, render) => {
    fc.assert(
      fc.property(anyConnection(), (one) => {
        const { natRecords, rejects, ignored } = decodeConntrack(render(one))
        expect([rejects, ignored]).toEqual([[], {}])
        const [record] = natRecords
        expect(record).toMatchObject({
          protocol: one.protocol,
          originalIp: canonical(one.client[0]),
          originalPort: one.client[1],
          destinationIp: canonical(one.server[0]),
          destinationPort: one.server[1],
          translatedIp: canonical(one.translated[0]),
          translatedPort: one.translated[1],
          connectionId: String(one.id),
          atMs: one.seconds * 1000 + Math.floor(one.micros / 1000),
        })
        const isRedirected =
          canonical(one.answerer[0]) !== canonical(one.server[0]) || one.answerer[1] !== one.server[1]
        expect(record?.replySourceIp).toBe(isRedirected ? canonical(one.answerer[0]) : undefined)
      }),
      { numRuns: 1000 },
    )
  })

  /** Tuple and time of a line with a timestamp, by regular expressions alone; undefined where it is not to be accepted. */
  function reference(line: string): object | undefined {
    const head =
      /^\[(\d{9,11})\.(\d{1,6})\s*\]\s*\[(NEW|UPDATE|DESTROY)\]\s*(?:ipv[46]\s+\d+\s+)?(tcp|udp|sctp|dccp|udplite)\s+\d+\s/.exec(
        line,
      )
    if (!head || line.length > 4096) return undefined
    const directions: Record<string, string>[] = []
    for (const [, name = '', value = ''] of line
      .slice(head[0].length - 1)
      .matchAll(/(?<=\s)(src|dst|sport|dport)=(\S*)/g)) {
      if (name === 'src') directions.push({})
      const last = directions[directions.length - 1]
      if (last) last[name] = value
    }
    const [there, back] = directions
    if (directions.length !== 2 || !there || !back) return undefined
    const ips = [there.src, there.dst, back.src, back.dst].map(canonical)
    if (ips.includes(undefined) || ![there.sport, there.dport, back.sport, back.dport].every(isPort)) return undefined
    const [source = '', destination = '', , translated = ''] = ips
    if (['multicast', 'broadcast', 'loopback'].includes(rangeOf(destination)) || rangeOf(source) === 'loopback')
      return undefined
    return {
      protocol: head[4],
      originalIp: source,
      originalPort: Number(there.sport),
      destinationIp: destination,
      destinationPort: Number(there.dport),
      translatedIp: translated,
      translatedPort: Number(back.dport),
    }
  }

  it('a mutated line is read as a slow reader reads it', () => {
    const seeds = CONNTRACK_SEEDS.filter((line) => line.startsWith('[1'))
    const seed = 20_261_126
    const random = seededRandom(seed)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const line = mutateText(pick(random, seeds) ?? '', seeds, random)
        .replaceAll('\n', ' ')
        .trim()
      // Shippers' prefixes, wrappers and the other encodings have readers of their own; kernel times stand in for the stamp.
      if (!/^\[\d/.test(line) || /\[(?:start|stop)=/.test(line)) continue
      const [record] = decodeConntrack(line).natRecords
      const expected = reference(line)
      const why = `seed ${seed}, round ${round}: ${JSON.stringify(line)}`
      if (record === undefined) expect(expected, why).toBeUndefined()
      else expect(record, why).toMatchObject(expected ?? { accepted: false })
      if (record) accepted += 1
    }
    expect(accepted).toBeGreaterThan(ROUNDS / 20)
  })

  it('no address and no port comes out that the line does not hold, in any encoding', () => {
    const random = seededRandom(11)
    for (let round = 0; round < ROUNDS; round += 1) {
      const line = mutateText(pick(random, CONNTRACK_SEEDS) ?? '', CONNTRACK_SEEDS, random).replaceAll('\n', ' ')
      for (const record of decodeConntrack(line).natRecords) expectTold(record, line, `round ${round}: ${line}`)
    }
  })
})

describe('AWS VPC flow logs', () => {
  const [header = '', ...authored] = LINE_SEEDS['nat/aws-vpc'] ?? []
  const at = '43210 443 6 1790000000 1790000058 ACCEPT OK ingress -'
  const seeds = [
    ...authored,
    // No gateway: the interface is the client's own, or the server's.
    `5 eni-1 10.20.1.7 10.20.1.7 10.20.1.7 198.51.100.80 ${at}`,
    `5 eni-1 10.20.1.7 198.51.100.80 10.20.1.7 198.51.100.80 ${at}`,
    `5 eni-1 10.20.1.9 10.20.0.250 10.20.1.7 198.51.100.80 ${at}`,
  ]
  const names = header.split(' ').map((name) => name.replace(/[${}]/g, ''))

  /** A gateway's record, by the table of the decoder's own promise. */
  function reference(line: string): object | undefined {
    const values = line.trim().split(/\s+/)
    if (values.length !== names.length || line.length > 4096) return undefined
    const flow = Object.fromEntries(
      names.map((name, index) => [name, values[index] === '-' ? undefined : values[index]]),
    )
    const [client, server, gateway] = [flow['pkt-srcaddr'], flow['pkt-dstaddr'], flow.dstaddr].map(canonical)
    const isTime = [flow.start, flow.end].every((time) => /^\d{9,11}$/.test(time ?? ''))
    if (!client || !server || !gateway || !isTime) return undefined
    const inside = ['private', 'uniqueLocal', 'carrierGradeNat', 'linkLocal', 'loopback', 'unspecified']
    const sender = canonical(flow.srcaddr)
    if (
      flow.action === 'REJECT' ||
      flow['flow-direction'] === 'egress' ||
      ['NODATA', 'SKIPDATA'].includes(flow['log-status'] ?? '')
    )
      return undefined
    if (gateway === server || gateway === client || (sender && sender !== client) || inside.includes(rangeOf(server)))
      return undefined
    if (flow.protocol !== undefined && !['6', '17', '33', '132', '136'].includes(flow.protocol)) return undefined
    return { originalIp: client, destinationIp: server, translatedIp: gateway, atMs: Number(flow.start) * 1000 }
  }

  it('a mutated line is read as a slow reader reads it', () => {
    const seed = 20_261_127
    const random = seededRandom(seed)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const line = mutateText(pick(random, seeds) ?? '', seeds, random).replaceAll('\n', ' ')
      const [record] = decodeAws(header, line).natRecords
      const why = `seed ${seed}, round ${round}: ${JSON.stringify(line)}`
      if (record === undefined) expect(reference(line), why).toBeUndefined()
      else {
        expect(record, why).toMatchObject(reference(line) ?? { accepted: false })
        expectTold(record, line, why)
        accepted += 1
      }
    }
    expect(accepted).toBeGreaterThan(ROUNDS / 50)
  })
})

describe('CoreDNS', () => {
  const INSIDE = /\.(?:local|internal|localhost|arpa|invalid|onion)$/
  /** Client, type and name of a query that was answered. */
  const QUERY = /^\[INFO\] (\[[^\]\s]+\]|[^\s[\]]+):(\d{1,5}) - \d{1,5} "(A|AAAA) IN (\S+) \S+ \d+ \S+ \S+" NOERROR /

  it('what is written is read back', () => {
    const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?$/)
    const name = fc.tuple(fc.array(label, { minLength: 1, maxLength: 3 }), fc.constantFrom('com', 'example', 'ai'))
    const address = fc.oneof(fc.ipV4(), fc.ipV6())
    fc.assert(
      fc.property(name, address, fc.boolean(), fc.integer({ min: 0, max: 65_535 }), ([labels, top], ip, isV6, port) => {
        const host = [...labels, top].join('.')
        const client = ip.includes(':') ? `[${ip}]` : ip
        const line = `2026-11-24T12:00:00.123Z [INFO] ${client}:${port} - 5 "${isV6 ? 'AAAA' : 'A'} IN ${host}. udp 33 false 512" NOERROR qr,rd,ra 64 0.001s`
        const { dnsRecords } = decodeCoredns(line)
        expect(dnsRecords).toMatchObject([{ name: host, clientIp: canonical(ip), family: isV6 ? 6 : 4 }])
      }),
      { numRuns: 1000 },
    )
  })

  it('a mutated line names what it holds, and is read where a slow reader reads it', () => {
    const seeds = COREDNS_SEEDS.filter((line) => !line.startsWith('{'))
    const seed = 20_261_128
    const random = seededRandom(seed)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const line = mutateText(pick(random, seeds) ?? '', seeds, random)
        .replaceAll('\n', ' ')
        .trim()
      const why = `seed ${seed}, round ${round}: ${JSON.stringify(line)}`
      const at = line.indexOf('[INFO] ')
      const query = QUERY.exec(line.slice(Math.max(at, 0)))
      const [, client = '', port, type, name = ''] = query ?? []
      const [record] = decodeCoredns(line).dnsRecords
      if (record?.kind === 'question') {
        accepted += 1
        expect(query, why).not.toBeNull()
        expect(record.clientIp, why).toBe(canonical(client.replace(/^\[|\]$/g, '')))
        expect(record.family, why).toBe(type === 'A' ? 4 : 6)
        expect(name.toLowerCase().startsWith(record.name), why).toBe(true)
        continue
      }
      const isRead =
        query &&
        /^2026-11-24T12:00:00\.123(?:456789)?Z (?:stdout F )?$/.test(line.slice(0, at)) &&
        canonical(client.replace(/^\[|\]$/g, '')) !== undefined &&
        isPort(port) &&
        /^[a-z0-9-]+(?:\.[a-z0-9-]+)+\.$/i.test(name) &&
        name.length < 250 &&
        line.length < 4096 &&
        !INSIDE.test(name.toLowerCase().replace(/\.$/, ''))
      if (isRead) throw new Error(`${why}: a question was lost`)
    }
    expect(accepted).toBeGreaterThan(ROUNDS / 50)
  })
})
