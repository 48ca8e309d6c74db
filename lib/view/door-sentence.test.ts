import { describe, expect, it } from 'vitest'
import type { DoorSummary } from '@/lib/model/egress'
import { doorSentences } from './door-sentence'

const door = (changes: Partial<DoorSummary>): DoorSummary => ({
  state: 'violation',
  lean: 'none',
  counts: { sanctioned: 0, violation: 1, unverified: 0, no_rule: 0, blocked: 0, broken: 0, not_applicable: 0 },
  expected: ['nat-a (203.0.113.10/32)', 'nat-b (203.0.113.64/28, 2001:db8::7/128)'],
  observedIps: ['198.51.100.7'],
  ...changes,
})

describe('the sentence of a door', () => {
  it('names single addresses without their mask, networks with theirs, and one connection as one', () => {
    expect(doorSentences(door({}))[0]).toBe(
      '1 connection left by 198.51.100.7, not by nat-a (203.0.113.10), nat-b (203.0.113.64/28, 2001:db8::7): proven.',
    )
    const network = doorSentences(door({ expected: ['nat-a (203.0.113.0/24)', 'nat-c (2001:db8::/32)'] }))[0]
    expect(network).toContain('not by nat-a (203.0.113.0/24), nat-c (2001:db8::/32): ')
  })

  it('says of traffic without a rule by which address it left only where somebody saw it', () => {
    expect(doorSentences(door({ state: 'no_rule' }))).toEqual([
      'No egress rule covers this traffic; it was seen to leave by 198.51.100.7.',
    ])
    expect(doorSentences(door({ state: 'no_rule', observedIps: [] }))).toEqual([
      'No egress rule covers this traffic, and no NAT log says by which address it left.',
    ])
  })

  it('says what helps in general only where no steps for just these connections stand beside it', () => {
    const unverified = door({ state: 'unverified', reason: 'no_nat_evidence' })
    expect(doorSentences(unverified).at(-1)).toContain('Send the NAT gateway’s conntrack log')
    expect(doorSentences(unverified, true).join(' ')).not.toContain('conntrack')
  })
})
