import { describe, expect, it } from 'vitest'
import type { SourceCoverage } from '@/lib/model/coverage'
import type { UnverifiedReason } from '@/lib/model/egress'
import { NAT_PATH } from './__fixtures__/scene'
import { type WouldVerifyInput, wouldVerify } from './would-verify'

const REASONS: readonly UnverifiedReason[] = [
  'no_nat_evidence',
  'partial_hop',
  'unmapped_nat_address',
  'join_too_weak',
  'intent_only',
  'sampled_only',
  'stale_probe',
  'conflicting',
  'provider_unknown',
  'rule_ambiguous',
  'provider_refused',
  'partial_coverage',
]
const alive = (hop: string): SourceCoverage => ({
  source: 'nat',
  cluster: 'prod-eu',
  hop,
  acceptedInWindow: 1,
  duplicatesInWindow: 0,
  rejectedInWindow: 0,
  rejects: [],
  gapsInWindow: 0,
  isSilent: false,
  lostInWindow: 0,
})
const input = (reason: UnverifiedReason, parts: Partial<WouldVerifyInput> = {}): WouldVerifyInput => ({
  door: { state: 'unverified', reason, observedIps: [] },
  cluster: 'prod-eu',
  paths: [NAT_PATH],
  coverage: [],
  baseUrl: 'https://postern.example.com',
  ...parts,
})

describe('what would verify a door', () => {
  it.each(REASONS)('%s has an answer', (reason) => {
    expect(wouldVerify(input(reason)).join(' ').length).toBeGreaterThan(40)
  })
  it('no evidence: every silent hop of the path, with its command, and a probe meanwhile', () => {
    const steps = wouldVerify(input('no_nat_evidence'))
    expect(steps).toHaveLength(3)
    expect(steps[2]).toMatch(/probe .* proves nothing/)
    expect(steps[1]).toContain('hop aws-natgw, the last one')
    expect(steps[1]).toContain('https://postern.example.com/api/ingest/nat/conntrack?hop=aws-natgw')
    expect(steps[1]).toContain('conntrack -E -e NEW,DESTROY -o extended,timestamp,id')
  })
  it('a partial hop asks only for the hop that is silent', () => {
    const steps = wouldVerify(input('partial_hop', { coverage: [alive('node-masquerade')] }))
    expect(steps).toHaveLength(1)
    expect(steps[0]).toContain('hop=aws-natgw')
  })
  it('where every hop sends, it says to look at the path', () => {
    const steps = wouldVerify(input('partial_hop', { coverage: [alive('node-masquerade'), alive('aws-natgw')] }))
    expect(steps[0]).toContain('Every hop of path aws-nat sends')
  })
  it('without a path the last NAT must be declared first', () => {
    expect(wouldVerify(input('no_nat_evidence', { paths: [] }))[0]).toContain('Declare which hop is the last NAT')
    const elsewhere = [{ ...NAT_PATH, clusters: ['staging'] }]
    expect(wouldVerify(input('no_nat_evidence', { paths: elsewhere }))[0]).toContain('Declare which hop')
  })
  it('a refusal brings the provider’s own instructions', () => {
    expect(wouldVerify(input('provider_refused', { providerId: 'openai' }))[0]).toContain(
      'Settings > Security > IP allowlist',
    )
  })
  it('a judged door needs nothing, a rule-less one a rule', () => {
    expect(wouldVerify({ ...input('no_nat_evidence'), door: { state: 'sanctioned', observedIps: [] } })).toEqual([])
    expect(wouldVerify({ ...input('no_nat_evidence'), door: { state: 'violation', observedIps: [] } })).toEqual([])
    expect(wouldVerify({ ...input('no_nat_evidence'), door: { state: 'no_rule', observedIps: [] } })[0]).toContain(
      'POSTERN_SANCTIONED_EGRESS',
    )
  })
})
