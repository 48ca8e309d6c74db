import { describe, expect, it } from 'vitest'
import type { EgressObservation, EgressPath, EgressPoint } from '@/lib/model/egress'
import { configOf, connectionOf, NAT_PATH, RULE, T0 } from './__fixtures__/scene'
import { judgeConnection } from './judge'
import { publicAddressBy, solePublicAddress } from './point-maps'

const point = (parts: Partial<EgressPoint> = {}): EgressPoint => ({
  name: 'nat-a',
  kind: 'nat-gateway',
  publicCidrs: ['203.0.113.10/32'],
  privateCidrs: ['10.0.0.220/32'],
  origin: 'ui',
  ...parts,
})
const mapped: EgressPath = { ...NAT_PATH, publicByPrivate: { '10.0.0.220': '203.0.113.10' } }
const publicOf = (points: readonly EgressPoint[], paths: readonly EgressPath[] = [NAT_PATH], ip = '10.0.0.220') =>
  publicAddressBy(ip, 'aws-natgw', paths, points)

describe('what a private address of an egress point stands for', () => {
  it('is its one public address', () => {
    expect(publicOf([point()])).toBe('203.0.113.10')
    expect(publicOf([point({ privateCidrs: ['10.0.0.0/24'] })])).toBe('203.0.113.10')
    expect(publicOf([point()], [NAT_PATH], '10.0.0.221')).toBeUndefined()
  })

  it('is not known where the point has several, or a network', () => {
    expect(publicOf([point({ publicCidrs: ['203.0.113.10/32', '203.0.113.11/32'] })])).toBeUndefined()
    expect(publicOf([point({ publicCidrs: ['203.0.113.0/28'] })])).toBeUndefined()
  })

  it('is not known where two points say different ones, or one of two cannot say', () => {
    expect(publicOf([point(), point({ name: 'nat-b', publicCidrs: ['203.0.113.11/32'] })])).toBeUndefined()
    expect(publicOf([point(), point({ name: 'nat-b', publicCidrs: ['203.0.113.0/28'] })])).toBeUndefined()
    expect(publicOf([point(), point({ name: 'nat-b' })])).toBe('203.0.113.10')
  })

  it('is what a path says, unless a point that has the address contradicts it', () => {
    expect(publicOf([], [mapped])).toBe('203.0.113.10')
    expect(publicOf([point({ publicCidrs: ['203.0.113.0/28'] })], [mapped])).toBe('203.0.113.10')
    expect(publicOf([point({ publicCidrs: ['203.0.113.11/32'] })], [mapped])).toBeUndefined()
  })

  it('is not filled in where two paths disagree', () => {
    const other = { ...mapped, name: 'other', publicByPrivate: { '10.0.0.220': '203.0.113.99' } }
    expect(publicOf([point()], [mapped, other])).toBeUndefined()
  })

  it('a sole address is one of either family, in one spelling', () => {
    expect(solePublicAddress({ publicCidrs: ['2001:db8:0::1/128'] })).toBe('2001:db8::1')
    expect(solePublicAddress({ publicCidrs: [] })).toBeUndefined()
  })
})

describe('judgement by egress points', () => {
  const seen: EgressObservation = {
    kind: 'aws-vpc-flow',
    ip: '10.0.0.220',
    join: 'J3',
    hop: 'aws-natgw',
    hopFinal: true,
    trustedChannel: true,
    atMs: T0,
  }
  const rule = { ...RULE, sanctionedSources: [], egressPoints: ['nat-a'] }
  const judged = (points: readonly EgressPoint[], cluster = 'prod-eu') => {
    const { state, reason } = judgeConnection(connectionOf({ cluster }), [seen], configOf({ points, rules: [rule] }))
    return reason ? `${state} ${reason}` : state
  }

  it('a log of the private address proves what it stands for, and nothing where that is not certain', () => {
    expect(judged([point()])).toBe('sanctioned')
    expect(judged([point({ privateCidrs: [] })])).toBe('unverified unmapped_nat_address')
    expect(judged([point({ publicCidrs: ['203.0.113.10/32', '203.0.113.11/32'] })])).toBe(
      'unverified unmapped_nat_address',
    )
    const other = point({ name: 'elsewhere', publicCidrs: ['198.51.100.7/32'] })
    expect(judged([point({ privateCidrs: [] }), other])).toBe('violation')
  })

  it('a point of another cluster maps nothing here, and is no way out', () => {
    const eu = point({ clusters: ['prod-eu'] })
    expect(judged([eu])).toBe('sanctioned')
    expect(judged([eu], 'prod-us')).toBe('unverified rule_ambiguous')
  })
})
