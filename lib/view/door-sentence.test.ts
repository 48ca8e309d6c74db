import { expect, it } from 'vitest'
import type { DoorSummary } from '@/lib/model/egress'
import { doorSentences } from './door-sentence'

const door = (expected: string): DoorSummary => ({
  state: 'violation',
  lean: 'none',
  counts: { violation: 1, sanctioned: 0, unverified: 0, blocked: 0, broken: 0, not_applicable: 0, no_rule: 0 },
  observedIps: ['203.0.113.66'],
  expected: [expected],
})
const head = (expected: string) => doorSentences(door(expected))[0]

it('names an expected address as such, and a range of addresses with its length', () => {
  expect(head('nat-a (203.0.113.10/32)')).toBe(
    '1 connection left by 203.0.113.66, not by nat-a (203.0.113.10): proven.',
  )
  expect(head('nat-a (203.0.113.0/24)')).toContain('nat-a (203.0.113.0/24)')
  expect(head('nat-b (2001:db8::7/128)')).toContain('nat-b (2001:db8::7)')
})
