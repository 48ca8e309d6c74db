import { expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import { chipWords } from './chip-words'

it.each([
  [chipOf('source', 'namespace', 'agents'), 'source namespace is agents'],
  [{ ...chipOf('destination', 'namespace', 'a', true), values: ['a', 'b'] }, 'destination namespace is not a or b'],
  [chipOf('either', 'text', 'plan'), 'name has plan'],
  [chipOf('either', 'verdict', 'denied_no_rule'), 'verdict is Denied (no rule matched)'],
  [chipOf('either', 'door', 'no_rule', true), 'door is not no rule'],
])('a chip is said in words, whatever its side, values and sign', (chip, words) => {
  expect(chipWords(chip)).toBe(words)
})

it('both ways there are two ends, not a source and a destination', () => {
  expect(chipWords(chipOf('source', 'namespace', 'agents'), true)).toBe('end A namespace is agents')
  expect(chipWords(chipOf('destination', 'port', '53'), true)).toBe('end B port is 53')
})
