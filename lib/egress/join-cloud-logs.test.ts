import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configOf, connectionOf, NAT_PATH, T0 } from './__fixtures__/scene'
import { NODE, natRecord } from './__fixtures__/two-hop'
import { joinNatRecords } from './join-nat-records'
import { judgeConnection } from './judge'
import { isOnlyCandidate, type JoinFacts, MAX_CANDIDATES, type StoredNatRecord } from './nat-candidates'

const PATH = { ...NAT_PATH, publicByPrivate: { '10.0.0.220': '203.0.113.10', '10.0.0.221': '198.51.100.7' } }
const CONFIG = configOf({ paths: [PATH] })
const POD = '10.244.1.7'
const ALONE = { ownAddress: {}, onlyConnection: {} }

const join = (records: readonly StoredNatRecord[], facts: Partial<JoinFacts> = {}) =>
  joinNatRecords({ ...connectionOf(), ...facts }, records, [PATH])
const judge = (records: readonly StoredNatRecord[], facts: Partial<JoinFacts> = {}) =>
  judgeConnection(connectionOf(facts), join(records, facts), CONFIG)
const levels = (records: readonly StoredNatRecord[], facts: Partial<JoinFacts> = {}) =>
  join(records, facts).map(({ kind, join: level }) => `${kind} ${level}`)

/** A window of the gateway's interface: a minute around the connection unless told otherwise. */
const aws = (from: string, parts: Partial<StoredNatRecord> = {}): StoredNatRecord => {
  const [ip = '', port] = from.split(':')
  const { translatedPort: _port, ...record } = natRecord('aws-natgw', `${ip}:${port ?? '0'}`, '10.0.0.220:0', parts)
  return {
    ...record,
    source: 'aws-vpc',
    id: `aws ${from} ${parts.translatedIp} ${parts.atMs}`,
    recordKey: `aws ${from} ${parts.translatedIp} ${parts.atMs}`,
    originalPort: port === undefined ? undefined : Number(port),
    atMs: T0 - 20_000,
    endMs: T0 + 40_000,
    ...parts,
  }
}
const gcp = (from: string, to: string, parts: Partial<StoredNatRecord> = {}) => ({
  ...natRecord('aws-natgw', from, to, parts),
  source: 'gcp-nat' as const,
})

describe('a window of a gateway', () => {
  it('is the connection’s by its tuple, below J3 since it tells no translated port', () => {
    expect(levels([aws(`${POD}:41370`)])).toEqual(['aws-vpc-flow J2'])
    expect(judge([aws(`${POD}:41370`)])).toMatchObject({ state: 'sanctioned', observedIp: '203.0.113.10' })
  })
  it('follows a node’s translation by its port', () => {
    expect(levels([NODE, aws('10.0.1.5:59205')])).toEqual(['conntrack-node J3', 'aws-vpc-flow J2'])
    expect(levels([NODE, aws('10.0.1.5:59206')])).toEqual(['conntrack-node J3'])
  })
  it('only hints at who is behind a node without it, even where the pod is alone', () => {
    expect(levels([NODE, aws('10.0.1.5')], ALONE)).toEqual(['conntrack-node J3', 'aws-vpc-flow J1'])
  })
  it.each([
    ['the beginning', T0 - 2000, T0 + 1000, 2],
    ['what began 2 s before it', T0 + 2000, T0 + 60_000, 2],
    ['not what began earlier and is not known to live', T0 + 2001, T0 + 60_000, 1],
    ['not what began after it', T0 - 60_000, T0 - 2001, 1],
  ])('continues %s', (_name, atMs, endMs, hops) => {
    expect(join([NODE, aws('10.0.1.5:59205', { atMs, endMs })])).toHaveLength(hops)
  })
  it('continues what is known to have lived in it', () => {
    const window = aws('10.0.1.5:59205', { atMs: T0 + 30_000, endMs: T0 + 60_000 })
    const facts = { lastMs: T0 + 50_000 }
    expect(judge([{ ...NODE, endMs: T0 + 45_000 }, window], facts).state).toBe('sanctioned')
    expect(judge([NODE, window], facts).state).toBe('unverified')
  })
  it('agrees with the windows beside it, and contradicts those of another gateway', () => {
    const next = { atMs: T0 + 500, endMs: T0 + 60_000 }
    expect(judge([aws(`${POD}:41370`), aws(`${POD}:41370`, next)]).state).toBe('sanctioned')
    const other = aws(`${POD}:41370`, { ...next, translatedIp: '10.0.0.221' })
    expect(judge([aws(`${POD}:41370`), other])).toMatchObject({ state: 'unverified', reason: 'join_too_weak' })
  })
  it('proves nothing of an address that another pod had within it', () => {
    expect(levels([aws(`${POD}:41370`)], { isSharedAddress: true })).toEqual(['aws-vpc-flow J1'])
    expect(levels([gcp(`${POD}:41370`, '203.0.113.10:1')], { isSharedAddress: true })).toEqual(['gcp-cloud-nat J3'])
  })
})

