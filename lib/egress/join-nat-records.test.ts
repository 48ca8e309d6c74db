import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EgressPath } from '@/lib/model/egress'
import { configOf, connectionOf, NAT_PATH, T0 } from './__fixtures__/scene'
import { GATEWAY, NODE, natRecord, OTHERS } from './__fixtures__/two-hop'
import { joinNatRecords } from './join-nat-records'
import { judgeConnection } from './judge'
import { type JoinFacts, natCandidateBounds, type StoredNatRecord, selectNatCandidates } from './nat-candidates'

const join = (
  records: readonly StoredNatRecord[],
  facts: Partial<JoinFacts> = {},
  paths: readonly EgressPath[] = [NAT_PATH],
) => joinNatRecords({ ...connectionOf(), ...facts }, records, paths)
const judge = (records: readonly StoredNatRecord[], facts: Partial<JoinFacts> = {}) =>
  judgeConnection(connectionOf(facts), join(records, facts), configOf())
const ALL = [NODE, GATEWAY, ...OTHERS]

describe('two hops', () => {
  it('are chained by the translated address and port', () => {
    expect(join(ALL)).toMatchObject([
      { kind: 'conntrack-node', ip: '10.0.1.5', port: 59205, join: 'J3', hop: 'node-masquerade', hopFinal: false },
      {
        kind: 'conntrack-gw',
        ip: '203.0.113.10',
        port: 62782,
        join: 'J3',
        hop: 'aws-natgw',
        hopFinal: true,
        trustedChannel: true,
        evidenceIds: [NODE.id, GATEWAY.id],
      },
    ])
    expect(judge(ALL)).toMatchObject({
      state: 'sanctioned',
      egressPoint: 'nat-a',
      confidence: 'observed at the final hop',
    })
  })
  it('each pod gets its own chain', () => {
    const other = { clientIp: '10.244.2.9', clientPort: 37300 }
    expect(judge(ALL, other)).toMatchObject({ state: 'violation', observedIp: '198.51.100.7' })
  })
  it('without the second hop nothing is proven', () => {
    expect(judge([NODE])).toMatchObject({ state: 'unverified', reason: 'partial_hop', lean: 'none' })
  })
  it('without the first hop nothing is proven', () => {
    expect(judge([GATEWAY])).toMatchObject({ state: 'unverified', reason: 'no_nat_evidence' })
  })
  it('the order of records does not matter', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ALL, { minLength: ALL.length }), (records) => {
        expect(join(records)).toEqual(join(ALL))
      }),
    )
  })
  it('no set of strangers’ records proves anything about this connection', () => {
    fc.assert(
      fc.property(fc.subarray([GATEWAY, ...OTHERS]), (records) => {
        expect(judge(records).state).toBe('unverified')
      }),
    )
  })
  it('a private address of the last hop counts through the map, else not', () => {
    const inside = [NODE, { ...GATEWAY, translatedIp: '10.0.0.220' }]
    expect(judge(inside)).toMatchObject({ state: 'unverified', reason: 'unmapped_nat_address' })
    const mapped = configOf({ paths: [{ ...NAT_PATH, publicByPrivate: { '10.0.0.220': '203.0.113.10' } }] })
    expect(judgeConnection(connectionOf(), join(inside), mapped)).toMatchObject({
      state: 'sanctioned',
      observedIp: '203.0.113.10',
    })
  })
})

describe('time', () => {
  it.each([
    ['2 s', 2000, 'sanctioned'],
    ['just over 2 s', 2001, 'unverified'],
    ['2 s before', -2000, 'sanctioned'],
  ])('the next hop begins within %s', (_, offset, state) => {
    expect(judge([NODE, { ...GATEWAY, atMs: T0 + offset }]).state).toBe(state)
  })
  it.each([
    [-5000, 1],
    [-5001, 0],
    [6000, 1],
    [6001, 0],
  ])('the first hop’s beginning %d ms from the connection’s gives %d links', (offset, links) => {
    expect(join([{ ...NODE, atMs: T0 + offset }])).toHaveLength(links)
  })
  it('a record whose life covers the connection is the connection’s', () => {
    expect(
      judge([
        { ...NODE, atMs: T0 - 3_600_000, endMs: T0 + 500 },
        { ...GATEWAY, atMs: T0 - 3_600_000, endMs: T0 + 500 },
      ]).state,
    ).toBe('sanctioned')
  })
  it('a port used again an hour later is another connection', () => {
    const reused = natRecord('node-masquerade', '10.244.1.7:41370', '10.0.1.5:1', { atMs: T0 + 3_600_000 })
    const outside = natRecord('aws-natgw', '10.0.1.5:1', '198.51.100.7:1', { atMs: T0 + 3_600_000 })
    expect(judge([...ALL, reused, outside]).state).toBe('sanctioned')
    const later = { firstMs: T0 + 3_600_000, lastMs: T0 + 3_601_000 }
    expect(judge([...ALL, reused, outside], later).state).toBe('violation')
  })
  it('an end before the beginning is ignored', () => {
    expect(join([{ ...NODE, endMs: T0 - 1 }])).toHaveLength(1)
  })
})

