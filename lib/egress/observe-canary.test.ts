import { describe, expect, it } from 'vitest'
import type { CanaryProbe } from '@/lib/model/canary'
import { MINUTE_MS } from '@/lib/model/units'
import { configOf, connectionOf, NAT_PATH, T0 } from './__fixtures__/scene'
import { judgeConnection } from './judge'
import { canaryObservations } from './observe-canary'

const CONNECTION = { cluster: 'prod-eu', firstMs: T0, lastMs: T0 + 1000, node: 'n1' }
const probe = (parts: Partial<CanaryProbe> = {}): CanaryProbe => ({
  node: 'n1',
  address: '203.0.113.10',
  basis: 'seen',
  atMs: T0 - MINUTE_MS,
  ...parts,
})
const observe = (...probes: CanaryProbe[]) => canaryObservations(CONNECTION, probes, [])
const ips = (...probes: CanaryProbe[]) => observe(...probes).map(({ ip }) => ip)

describe('probes of a namespace', () => {
  it('are samples of the way, joined to no flow, with their age when the connection began', () => {
    expect(observe(probe())).toEqual([
      { kind: 'canary', ip: '203.0.113.10', join: 'J0', ageSeconds: 60, trustedChannel: true, atMs: T0 - MINUTE_MS },
    ])
    expect(observe(probe({ atMs: T0 + 500 }))).toMatchObject([{ ageSeconds: 0 }])
  })
  it('that ran after the connection say nothing of it', () => {
    expect(observe(probe({ atMs: T0 + 6001 }))).toEqual([])
  })
  it('count by the newest of each node, and by the own node alone where there is one in time', () => {
    const other = probe({ node: 'n2', address: '198.51.100.7' })
    expect(ips(probe(), other)).toEqual(['203.0.113.10'])
    expect(ips(probe({ address: '203.0.113.11', atMs: T0 - 5 * MINUTE_MS }), probe())).toEqual(['203.0.113.10'])
    expect(ips(probe({ atMs: T0 - 16 * MINUTE_MS }), other)).toEqual(['198.51.100.7'])
    expect(ips(other, probe({ node: 'n3' }))).toEqual(['198.51.100.7', '203.0.113.10'])
  })
  it('that are all older than 15 minutes leave one that is stale', () => {
    const stale = observe(probe({ atMs: T0 - 15 * MINUTE_MS - 1 }), probe({ atMs: T0 - 60 * MINUTE_MS }))
    expect(stale).toMatchObject([{ ageSeconds: 901 }])
    expect(judgeConnection(connectionOf(), stale, configOf())).toMatchObject({ reason: 'stale_probe', lean: 'none' })
  })
  it('that saw a private address show nothing, unless a path says what stands for it', () => {
    expect(observe(probe({ address: '10.0.0.220' }))).toEqual([])
    const paths = [{ ...NAT_PATH, publicByPrivate: { '10.0.0.220': '203.0.113.10' } }]
    const mapped = canaryObservations(CONNECTION, [probe({ address: '10.0.0.220' })], paths)
    expect(judgeConnection(connectionOf(), mapped, configOf({ paths }))).toMatchObject({
      state: 'unverified',
      reason: 'sampled_only',
      lean: 'likely_ok',
    })
  })
  it('whose address is their own word may accuse, and never acquit', () => {
    const lean = (address: string) =>
      judgeConnection(connectionOf(), observe(probe({ basis: 'told', address })), configOf()).lean
    expect(lean('198.51.100.7')).toBe('likely_violation')
    expect(lean('203.0.113.10')).toBe('none')
  })
  it('are the same in any order, and at most eight', () => {
    const many = Array.from({ length: 40 }, (_, at) => probe({ node: `m${at}`, atMs: T0 - at * 1000 }))
    expect(observe(...many)).toHaveLength(8)
    expect(observe(...[...many].reverse())).toEqual(observe(...many))
  })
})