describe('a record without a port', () => {
  it('is the connection’s where nobody else can be meant, and says that it rests on this', () => {
    expect(join([aws(POD)], ALONE)).toMatchObject([{ join: 'J2', onlyCandidate: true }])
    expect(join([aws(POD)])).toMatchObject([{ join: 'J1' }])
    expect(join([aws(`${POD}:41370`)])[0]?.onlyCandidate).toBeUndefined()
  })
  it.each([
    ['the address is not known to be its pod’s', { ownAddress: undefined }],
    ['another connection was open', { onlyConnection: undefined }],
    ['another pod had the address at its beginning', { ownAddress: { fromMs: T0 - 25_000 } }],
    ['another pod had the address at its end', { ownAddress: { toMs: T0 + 45_000 } }],
    ['another connection was open at its beginning', { onlyConnection: { fromMs: T0 - 19_000 } }],
    ['another connection began within it', { onlyConnection: { toMs: T0 + 39_000 } }],
  ])('only hints where %s', (_name, parts) => {
    const facts = { ...ALONE, ...parts }
    expect(isOnlyCandidate(aws(POD), { ...connectionOf(), ...facts })).toBe(false)
    expect(judge([aws(POD)], facts)).toMatchObject({ state: 'unverified', reason: 'join_too_weak', lean: 'likely_ok' })
  })
  it('of the server only hints, as does a sampled one', () => {
    const azure = { ...aws(POD), source: 'azure-natgw' as const, destinationPort: undefined, protocol: undefined }
    expect(levels([azure], ALONE)).toEqual(['azure-natgw-flow J1'])
    expect(levels([{ ...gcp(`${POD}:41370`, '203.0.113.10:1'), source: 'gcp-vpc' }], ALONE)).toEqual([
      'gcp-vpc-flow J1',
    ])
  })
})

describe('Cloud NAT', () => {
  it('is exact, behind a node or at once', () => {
    expect(levels([NODE, gcp('10.0.1.5:59205', '203.0.113.10:1024')])).toEqual([
      'conntrack-node J3',
      'gcp-cloud-nat J3',
    ])
    expect(levels([gcp(`${POD}:41370`, '198.51.100.7:1024')])).toEqual(['gcp-cloud-nat J3'])
    expect(judge([gcp(`${POD}:41370`, '198.51.100.7:1024')]).state).toBe('violation')
  })
})

describe('more records than are looked at', () => {
  it('prove nothing, for what is left out might contradict', () => {
    const strangers = Array.from({ length: MAX_CANDIDATES }, (_, n) =>
      natRecord('node-masquerade', `10.9.9.9:${n + 1}`, `10.0.1.5:${n}`),
    )
    const proof = gcp(`${POD}:41370`, '203.0.113.10:1024')
    expect(judge([proof, ...strangers.slice(1)]).state).toBe('sanctioned')
    expect(judge([proof, ...strangers])).toMatchObject({ state: 'unverified', reason: 'join_too_weak' })
  })
})

const anyRecord: fc.Arbitrary<StoredNatRecord> = fc
  .record({
    source: fc.constantFrom('conntrack', 'gcp-nat', 'aws-vpc', 'azure-natgw', 'gcp-vpc' as const),
    hop: fc.constantFrom('node-masquerade', 'aws-natgw', 'elsewhere'),
    from: fc.constantFrom(`${POD}:41370`, `${POD}:41371`, '10.0.1.5:59205', '203.0.113.10:1'),
    to: fc.constantFrom('10.0.1.5:59205', '203.0.113.10:1', '198.51.100.7:1', '10.0.0.220:1', '10.0.0.221:1'),
    offset: fc.constantFrom(-3000, 0, 500, 1500),
    lasts: fc.constantFrom(undefined, 800, 30_000),
    lacksPort: fc.boolean(),
    trusted: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    n: fc.nat(),
  })
  .map(({ source, hop, from, to, offset, lasts, lacksPort, trusted, n }) => {
    const record = natRecord(hop, from, to, { atMs: T0 + offset, trusted })
    const isPortless = source === 'azure-natgw' || (source === 'aws-vpc' && lacksPort)
    return {
      ...record,
      source,
      id: `${n}`,
      recordKey: `${n}`,
      ...(lasts !== undefined && { endMs: T0 + offset + lasts }),
      ...(isPortless && { originalPort: undefined }),
      ...((source === 'aws-vpc' || source === 'azure-natgw') && { translatedPort: undefined }),
      ...(source === 'azure-natgw' && { destinationPort: undefined, protocol: undefined }),
    }
  })
const anyFacts: fc.Arbitrary<Partial<JoinFacts>> = fc.record(
  {
    clientPort: fc.constantFrom(41370, undefined),
    ownAddress: fc.constantFrom({}, undefined),
    onlyConnection: fc.constantFrom({}, { toMs: T0 + 10_000 }, undefined),
    isSharedAddress: fc.boolean(),
  },
  { requiredKeys: ['clientPort'] },
)

describe('laws over records of every source', () => {
  it('taking records away turns a verdict into unverified at most, never into the other one', () => {
    const seen = { sanctioned: 0, violation: 0 }
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 6 }), anyFacts, (records, facts) => {
        const { state } = judge(records, facts)
        if (state !== 'sanctioned' && state !== 'violation') return
        seen[state] += 1
        for (let left = 0; left < 2 ** records.length; left += 1) {
          const fewer = records.filter((_, index) => (left & (1 << index)) !== 0)
          expect([state, 'unverified']).toContain(judge(fewer, facts).state)
        }
      }),
      { numRuns: 3000 },
    )
    expect(Math.min(seen.sanctioned, seen.violation)).toBeGreaterThan(20)
  })
  it('records of untrusted senders decide nothing, and take no verdict away', () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { maxLength: 5 }),
        fc.array(anyRecord, { maxLength: 3 }),
        anyFacts,
        (a, b, facts) => {
          const forged = b.map((record) => ({ ...record, trusted: false }))
          expect(judge(forged, facts).state).toBe('unverified')
          const records = a.map((record) => ({ ...record, trusted: true }))
          expect(judge([...records, ...forged], facts).state).toBe(judge(records, facts).state)
        },
      ),
      { numRuns: 1500 },
    )
  })
  it('the order of records does not matter', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 6 }), anyFacts, (records, facts) => {
        expect(judge([...records].reverse(), facts).state).toBe(judge(records, facts).state)
      }),
      { numRuns: 500 },
    )
  })
})