describe('ambiguity never convicts and never acquits', () => {
  const again = natRecord('node-masquerade', '10.244.1.7:41370', '10.0.1.5:11111', { atMs: T0 + 1500 })
  it('a port used again within the window gives J1 only', () => {
    const observations = join([NODE, GATEWAY, again])
    expect(observations.map(({ join: level }) => level)).toEqual(['J1', 'J1'])
    expect(judge([NODE, GATEWAY, again]).state).toBe('unverified')
  })
  it('two translations at the second hop give J1 there', () => {
    const twin = { ...GATEWAY, translatedIp: '198.51.100.7', recordKey: 'twin', id: 'twin' }
    expect(join([NODE, GATEWAY, twin]).map(({ join: level }) => level)).toEqual(['J3', 'J1', 'J1'])
    expect(judge([NODE, GATEWAY, twin])).toMatchObject({ state: 'unverified', reason: 'join_too_weak' })
  })
  it('two hops that both translate the same tuple contradict each other', () => {
    const elsewhere = natRecord('other-gw', '10.244.1.7:41370', '198.51.100.7:1')
    expect(judge([NODE, GATEWAY, elsewhere]).state).toBe('unverified')
    expect(judge([elsewhere, NODE, GATEWAY]).state).toBe('unverified')
  })
  it('beginning and end in two rows of one connection agree, and are no ambiguity', () => {
    const row = { ...NODE, id: 'second', recordKey: 'second', atMs: T0 - 900, endMs: T0 + 900 }
    expect(judge([NODE, row, GATEWAY]).state).toBe('sanctioned')
  })
  it('a loop of hops ends', () => {
    const loop = [natRecord('a', '10.244.1.7:41370', '10.0.0.2:2'), natRecord('b', '10.0.0.2:2', '10.244.1.7:41370')]
    expect(join(loop)).toHaveLength(2)
  })
})

describe('hops that translate nothing, or too much', () => {
  it('a hop that translated nothing counts as a hop', () => {
    const quiet = natRecord('node-masquerade', '10.244.1.7:41370', '10.244.1.7:41370')
    const gateway = natRecord('aws-natgw', '10.244.1.7:41370', '203.0.113.10:5')
    expect(join([quiet, gateway])).toMatchObject([{ ip: '10.244.1.7' }, { ip: '203.0.113.10', hopFinal: true }])
    expect(judge([quiet, gateway]).state).toBe('sanctioned')
    expect(judge([gateway]).state).toBe('sanctioned')
  })
  it('untranslated IPv6 at the final hop is the pod’s own public address', () => {
    const facts = { clientIp: '2001:db8::7', clientPort: 1, serverIp: '2001:db8:f::1' }
    const record = {
      ...natRecord('aws-natgw', 'x:1', 'x:1'),
      originalIp: facts.clientIp,
      translatedIp: facts.clientIp,
      destinationIp: facts.serverIp,
    }
    expect(judge([record], facts)).toMatchObject({ state: 'violation', observedIp: '2001:db8::7' })
  })
  it('a hop that sent the connection to somebody else proves nothing about the provider', () => {
    const proxied = [NODE, { ...GATEWAY, replySourceIp: '10.0.9.9', replySourcePort: 3128 }]
    expect(judge(proxied)).toMatchObject({ state: 'unverified', reason: 'partial_hop' })
  })
})

describe('channel and scope', () => {
  it('one untrusted link makes everything behind it untrusted', () => {
    expect(join([{ ...NODE, trusted: false }, GATEWAY]).map(({ trustedChannel }) => trustedChannel)).toEqual([
      false,
      false,
    ])
    expect(judge([{ ...NODE, trusted: false }, GATEWAY]).state).toBe('unverified')
  })
  it('addresses mean something only inside their cluster', () => {
    expect(join(ALL.map((record) => ({ ...record, cluster: 'staging' })))).toEqual([])
  })
  it.each(['clientIp', 'serverIp'] as const)('without %s nothing is joined', (field) => {
    expect(join(ALL, { [field]: undefined })).toEqual([])
  })
  it.each([
    ['protocol', { protocol: 'udp' }],
    ['server port', { serverPort: 8443 }],
    ['server', { serverIp: '203.0.113.201' }],
    ['client port', { clientPort: 41371 }],
  ])('another %s is another connection', (_, facts) => {
    expect(join(ALL, facts)).toEqual([])
  })
  it('a row that stands for several connections gets J1', () => {
    expect(join(ALL, { weight: 5 }).map(({ join: level }) => level)).toEqual(['J1'])
  })
})

