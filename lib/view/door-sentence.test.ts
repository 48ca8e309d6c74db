import { expect, it } from 'vitest'
import { makeDoor } from '@/lib/graph/__fixtures__/graphs'
import { doorSentences } from './door-sentence'

it('names an expected address as such, and a range of addresses with its length', () => {
  const of = (expected: string) =>
    doorSentences(makeDoor('violation', { expected: [expected], observedIps: ['203.0.113.66'] }))[0]
  expect(of('nat-a (203.0.113.10/32)')).toBe('1 connection left by 203.0.113.66, not by nat-a (203.0.113.10): proven.')
  expect(of('nat-a (203.0.113.0/24)')).toContain('nat-a (203.0.113.0/24)')
  expect(of('nat-b (2001:db8::7/128)')).toContain('nat-b (2001:db8::7)')
})