describe('without the client’s port', () => {
  const unknown = { clientPort: undefined }
  const ALONE = { ownAddress: {}, onlyConnection: {} }
  it('one record and one candidate give J2', () => {
    expect(join(ALL, { ...unknown, ...ALONE }).map(({ join: level }) => level)).toEqual(['J2', 'J2'])
    expect(judge(ALL, { ...unknown, ...ALONE }).state).toBe('sanctioned')
  })
  it('not known to be the only candidate gives J1', () => {
    expect(join(ALL, unknown).map(({ join: level }) => level)).toEqual(['J1'])
    expect(judge(ALL, unknown).state).toBe('unverified')
  })
  it('two records of the pod give J1, even where both left rightly', () => {
    const second = natRecord('node-masquerade', '10.244.1.7:50000', '10.0.1.5:50000')
    expect(join([...ALL, second], { ...unknown, ...ALONE }).map(({ join: level }) => level)).toEqual(['J1', 'J1'])
  })
})

describe('which rows a store must load', () => {
  it('says the bounds', () => {
    expect(natCandidateBounds(connectionOf())).toEqual({
      cluster: 'prod-eu',
      protocol: 'tcp',
      clientIp: '10.244.1.7',
      clientPort: 41370,
      destinationIp: '203.0.113.200',
      destinationPort: 443,
      atFromMs: T0 - 86_400_000,
      atToMs: T0 + 1000 + 21_000,
      endFromMs: T0 - 21_000,
    })
    expect(natCandidateBounds(connectionOf({ serverIp: undefined }))).toBeUndefined()
  })
  it('rows outside them change nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), fc.boolean(), (offset, isNode) => {
        const record = {
          ...(isNode ? NODE : GATEWAY),
          atMs: T0 + offset,
          endMs: T0 + offset + 10,
          id: 'x',
          recordKey: 'x',
        }
        if (selectNatCandidates(connectionOf(), [record]).length === 0)
          expect(join([...ALL, record])).toEqual(join(ALL))
      }),
    )
  })
})

const CAPTURES = path.resolve(import.meta.dirname, '../../../shared/corpus/nat/linux-conntrack')
const LINE =
  /^\[([\d.]+)\]\s+\[(NEW|DESTROY)\].* tcp .*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+).*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/

/** A reader for this test only; the decoder has its own tests over the same captures. */
function capture(file: string, hop: string): StoredNatRecord[] {
  const text = readFileSync(path.join(CAPTURES, file), 'utf8')
  return text.split('\n').flatMap((line) => {
    const [, at, event, src, dst, sport, dport, , translatedIp, , translatedPort] = LINE.exec(line) ?? []
    if (event !== 'NEW') return []
    const parts = {
      atMs: Math.floor(Number(at) * 1000),
      destinationIp: dst ?? '',
      destinationPort: Number(dport),
      raw: line,
    }
    return [natRecord(hop, `${src}:${sport}`, `${translatedIp}:${translatedPort}`, parts)]
  })
}

describe.skipIf(!existsSync(CAPTURES))('captures of two real hops', () => {
  const records = existsSync(CAPTURES)
    ? [
        ...capture('two-hop.node1.conntrack-E.extended.txt', 'node-masquerade'),
        ...capture('two-hop.node2.conntrack-E.extended.txt', 'node-masquerade'),
        ...capture('two-hop.gw.conntrack-E.extended.txt', 'aws-natgw'),
      ]
    : []
  it.each([
    ['10.244.1.7', 41370, '10.0.1.5', 59205, 62782],
    ['10.244.1.7', 35882, '10.0.1.5', 43127, 24328],
    ['10.244.2.9', 37300, '10.0.1.6', 53714, 49314],
    ['10.244.2.9', 39520, '10.0.1.6', 1799, 51024],
  ])('%s:%d leaves by %s:%d and port %d', (clientIp, clientPort, nodeIp, nodePort, port) => {
    const atMs =
      records.find((record) => record.originalIp === clientIp && record.originalPort === clientPort)?.atMs ?? 0
    const facts = { clientIp, clientPort, firstMs: atMs, lastMs: atMs + 1 }
    expect(join(records, facts)).toMatchObject([
      { ip: nodeIp, port: nodePort },
      { ip: '203.0.113.10', port, hopFinal: true },
    ])
    expect(judge(records, facts).state).toBe('sanctioned')
  })
})
